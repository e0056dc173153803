"""Patients that are linked with each other are one person: https://hl7.org/fhir/R4/patient.html#link.

A server that finds two records of one person, or splits them between systems, says so by a link. What the records say
in common is said of the person; where they contradict each other, it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cds.intake.bundles.groups import grouped
from cds.intake.elements import name_of, objects
from cds.intake.record import Issue
from cds.jsontypes import Json

IDENTIFYING = ("birthDate", "gender")
"""What two records of one person cannot say differently; ``deceased`` counts as soon as one says it."""
DECEASED = ("deceasedBoolean", "deceasedDateTime", "_deceasedDateTime")
TEXT = "Patients that are linked with each other were read as one person"


def linked_references(patient: Json) -> Iterator[str]:
    """The references of a Patient to other records of the same person."""
    for link in objects(patient.get("link")):
        other = link.get("other")
        reference = other.get("reference") if isinstance(other, dict) else None
        if isinstance(reference, str) and reference:
            yield reference.split("/_history/")[0]


def persons_among(patients: Sequence[Json], resolve: Callable[[str], object]) -> list[list[Json]]:
    """The Patients of each person; ``resolve`` gives the resource of a reference, or None."""
    known = {id(patient): patient for patient in patients}
    pairs = [
        (id(patient), id(other))
        for patient in patients
        for reference in linked_references(patient)
        if id(other := resolve(reference)) in known
    ]
    return [[known[each] for each in group] for group in grouped(known, pairs)]


def as_one(patients: Sequence[Json], issues: list[Issue]) -> Json:
    """The Patient that stands for all records of a person, with what the others say beside it."""
    first, *others = sorted(patients, key=_rank)
    if not others:
        return first
    person = dict(first)
    for key in IDENTIFYING:
        said = {str(value) for patient in patients if (value := patient.get(key))}
        person[key] = next((patient[key] for patient in (first, *others) if patient.get(key)), None)
        if len(said) > 1:
            person[key] = None
    differ = [key for key in IDENTIFYING if person[key] is None and any(patient.get(key) for patient in patients)]
    for patient in others:
        if not _is_dead(person) and _is_dead(patient):
            person = {key: value for key, value in person.items() if key not in DECEASED}
            person |= {key: patient[key] for key in DECEASED if key in patient}
    text = f"{TEXT}; they differ in {' and '.join(differ)}, which is not known." if differ else f"{TEXT}."
    issues.append(Issue("linked-patients", name_of(first), text))
    return {key: value for key, value in person.items() if value is not None}


def _rank(patient: Json) -> bool:
    """The record that is in use before one that it replaces."""
    replaced = any(link.get("type") == "replaced-by" for link in objects(patient.get("link")))
    return replaced or patient.get("active") is False


def _is_dead(patient: Json) -> bool:
    return any(patient.get(key) not in (None, False) for key in DECEASED)


def each_name(patient: Json, url: str) -> Iterator[str]:
    """What references may call a Patient: by its id, by its full URL, and by the id at the end of that."""
    identity = patient.get("id")
    if isinstance(identity, str) and identity:
        yield f"Patient/{identity}"
    if url:
        yield url
    if "/Patient/" in url:
        yield f"Patient/{url.rsplit('/', 1)[1]}"
