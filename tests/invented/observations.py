"""The Observations of a person: results, blood pressure with its components, smoking as a code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from invented.measured import MASS, MEASURED, MOLES, Measured, Written, is_tested, value_of
from invented.person import DAYS, Person
from invented.sites import Site, head, kept, organization_of, subject
from invented.templates import HL7, LOINC, PROFILES, SNOMED, UCUM, Json, coded, status, template

WITHOUT_LIMITS = ("weight", "height", "T-score", "coronary calcium")
SHORT = ("eGFR", "25-OH vitamin D", "PTH", "INR", "T-score", "HbA1c", "LDL", "TSH")
PRINTED = {"mL/min/{1.73_m2}": "mL/min/1.73m2", "{INR}": "INR", "{T-score}": "T-score", "{Agatston'U}": "Agatston U",
           "m[IU]/L": "mIU/L"}  # fmt: skip
SMOKING = (
    ("266919005", "Never smoked tobacco"), ("8517006", "Ex-smoker"), ("77176002", "Smoker"),
    ("266919005", "Never smoked tobacco"),
)  # fmt: skip

SAID = (0, 0, 0, 0, 0, 0, 0, 1, 1, 2)
"""Of ten results, which are sent with an interpretation (1), and with the limits of the laboratory too (2)."""


def observations(person: Person) -> Iterator[tuple[str, str]]:
    """The type and the line of each Observation of the person."""
    random, written = person.random, MOLES if person.site.moles else MASS
    drawn = person.days_ago(150 if person.on_calcium else 240)
    for test in MEASURED:
        if not is_tested(person, test):
            continue
        at = written[test.name]
        agos = [drawn if random() < 0.7 else person.days_ago(300)]
        if random() < 0.12:
            agos.append(agos[0] + 60 + person.days_ago(200))
        for ago in agos:
            value = value_of(person, test)
            more = person.fresh(min(ago, len(DAYS) - 1))
            more["value"] = written_value = f"{value * at.factor:.{at.digits}f}"
            more["flag"] = flag_of(float(written_value), test, at)
            yield "Observation", _result(test.name, person.site, SAID[int(10 * random())]) % more
    if random() < 0.75:
        yield "Observation", _pressure(person.site) % _pressures(person)
    if random() < 0.2:
        yield "Observation", _smoking(person.site, int(4 * random())) % person.fresh(drawn)


def flag_of(value: float, test: Measured, at: Written) -> str:
    """``L``, ``H`` or ``N`` of a value as it is written, by the limits as they are written."""
    low, high = (round(limit * at.factor, at.digits) for limit in (test.low, test.high))
    return "L" if value < low else "H" if value > high else "N"


def _pressures(person: Person) -> dict[str, str]:
    more = person.fresh(person.days_ago(150))
    upper = person.chance.gauss(136 if "hypertension" in person.has else 124, 12)
    more["systolic"], more["diastolic"] = f"{upper:.0f}", f"{0.5 * upper + person.chance.gauss(14, 5):.0f}"
    return more


def _skeleton(site: Site, kind: str, profile: str, code: Json) -> Json:
    """What the Observations of a site have in common."""
    return head(site, "Observation", f"{PROFILES}/{profile}") | kept(site, {
        "status": "final", "category": [status(f"{HL7}/observation-category", kind)], "code": code,
        "subject": subject(site), "encounter": {"reference": "Encounter/«encounter»"},
        "effectiveDateTime": "«day»T«time»«zone»", "issued": "«day»T«time».000«zone»",
        "performer": [{"reference": f"Organization/{organization_of(site)}"}],
    })  # fmt: skip


@lru_cache(maxsize=512)
def _result(name: str, site: Site, said: int) -> str:
    """The line of a result, with the interpretation (from 1), and with the limits of the laboratory (from 2)."""
    at = (MOLES if site.moles else MASS)[name]
    vital = name in ("weight", "height")
    kind, profile = ("vital-signs", f"us-core-body-{name}") if vital else ("laboratory", "us-core-observation-lab")
    system = SNOMED if name == "coronary calcium" else LOINC
    code = coded(system, at.code, at.display) | {"text": name if name in SHORT else name.capitalize()}
    skeleton = _skeleton(site, kind, profile, code) | {"valueQuantity": _quantity(at.unit, "«#value»")}
    if said and name not in WITHOUT_LIMITS:
        skeleton["interpretation"] = [status(f"{HL7}/v3-ObservationInterpretation", "«flag»")]
    if said > 1 and name not in WITHOUT_LIMITS:
        skeleton["referenceRange"] = [_limits(name, at)]
    return template(skeleton)


def _quantity(unit: str, value: object) -> Json:
    return {"value": value, "unit": PRINTED.get(unit, unit), "system": UCUM, "code": unit}


def _limits(name: str, at: Written) -> Json:
    test = next(test for test in MEASURED if test.name == name)
    ends = {"low": test.low, "high": test.high}.items()
    return {end: _quantity(at.unit, round(value * at.factor, at.digits)) for end, value in ends if 0 < value < 999}


@lru_cache(maxsize=16)
def _pressure(site: Site) -> str:
    def part(code: str, display: str, hole: str) -> Json:
        value = {"value": f"«#{hole}»", "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}
        return {"code": {"coding": [{"system": LOINC, "code": code}], "text": display}, "valueQuantity": value}

    code = coded(LOINC, "85354-9", "Blood pressure panel with all children optional")
    skeleton = _skeleton(site, "vital-signs", "us-core-blood-pressure", code)
    upper = part("8480-6", "Systolic blood pressure", "systolic")
    return template(skeleton | {"component": [upper, part("8462-4", "Diastolic blood pressure", "diastolic")]})


@lru_cache(maxsize=32)
def _smoking(site: Site, answer: int) -> str:
    code = coded(LOINC, "72166-2", "Tobacco smoking status")
    skeleton = _skeleton(site, "social-history", "us-core-smokingstatus", code)
    return template(skeleton | {"valueCodeableConcept": coded(SNOMED, *SMOKING[answer])})
