"""Where a medicine stands: contained, in an entry of its own, with its ingredients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rewriting.register import MEDICINES, Json, codings_of, each, resources, whole

UUID = "urn:uuid:00000000-0000-4000-8000-{:012d}"


def _takes(resource: Json) -> bool:
    return resource["resourceType"] in MEDICINES and isinstance(resource.get("medicationCodeableConcept"), dict)


def _medication(resource: Json, identity: str) -> Json:
    return {"resourceType": "Medication", "id": identity, "code": resource.pop("medicationCodeableConcept")}


@each(*MEDICINES)
def medicine_contained(resource: Json) -> bool:
    """The medicine as a contained resource."""
    if not _takes(resource) or "contained" in resource:
        return False
    resource["contained"] = [_medication(resource, "med")]
    resource["medicationReference"] = {"reference": "#med"}
    return True


@each(*MEDICINES)
def medicine_contained_with_active_status(resource: Json) -> bool:
    """The medicine as a contained resource with status and form."""
    if not medicine_contained(resource):
        return False
    resource["contained"][0].update(status="active", manufacturer={"display": "Maker"})
    return True


def _in_entries(place: Callable[[int], tuple[Json, str]]) -> Callable[[Json], Any]:
    def apply(bundle: Json) -> Any:
        found = [item for item in resources(bundle) if _takes(item)]
        for number, item in enumerate(found):
            url, reference = place(number)
            medication = _medication(item, f"med-{number}")
            bundle["entry"].append({**url, "resource": medication})
            item["medicationReference"] = {"reference": reference}
        return bundle if found else None

    return apply


BASE = "https://other.example/fhir/Medication/med-{}"
for _name, _place in {
    "medicine_in_an_entry": lambda n: ({}, f"Medication/med-{n}"),
    "medicine_by_absolute_url": lambda n: ({"fullUrl": BASE.format(n)}, BASE.format(n)),
    "medicine_by_urn": lambda n: ({"fullUrl": UUID.format(n)}, UUID.format(n)),
    "medicine_by_version": lambda n: ({}, f"Medication/med-{n}/_history/1"),
}.items():
    _function = _in_entries(_place)
    _function.__name__ = _name
    whole(_function)


@whole
def medicine_in_an_entry_with_its_name(bundle: Json) -> Any:
    """The medicine in an entry, its name also at the reference."""
    found = _in_entries(lambda n: ({}, f"Medication/med-{n}"))(bundle)
    names = {item.get("id"): item.get("code", {}) for item in resources(bundle) if item["resourceType"] == "Medication"}
    for item in resources(bundle):
        if "medicationReference" in item and item["resourceType"] in MEDICINES:
            code = names.get(item["medicationReference"].get("reference", "").rpartition("/")[2], {})
            shown = code.get("text") or next((c["display"] for c in code.get("coding", []) if "display" in c), None)
            if shown:
                item["medicationReference"]["display"] = shown
    return found


@each(*MEDICINES)
def medicine_with_its_one_ingredient(resource: Json) -> bool:
    """A contained medicine lists itself as its only ingredient, where its code is that of an ingredient."""
    known = {
        "11289",
        "3407",
        "10582",
        "6448",
        "5487",
        "4603",
        "993449",
        "407990",
        "2551",
        "3640",
        "7646",
        "83367",
        "1894",
    }
    found = codings_of(resource)
    if len(found) != 1 or found[0].get("code") not in known or not medicine_contained(resource):
        return False
    medication = resource["contained"][0]
    medication["ingredient"] = [{"itemCodeableConcept": dict(medication["code"]), "isActive": True}]
    return True
