"""How a medicine of a person is written: ordered, stated or dispensed; the dosage structured, as a text, or missing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from invented.person import Person
from invented.sites import Site, head, subject
from invented.templates import HL7, PROFILES, SNOMED, UCUM, Json, member, status, template

STRUCTURED, AS_TEXT = 0.62, 0.87
"""Below the first share a dosage is structured, below the second a text, above it missing."""
DISPENSED = 0.12
OFTEN = ("once a week", "once daily", "twice daily", "three times daily")


class Taken(NamedTuple):
    """What is taken, how often a day (0: once a week), how much, and the share of those who only state it."""

    concept: Json
    times: int
    tablets: str
    stated: float


def prescribed(person: Person, taken: Taken) -> Iterator[tuple[str, str]]:
    """The type and the line of what is taken, and of what was dispensed of it."""
    random, site = person.random, person.site
    stated = random() < taken.stated
    more = person.fresh(person.days_ago(260))
    more["medication"] = _medication(taken.concept, site)
    more["rest"] = _dosage("dosage" if stated else "dosageInstruction", taken, random())
    yield ("MedicationStatement", _statement(site) % more) if stated else ("MedicationRequest", _request(site) % more)
    if not stated and random() < DISPENSED:
        given = person.fresh(person.days_ago(60)) | {"medication": more["medication"], "request": more["id"]}
        given["rest"] = _dosage("dosageInstruction", taken, random())
        yield "MedicationDispense", _dispense(site) % given


def medication_of(site: Site, concept: Json) -> str:
    """The id of the Medication of a site."""
    return f"medication-{site.number}-{concept['coding'][0]['code']}"


def _medication(concept: Json, site: Site) -> str:
    """What says which medicine it is: at some sites a reference, if it has a code."""
    if site.referred and "coding" in concept:
        reference = {"reference": f"Medication/{medication_of(site, concept)}", "display": concept["text"]}
        return member("medicationReference", reference)
    return member("medicationCodeableConcept", concept)


def _dosage(key: str, taken: Taken, share: float) -> str:
    """The members that end the resource; the first is the dosage, unless it is missing."""
    end = '"note":[{"text":"Reviewed."}]'
    if share >= AS_TEXT:
        return end
    return _structured(key, taken.times, taken.tablets) + end if share < STRUCTURED else _text(key, taken) + end


@lru_cache(maxsize=64)
def _structured(key: str, times: int, tablets: str) -> str:
    repeat = {"frequency": times or 1, "period": 1, "periodUnit": "d" if times else "wk"}
    amount = {"value": int(tablets), "unit": "tablet", "system": UCUM, "code": "{tablet}"}
    route = {"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral route"}]}
    return (
        member(key, [{"timing": {"repeat": repeat}, "route": route, "doseAndRate": [{"doseQuantity": amount}]}]) + ","
    )


def _text(key: str, taken: Taken) -> str:
    plural = "tablet" if taken.tablets == "1" else "tablets"
    return member(key, [{"text": f"Take {taken.tablets} {plural} by mouth {OFTEN[taken.times]}"}]) + ","


BY = {"reference": "Practitioner/«practitioner»"}


@lru_cache(maxsize=16)
def _request(site: Site) -> str:
    category = [status(f"{HL7}/medicationrequest-category", "community")]
    return template({
        **head(site, "MedicationRequest", f"{PROFILES}/us-core-medicationrequest"), "status": "active",
        "intent": "order", "category": category, "«+medication»": None, "subject": subject(site),
        "encounter": {"reference": "Encounter/«encounter»"}, "authoredOn": "«day»T«time»«zone»", "requester": BY,
        "«+rest»": None,
    })  # fmt: skip


@lru_cache(maxsize=16)
def _statement(site: Site) -> str:
    category = status(f"{HL7}/medication-statement-category", "patientspecified")
    return template({
        **head(site, "MedicationStatement"), "status": "active", "category": category, "«+medication»": None,
        "subject": subject(site), "effectivePeriod": {"start": "«day»"},
        "dateAsserted": "«day»T«time»«zone»", "informationSource": {"reference": "Patient/«patient»"}, "«+rest»": None,
    })  # fmt: skip


@lru_cache(maxsize=16)
def _dispense(site: Site) -> str:
    days = {"value": 30, "unit": "days", "system": UCUM, "code": "d"}
    return template({
        **head(site, "MedicationDispense", f"{PROFILES}/us-core-medicationdispense"), "status": "completed",
        "«+medication»": None, "subject": subject(site), "performer": [{"actor": BY}],
        "authorizingPrescription": [{"reference": "MedicationRequest/«request»"}], "daysSupply": days,
        "whenHandedOver": "«day»T«time»«zone»", "«+rest»": None,
    })  # fmt: skip
