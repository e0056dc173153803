"""What a medication record names as its medicine: a concept, or a Medication with its code, ingredients and form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.elements import modified, texts
from cds.intake.record import Record
from cds.jsontypes import Json


class Medicine(NamedTuple):
    """What a record names as its medicine: the concept, the coded ingredients, and the dose forms."""

    concept: Json
    ingredients: list[Json] = []  # noqa: RUF012
    forms: list[str] = []  # noqa: RUF012


def medicine_of(resource: Json, record: Record, resources: Resources) -> Medicine | None:
    """The medicine that a record names; the reference's display as a last resort."""
    later = resource.get("medication")
    r5: Json = later if isinstance(later, dict) else {}
    concept = resource.get("medicationCodeableConcept") or r5.get("concept")
    reference = resource.get("medicationReference") or r5.get("reference")
    if isinstance(concept, dict) and concept:
        return Medicine(concept)
    if not isinstance(reference, dict):
        record.note("no-medication", record.name_of(resource))
        return None
    medication = resources.resolve(reference.get("reference"), resource)
    if medication is not None and (medication.get("status") == "entered-in-error" or modified(medication)):
        record.note("unreadable-resource" if modified(medication) else "entered-in-error", record.name_of(resource))
        return None
    if medication is not None and medication.get("resourceType") == "Medication":
        code = medication.get("code")
        items = [_with_concept(item, (medication, resource), resources) for item in _items(medication)]
        if code or items:
            return Medicine(code if isinstance(code, dict) else {}, items, texts(medication.get("form")))
    elif reference.get("reference"):
        record.note("unresolved-reference", record.name_of(resource))
    display = reference.get("display")
    return Medicine({"text": display}) if isinstance(display, str) and display else None


def _items(medication: Json) -> list[Json]:
    """The ingredients; one that is no object is a name."""
    listed = medication.get("ingredient")
    items = listed if isinstance(listed, list) else [] if listed is None else [listed]
    return [item if isinstance(item, dict) else {"itemCodeableConcept": {"text": str(item)}} for item in items]


def _with_concept(item: Json, holders: Iterable[Json], resources: Resources) -> Json:
    """An ingredient with the concept of the substance or medication that it points to; else with its display."""
    item = _as_r4(item)
    reference = item.get("itemReference")
    if not isinstance(reference, dict) or isinstance(item.get("itemCodeableConcept"), dict):
        return item
    found = [resources.resolve(reference.get("reference"), holder) for holder in holders]
    code = next((target["code"] for target in found if target and isinstance(target.get("code"), dict)), None)
    return {**item, "itemCodeableConcept": code or {"text": reference.get("display")}}


def _as_r4(item: Json) -> Json:
    """An ingredient with the names that R4 has for the elements of R5."""
    later = item.get("item")
    told: Json = later if isinstance(later, dict) else {}
    ratio, amount = item.get("strengthRatio"), item.get("strengthQuantity")
    strength = ratio or ({"numerator": amount} if amount else None)
    found = {"itemCodeableConcept": told.get("concept"), "itemReference": told.get("reference"), "strength": strength}
    return {**{key: value for key, value in found.items() if value}, **item}
