"""How the cost of a record grows with its entries: the exponent between two sizes, for each kind of entry.

    python tests/benchmarks/scaling.py [--sizes 10000 100000] [WORD ...]

A kind is measured where its name holds one of the words; all are without one. Exponent 1: twice the entries take twice
the time. A time is the least processor time of several calls, from parsed JSON to the result as JSON data, with what
was used validated, and without the collection of cyclic garbage (``cds evaluate`` collects none while it reads).
"""

from __future__ import annotations

import argparse
import gc
import math
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from record_sets import CONDITIONS, PRODUCTS, SYSTEMS, UCUM, concept

from cds import RuleBook, evaluate, open_rulebook, read_record
from cds.intake.validation import report_invalid
from cds.result import result_of

Json = dict[str, Any]
DAY = date(2026, 1, 15)
PATIENT: Json = {"resourceType": "Patient", "id": "p", "birthDate": "1950-01-01", "gender": "female"}
SUBJECT: Json = {"reference": "Patient/p"}
REPEATS, PATIENCE, MOST = 3, 2.0, 1.1
"""At most so many calls of each size, no more after so many seconds; and the exponent that is still said to be fine."""


def day(number: int) -> str:
    """One of some thousands of days."""
    return date.fromordinal(DAY.toordinal() - 1 - number % 9000).isoformat()


def result(number: int, **more: Any) -> Json:
    """A calcium."""
    value = {"value": 8.6 + number % 15 / 10, "unit": "mg/dL", "system": UCUM, "code": "mg/dL"}
    return {
        "resourceType": "Observation", "id": f"o{number}", "status": "final", "code": concept("LOINC 17861-6"),
        "subject": SUBJECT, "effectiveDateTime": day(number), "valueQuantity": value, **more,
    }  # fmt: skip


def medicine(number: int, kind: str = "MedicationRequest", **more: Any) -> Json:
    """A calcium product in one of some doses."""
    timing = {"repeat": {"frequency": 1 + number % 3, "period": 1, "periodUnit": "d"}}
    rate = [{"doseQuantity": {"value": 1, "unit": "{tablet}", "system": UCUM, "code": "{tablet}"}}]
    dosage = [{"timing": timing, "doseAndRate": rate}]
    statement = kind == "MedicationStatement"
    own = {"dosage": dosage, "effectivePeriod": {"start": day(number)}}
    order = {"intent": "order", "authoredOn": day(number), "dosageInstruction": dosage}
    code = concept(PRODUCTS[number % len(PRODUCTS)])
    named = {"resourceType": kind, "id": f"m{number}", "status": "active", "subject": SUBJECT}
    return {**named, "medicationCodeableConcept": code, **(own if statement else order), **more}


def statement(number: int, **more: Any) -> Json:
    """A statement of the same."""
    return medicine(number, "MedicationStatement", **more)


def condition(number: int, **more: Any) -> Json:
    """A condition."""
    active = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
    code = concept(CONDITIONS[number % len(CONDITIONS)])
    found = {"resourceType": "Condition", "id": f"c{number}", "clinicalStatus": active, "subject": SUBJECT}
    return {**found, "code": code, "onsetDateTime": day(number), **more}


def named(text: str) -> Json:
    """The medicine of a name."""
    return {"medicationCodeableConcept": {"text": text}}


def numbered(number: int, status: str) -> Json:
    """One of two reports with one number."""
    identifier = [{"system": "http://lab.example/accession", "value": str(number // 2)}]
    return result(number, status=status, effectiveDateTime=day(number // 2), identifier=identifier)


def without_id(one: Json) -> Json:
    """The same without an id."""
    return {key: value for key, value in one.items() if key != "id"}


def each(make: Callable[[int], Json]) -> Callable[[int], Json]:
    """A bundle of the patient and so many entries."""

    def made(count: int) -> Json:
        entries = [{"resource": resource} for resource in (PATIENT, *map(make, range(count)))]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    return made


def nested(count: int) -> Json:
    """Bundles in bundles, fifteen deep, each with its share."""
    bundle: Json = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}]}
    for level in range(15):
        share = [{"resource": result(level * count + number)} for number in range(count // 15)]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle}, *share]}
    return bundle


def history(count: int, ids: int) -> Json:
    """A history in which every second entry deletes what the other one holds."""
    entries = [{"resource": PATIENT}]
    for number in range(count):
        name = number // 2 % ids
        deleted = {"request": {"method": "DELETE", "url": f"Observation/o{name}"}}
        entries.append({"resource": result(name)} if number % 2 else deleted)
    return {"resourceType": "Bundle", "type": "history", "entry": entries}


RX = SYSTEMS["RxNorm"]
KINDS: dict[str, Callable[[int], Json]] = {
    "results": each(result),
    "results by name": each(lambda n: result(n, code={"text": "Calcium"})),
    "results without a unit": each(lambda n: result(n, valueQuantity={"value": 9.1})),
    "results of as many codes": each(lambda n: result(n, code=concept(f"LOINC {n}-9"))),
    "results as text": each(lambda n: without_id(result(n)) | {"id": f"t{n}", "valueString": "9.1 mg/dL"}),
    "results of others": each(lambda n: result(n, subject={"reference": f"Patient/q{n}"})),
    "results not valid": each(lambda n: result(n, madeUp=1)),
    "preliminary and corrected results": each(lambda n: numbered(n, ("preliminary", "corrected")[n % 2])),
    "withdrawn results": each(lambda n: numbered(n, ("entered-in-error", "final")[n % 2])),
    "smoking": each(lambda n: without_id(result(n)) | {"id": f"s{n}", "code": concept("LOINC 72166-2"),
                    "valueQuantity": None, "valueCodeableConcept": concept("SNOMED 449868002")}),
    "orders": each(medicine),
    "statements": each(statement),
    "statements and orders": each(lambda n: statement(n) if n % 2 else medicine(n)),
    "statements of one order": each(
        lambda n: statement(n, basedOn=[{"reference": "MedicationRequest/m0"}]) if n else medicine(n)
    ),
    "products of as many names": each(lambda n: medicine(n, **named(f"Calcium carbonate {300 + n} mg tablet"))),
    "medicines not understood": each(lambda n: medicine(n, **named(f"Mystery {n}"))),
    "medicines contained": each(lambda n: without_id(medicine(n)) | {"id": f"k{n}", "contained": [
                    {"resourceType": "Medication", "id": "k", "code": concept(PRODUCTS[0])}]}),
    "dispenses": each(lambda n: {"resourceType": "MedicationDispense", "id": f"d{n}", "status": "completed",
                    "subject": SUBJECT, "whenHandedOver": day(n), **named("Calcium carbonate 500 mg tablet")}),
    "conditions": each(condition),
    "conditions not understood": each(lambda n: condition(n, code={"text": f"strange {n}"})),
    "goals": each(lambda n: {"resourceType": "Goal", "id": f"g{n}", "lifecycleStatus": "active", "subject": SUBJECT,
                    "description": {"text": "Calcium"}}),
    "versions of one id": each(lambda n: result(n, id="one", meta={"versionId": str(n)})),
    "entries without an id": each(lambda n: without_id(result(n))),
    "the same entry": each(lambda n: without_id(result(0))),
    "types that are not known": each(lambda n: {"resourceType": "Zork", "id": f"z{n}", "subject": SUBJECT}),
    "bundles in bundles": nested,
    "deletions": lambda count: history(count, count),
    "deletions of one": lambda count: history(count, 1),
}  # fmt: skip
"""What a record is full of, by its name."""


def cost(data: Json, book: RuleBook) -> float:
    """The least processor time of an answer, in seconds."""
    times: list[float] = []
    while len(times) < REPEATS and sum(times) < PATIENCE:
        gc.collect()
        start = time.process_time()
        record = read_record(data, book, DAY)
        report_invalid(record)
        result_of(evaluate(record, book, DAY))
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print the time of each size and the exponent of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", metavar="WORD", nargs="*", help="measure the kinds with one of these words")
    parser.add_argument("--sizes", type=int, nargs=2, default=(10_000, 100_000), metavar="N")
    options = parser.parse_args()
    book, (few, many) = open_rulebook(), options.sizes
    gc.disable()
    cost(each(lambda n: medicine(n) if n % 2 else result(n))(200), book)
    print(f"{'':36}{few:>10}{many:>10}  exponent")
    for name, make in KINDS.items():
        if options.words and not any(word in name for word in options.words):
            continue
        first, second = cost(make(few), book), cost(make(many), book)
        exponent = math.log(second / first) / math.log(many / few)
        print(f"{name:36}{first:9.3f}s{second:9.3f}s{exponent:10.2f}{'' if exponent <= MOST else '  !'}", flush=True)


if __name__ == "__main__":
    main()
