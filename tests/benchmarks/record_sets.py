"""The sets of records that ``speed.py`` measures: invented ones, those of the checkout, and those beside it.

The invented ones are the same in every run. Each is JSON text, with the day of its evaluation.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from thirty import thirty_resources

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
DAY = date(2026, 1, 15)
DAY_OF_SAMPLES = date(2026, 11, 22)
INVENTED = 45
SYSTEMS = {
    "LOINC": "http://loinc.org",
    "SNOMED": "http://snomed.info/sct",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
}
UCUM = "http://unitsofmeasure.org"
RESULTS = {  # code: unit, lowest and highest value
    "LOINC 17861-6": ("mg/dL", 7.8, 11.2),
    "LOINC 1751-7": ("g/dL", 2.8, 5.0),
    "LOINC 2160-0": ("mg/dL", 0.5, 2.4),
    "LOINC 98980-6": ("mL/min/{1.73_m2}", 20, 110),
    "LOINC 62292-8": ("ng/mL", 8, 90),
    "LOINC 2731-8": ("pg/mL", 8, 130),
    "LOINC 2777-1": ("mg/dL", 1.8, 5.6),
    "LOINC 19123-9": ("mg/dL", 1.2, 3.0),
    "LOINC 6301-6": ("{INR}", 0.9, 3.9),
    "LOINC 6874-2": ("mg/(24.h)", 80, 420),
    "LOINC 1995-0": ("mmol/L", 1.0, 1.4),
    "SNOMED 450360000": ("1", 0, 900),
    "LOINC 38263-0": ("{T-score}", -3.6, 0.5),
    "LOINC 9046-4": ("mg/d", 200, 1600),
    "LOINC 8480-6": ("mm[Hg]", 105, 160),
    "LOINC 718-7": ("g/dL", 10.5, 15.5),
    "LOINC 2951-2": ("mmol/L", 133, 146),
}
DIET = "LOINC 9046-4"
PRODUCTS = ("RxNorm 282465", "RxNorm 198538", "RxNorm 308889", "RxNorm 1244925", "RxNorm 359296")
MEDICINES = (
    "RxNorm 11289", "RxNorm 5487", "RxNorm 4603", "RxNorm 3407", "RxNorm 10582", "RxNorm 2551", "RxNorm 46041",
    "RxNorm 993449", "RxNorm 7646", "RxNorm 83367", "RxNorm 90176", "RxNorm 308182", "RxNorm 860975",
)  # fmt: skip
CONDITIONS = (
    "SNOMED 64859006", "SNOMED 445512009", "SNOMED 709044004", "SNOMED 95570007", "SNOMED 44054006", "SNOMED 77176002",
    "SNOMED 53741008", "SNOMED 21719001",
)  # fmt: skip


class Case(NamedTuple):
    """A record as JSON text, and the day as of which it is evaluated."""

    raw: bytes
    day: date


class Absent(Exception):  # noqa: N818
    """A set of records that is not there, and why."""


def concept(code: str) -> Json:
    """A CodeableConcept of ``LOINC 17861-6``."""
    system, _, value = code.partition(" ")
    return {"coding": [{"system": SYSTEMS[system], "code": value}]}


def resource(kind: str, **parts: Any) -> Json:
    """A resource about the patient."""
    return {"resourceType": kind, "subject": {"reference": "Patient/p"}, **parts}


def day_before(chance: random.Random, most: int) -> str:
    """A day before that of the evaluation."""
    return (DAY - timedelta(days=chance.randint(1, most))).isoformat()


def result(chance: random.Random, code: str) -> Json:
    """A final result."""
    unit, low, high = RESULTS[code]
    value = {"value": round(chance.uniform(low, high), 1), "unit": unit, "system": UCUM, "code": unit}
    day = day_before(chance, 120)
    return resource("Observation", status="final", code=concept(code), effectiveDateTime=day, valueQuantity=value)


def statement(chance: random.Random, code: str) -> Json:
    """A medicine that is taken, in a stated dose."""
    amount = {"value": chance.choice((1, 1, 2)), "unit": "{tablet}", "system": UCUM, "code": "{tablet}"}
    timing = {"repeat": {"frequency": chance.choice((1, 1, 2, 3)), "period": 1, "periodUnit": "d"}}
    period = {"start": day_before(chance, 900)}
    dosage = [{"timing": timing, "doseAndRate": [{"doseQuantity": amount}]}]
    taken = {"status": "active", "medicationCodeableConcept": concept(code), "effectivePeriod": period}
    return resource("MedicationStatement", **taken, dosage=dosage)


def condition(code: str) -> Json:
    """A confirmed diagnosis."""
    status, verified = ({"coding": [{"code": word}]} for word in ("active", "confirmed"))
    return resource("Condition", clinicalStatus=status, verificationStatus=verified, code=concept(code))


def invented(chance: random.Random, codes: list[str]) -> list[Json]:
    """The resources of a patient with these results, 2 to 6 medicines and up to 3 diagnoses."""
    birth = date(chance.randint(1936, 1972), chance.randint(1, 12), 1).isoformat()
    who = {"resourceType": "Patient", "id": "p", "birthDate": birth, "gender": chance.choice(("female", "male"))}
    taken = [chance.choice(PRODUCTS), *chance.sample(MEDICINES, chance.randint(1, 5))]
    found = [*(result(chance, code) for code in codes), *(statement(chance, code) for code in taken)]
    return [who, *found, *map(condition, chance.sample(CONDITIONS, chance.randint(0, 3)))]


def case(resources: list[Json]) -> Case:
    """A bundle of resources, each with an id."""
    entries = [{"resource": {"id": f"n{number}", **item}} for number, item in enumerate(resources)]
    return Case(orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), DAY)


def dense() -> Iterator[Case]:
    """Small dense records: 5 to 12 results, 2 to 6 medicines."""
    for seed in range(INVENTED):
        chance = random.Random(seed)
        yield case(invented(chance, chance.sample(sorted(RESULTS), chance.randint(5, 12))))


def complete() -> Iterator[Case]:
    """The records of ``with_gaps`` before dose and diet were lost."""
    yield from (case(resources) for resources in _thirty_or_so())


def with_gaps() -> Iterator[Case]:
    """Records of about 30 resources in which the dose of the product and the diet are unknown: what-if questions."""
    for resources in _thirty_or_so():
        kept = [item for item in resources if item.get("code") != concept(DIET)]
        product = next(item for item in kept if item["resourceType"] == "MedicationStatement")
        kept[kept.index(product)] = {**product, "dosage": [{"text": "as directed"}]}
        yield case(kept)


def _thirty_or_so() -> Iterator[list[Json]]:
    for seed in range(INVENTED):
        chance = random.Random(1000 + seed)
        codes = [DIET, *chance.choices(sorted(RESULTS), k=22)]
        yield invented(chance, codes)


def benchmark_patient() -> Iterator[Case]:
    """The one patient with thirty resources, by whom version 0.1 was measured."""
    yield Case(thirty_resources(), DAY_OF_SAMPLES)


def samples() -> Iterator[Case]:
    """The sample patients of the checkout."""
    yield from (Case(path.read_bytes(), DAY_OF_SAMPLES) for path in sorted(ROOT.glob("fhir_samples/*/bundle.json")))


def labelled() -> Iterator[Case]:
    """The labelled patients of the tests."""
    for line in (ROOT / "tests" / "patients.jsonl").read_bytes().splitlines():
        person = orjson.loads(line)
        yield Case(orjson.dumps(person["bundle"]), date.fromisoformat(person["asOf"]))


def vignettes() -> Iterator[Case]:
    """The public vignettes of the clinical specification, turned into bundles by its own tool."""
    tool, clinical = _beside("tools/vignettes.py"), _beside("clinical")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, tool, clinical / "public_vignettes.json", folder]
        subprocess.run([*command, "--valuesets", clinical / "valuesets.json"], check=True, capture_output=True)
        expected = orjson.loads((Path(folder) / "expected.json").read_bytes())
        for name, item in sorted(expected.items()):
            yield Case((Path(folder) / f"{name}.json").read_bytes(), date.fromisoformat(item["as_of"]))


def synthea() -> Iterator[Case]:
    """Whole histories of 0.5 to 2 MB, mostly without a calcium product."""
    yield from (Case(path.read_bytes(), DAY_OF_SAMPLES) for path in sorted(_beside("data/synthea").glob("*.json")))


def _beside(name: str) -> Path:
    if not (SHARED / name).exists():
        raise Absent(f"../shared/{name} is not beside this checkout")
    return SHARED / name


SETS: dict[str, Callable[[], Iterator[Case]]] = {
    "dense, 5 to 12 results": dense,
    "30 resources, all known": complete,
    "the same, dose and diet unknown": with_gaps,
    "benchmark patient": benchmark_patient,
    "samples": samples,
    "labelled patients": labelled,
    "public vignettes": vignettes,
    "Synthea histories": synthea,
}
