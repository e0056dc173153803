"""What a rewriting is, and how a function becomes one.

A rewriting gets a Bundle of its own and may change it in place. It gives back the data as they are then sent (parsed
JSON, or bytes where only the text differs), or None where it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
Apply = Callable[[Json], Any]
OfOne = Callable[[Json], bool]


class Rewriting(NamedTuple):
    """A way of writing a record, with its name; ``loses``: it says less than the record did."""

    name: str
    apply: Apply
    loses: bool = False


ALL: dict[str, Rewriting] = {}


def whole(function: Apply) -> Apply:
    """Register a rewriting of a whole Bundle."""
    _add(Rewriting(function.__name__, function))
    return function


def each(*types: str, loses: bool = False) -> Callable[[OfOne], OfOne]:
    """Register a rewriting of each resource of some types (of all, without any); True: it was changed in place."""

    def register(function: OfOne) -> OfOne:
        def apply(bundle: Json) -> Any:
            changed = [function(item) for item in resources(bundle) if not types or item["resourceType"] in types]
            return bundle if any(changed) else None

        _add(Rewriting(function.__name__, apply, loses))
        return function

    return register


def _add(rewriting: Rewriting) -> None:
    if rewriting.name in ALL:
        raise ValueError(f"two rewritings are called {rewriting.name}")
    ALL[rewriting.name] = rewriting


def resources(bundle: Json) -> Iterator[Json]:
    """The resources of a Bundle."""
    return (item["resource"] for item in bundle["entry"])


def without(resource: Json, *elements: str) -> bool:
    """Drop elements of a resource; whether there was one."""
    return [element for element in elements if resource.pop(element, None) is not None] != []


def concept_of(resource: Json) -> Json | None:
    """The CodeableConcept that says what a resource is about."""
    for key in ("code", "medicationCodeableConcept"):
        concept = resource.get(key)
        if isinstance(concept, dict):
            return concept
    return None


def codings_of(resource: Json) -> list[Json]:
    """The codings of that concept."""
    listed = (concept_of(resource) or {}).get("coding")
    return [coding for coding in listed if isinstance(coding, dict)] if isinstance(listed, list) else []


CLINICAL = ("Observation", "Condition", "MedicationStatement", "MedicationRequest")
MEDICINES = ("MedicationStatement", "MedicationRequest")
UCUM = "http://unitsofmeasure.org"
