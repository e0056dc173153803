"""Which medication records refer to each other, and which of them says that the medicine is not taken.

FHIR R4: ``MedicationStatement.basedOn`` and ``derivedFrom`` name the order that a statement is about,
``MedicationRequest.priorPrescription`` the order that a new one replaces, ``basedOn`` the one that it fulfils,
``MedicationDispense.authorizingPrescription`` the order for which it was handed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.medicines.courses.taken import denies
from cds.intake.record import Record
from cds.jsontypes import Json
from cds.quantity import UNKNOWN

KINDS = ("MedicationStatement", "MedicationRequest", "MedicationDispense")
ELEMENTS = frozenset({"basedOn", "derivedFrom", "priorPrescription", "authorizingPrescription"})


class Link(NamedTuple):
    """Two records of one medicine, by their names; ``denied``: the first says that it is not taken."""

    one: str
    other: str
    denied: bool


def links_of(record: Record, resources: Resources) -> list[Link]:
    """The links between the medication records of the data; a reference that leads nowhere is none."""
    return [
        Link(record.name_of(resource), _identity(reference, target, resource, record), denies(resource))
        for kind in KINDS
        for resource in resources.by_type[kind]
        if resource.get("status") != "entered-in-error"
        for reference, target in _targets(resource, resources)
    ]


def _identity(reference: str, target: Json, holder: Json, record: Record) -> str:
    """What a target is called; the id of a contained resource holds only inside the resource that contains it."""
    if reference.startswith("#"):
        return f"{record.name_of(holder)}{reference}"
    return record.name_of(target)


def _targets(resource: Json, resources: Resources) -> Iterator[tuple[str, Json]]:
    """What a record refers to, each with the reference."""
    for key in ELEMENTS & resource.keys():
        stated = resource[key]
        for item in stated if isinstance(stated, list) else [stated]:
            reference = item.get("reference") if isinstance(item, dict) else None
            target = resources.resolve(reference, resource)
            if target is not None and target is not resource and target.get("resourceType") in KINDS:
                yield str(reference), target


def doubt_denied(record: Record, links: list[Link]) -> None:
    """Make unknown what is ordered and said not to be taken: nobody knows which of the two came last."""
    denied = {link.other for link in links if link.denied}
    for courses in (record.products, *record.courses.values()) if denied else ():
        for number, course in enumerate(courses):
            if course.source in denied and course.state:
                record.note("said-not-taken", course.source)
                courses[number] = course._replace(state=min(course.state, UNKNOWN))
