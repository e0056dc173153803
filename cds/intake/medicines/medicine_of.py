"""What a medication record names as its medicine: a concept, or a Medication with its code, ingredients and form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

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
    concept, reference = stated_medicine(resource)
    if isinstance(concept, dict) and concept:
        return Medicine(concept)
    if isinstance(reference, dict):
        return _referred(reference, resource, record, resources)
    record.note("no-medication", record.name_of(resource))
    return None


def stated_medicine(resource: Json) -> tuple[Any, Any]:
    """The concept and the reference by which a record names its medicine, in R4 or as R5 has them."""
    later = resource.get("medication")
    r5: Json = later if isinstance(later, dict) else {}
    return (
        resource.get("medicationCodeableConcept") or r5.get("concept"),
        resource.get("medicationReference") or r5.get("reference"),
    )


def _referred(reference: Json, resource: Json, record: Record, resources: Resources) -> Medicine | None:
    name, target = record.name_of(resource), resources.resolve(reference.get("reference"), resource)
    if target is not None and (target.get("status") == "entered-in-error" or modified(target)):
        record.note("unreadable-resource" if modified(target) else "entered-in-error", name)
        return None
    if target is not None and target.get("resourceType") == "Medication":
        if found := _of_medication(target, resource, resources):
            record.named_by.append((resource, target))
            return found
    elif reference.get("reference"):
        record.note("unresolved-reference", name)
    display = reference.get("display")
    return Medicine({"text": display}) if isinstance(display, str) and display else None


def _of_medication(medication: Json, holder: Json, resources: Resources) -> Medicine | None:
    """What a Medication is; None where it has neither a code nor ingredients."""
    code = medication.get("code")
    items = [_with_concept(item, (medication, holder), resources) for item in _items(medication)]
    if not code and not items:
        return None
    return Medicine(code if isinstance(code, dict) else {}, items, texts(medication.get("form")))


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
