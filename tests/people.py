"""Small builders of FHIR R4 resources for tests; everybody is ``Patient/p`` and the day is ``AS_OF``."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from profiles import examples

from cds.bookshelf import open_rulebook
from cds.code_systems import SYSTEMS
from cds.hooks.services import CdsService, services_by_hook
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import Interval
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
AS_OF = date(2026, 1, 15)
MANY = examples(600)
SOME = examples(150)
UCUM = "http://unitsofmeasure.org"
SUBJECT: Json = {"reference": "Patient/p"}
CALCIUM, ALBUMIN, CREATININE, VITAMIN_D = "LOINC 17861-6", "LOINC 1751-7", "LOINC 2160-0", "LOINC 62292-8"
EXTENSION = "example.calcium-cds"
"""The key of what cards carry as data, as rules/topic.yaml names it."""
CARBONATE_500 = "RxNorm 282465"
"""Calcium carbonate 1250 mg (500 mg elemental) tablet."""


@lru_cache(maxsize=1)
def cds_services() -> dict[str, CdsService]:
    """The services of the rulebook of this checkout, by hook."""
    return services_by_hook(open_rulebook(Path(__file__).resolve().parent.parent / "rules"))


def deciding_card(result: Json) -> Json:
    """The card that decides and carries the notices; the first where none does."""
    cards: list[Json] = result["cards"]
    return next((card for card in cards if card["extension"][EXTENSION].get("decides")), cards[0])


def concept(code: str = "", text: str = "") -> Json:
    """A CodeableConcept of ``LOINC 17861-6`` or the like, of a text, or of both."""
    system, _, value = code.partition(" ")
    coding = {"coding": [{"system": SYSTEMS[system], "code": value}]} if code else {}
    return {**coding, **({"text": text} if text else {})}


def quantity(value: float, unit: str = "", comparator: str = "") -> Json:
    """A Quantity with a UCUM unit, or with none."""
    stated = {"unit": unit, "system": UCUM, "code": unit} if unit else {}
    return {"value": value, **stated, **({"comparator": comparator} if comparator else {})}


def resource(kind: str, identity: str, **parts: Any) -> Json:
    """A resource; parts that are None are left out."""
    found = {"resourceType": kind, "id": identity, **parts}
    return {key: value for key, value in found.items() if value is not None}


def patient(identity: str = "p", birth: str | None = "1950-07-01", gender: str | None = "female", **more: Any) -> Json:
    """The patient, 75 years old."""
    return resource("Patient", identity, birthDate=birth, gender=gender, **more)


def observation(code: str, value: float, unit: str = "", day: str | None = "2026-01-10", identity: str = "o",
                comparator: str = "", **more: Any) -> Json:  # fmt: skip
    """A final result."""
    parts: Json = {"status": "final", "code": concept(code), "subject": SUBJECT, "effectiveDateTime": day,
                   "valueQuantity": quantity(value, unit, comparator)}  # fmt: skip
    return resource("Observation", identity, **{**parts, **more})


def dosage(dose: float | None = 1, unit: str = "{tablet}", *, frequency: int | None = 1, period: float = 1,
           every: str = "d", **more: Any) -> Json:  # fmt: skip
    """A Dosage: so many units so many times a period."""
    timing = {"timing": {"repeat": {"frequency": frequency, "period": period, "periodUnit": every}}}
    amount = {"doseAndRate": [{"doseQuantity": quantity(dose, unit)}]} if dose is not None else {}
    return {**(timing if frequency else {}), **amount, **more}


def statement(code: str = CARBONATE_500, *doses: Json, text: str = "", identity: str = "m", status: str = "active",
              **more: Any) -> Json:  # fmt: skip
    """A MedicationStatement that began a year ago."""
    parts: Json = {"status": status, "medicationCodeableConcept": concept(code, text), "subject": SUBJECT,
                   "effectivePeriod": {"start": "2025-01-15"}, "dosage": list(doses) or None}  # fmt: skip
    return resource("MedicationStatement", identity, **{**parts, **more})


def request(code: str = CARBONATE_500, *doses: Json, text: str = "", identity: str = "r", status: str = "active",
            **more: Any) -> Json:  # fmt: skip
    """A MedicationRequest of a year ago."""
    parts: Json = {"status": status, "intent": "order", "medicationCodeableConcept": concept(code, text),
                   "subject": SUBJECT, "authoredOn": "2025-01-15",
                   "dosageInstruction": list(doses) or None}  # fmt: skip
    return resource("MedicationRequest", identity, **{**parts, **more})


def condition(code: str = "", text: str = "", identity: str = "c", clinical: str = "active",
              verification: str = "confirmed", **more: Any) -> Json:  # fmt: skip
    """A Condition."""
    parts: Json = {"clinicalStatus": {"coding": [{"code": clinical}]}, "code": concept(code, text), "subject": SUBJECT,
                   "verificationStatus": {"coding": [{"code": verification}]}}  # fmt: skip
    return resource("Condition", identity, **{**parts, **more})


def bundle(*resources: Json) -> Json:
    """A collection of resources."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in resources]}


def read(book: RuleBook, *resources: Json, with_patient: bool = True) -> Record:
    """The record of the patient with these resources."""
    return read_record(bundle(*([patient()] if with_patient else []), *resources), book, AS_OF)


def daily(book: RuleBook, *doses: Json, code: str = CARBONATE_500, text: str = "", nutrient: str = "calcium",
          **more: Any) -> Interval:  # fmt: skip
    """The amount of a nutrient a day of one MedicationStatement."""
    (product,) = read(book, statement(code, *doses, text=text, **more)).products
    return product.amounts[nutrient][0]


def codes_of(record: Record) -> set[str]:
    """The codes of the issues of a record."""
    return {issue.code for issue in record.issues}
