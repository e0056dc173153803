"""Which release of FHIR the data have the shape of: R4 is read; data that are STU3 or R5 as a whole are refused.

A single odd resource among others never refuses them: it is reported, and what can be read of it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum

from cds.errors import RecordError
from cds.intake.record import Json

STU3_ELEMENTS = {
    "Condition": frozenset({"context", "assertedDate"}),
    "Observation": frozenset({"context", "comment"}),
    "MedicationRequest": frozenset({"context"}),
    "MedicationStatement": frozenset({"taken", "reasonNotTaken"}),
}
"""Elements that a resource has in STU3 and not in R4."""
R4_ELEMENTS = {
    "Condition": frozenset({"encounter", "recordedDate"}),
    "Observation": frozenset({"encounter", "note"}),
    "MedicationRequest": frozenset({"encounter", "reportedBoolean", "reportedReference", "doNotPerform"}),
    "MedicationStatement": frozenset({"statusReason"}),
}
"""Elements that it has in R4 and not in STU3."""


class Shape(Enum):
    """What the shape of a resource says, when it is asked about a release that is not R4."""

    R4 = "R4"
    MISTAKE = "R4, with one form of the other release"
    HINT = "a form of the other release, which is often a mistake"
    OTHER = "the other release"
    NEITHER = "nothing"


def odd_resources(resources: Collection[tuple[str, Json]]) -> list[Json]:
    """The resources (each with its type) that have a form of another release, among data that are R4.

    Raises:
        RecordError: the data as a whole have the shape of another release.

    """
    if not any(_has_odd_form(kind, resource) for kind, resource in resources):
        return []
    odd: list[Json] = []
    for release, shape_of in RELEASES:
        shapes = [shape_of(kind, resource) for kind, resource in resources]
        if _are_of(shapes):
            raise RecordError("wrong-release", f"The data are FHIR {release}; this program reads FHIR R4.")
        odd += [r for (_, r), shape in zip(resources, shapes, strict=True) if shape not in (Shape.R4, Shape.NEITHER)]
    return odd


def _has_odd_form(kind: str, resource: Json) -> bool:
    """Whether a resource could have any other shape than R4 or none."""
    odd = STU3_ELEMENTS.get(kind)
    return (
        "medication" in resource
        or isinstance(resource.get("clinicalStatus"), str)
        or bool(odd and odd & resource.keys())
    )


def _are_of(shapes: Sequence[Shape]) -> bool:
    """Whether most of what can tell says so: two resources at least, or the only one that there is."""
    hints, others, r4 = (shapes.count(s) for s in (Shape.HINT, Shape.OTHER, Shape.R4))
    most = hints + others > r4 + shapes.count(Shape.MISTAKE)
    return most and (hints + others > 1 or others == len(shapes))


def _stu3(kind: str, resource: Json) -> Shape:
    status = resource.get("clinicalStatus") if kind == "Condition" else None
    as_code = isinstance(status, str) and status != ""
    if isinstance(status, dict) or resource.keys() & R4_ELEMENTS.get(kind, frozenset()) or _has_rates(resource):
        return Shape.MISTAKE if as_code else Shape.R4
    if resource.keys() & STU3_ELEMENTS.get(kind, frozenset()):
        return Shape.OTHER
    return Shape.HINT if as_code else Shape.NEITHER


def _has_rates(resource: Json) -> bool:
    """Whether a dosage has ``doseAndRate``, which STU3 does not know."""
    listed = resource.get("dosage") or resource.get("dosageInstruction")
    return isinstance(listed, list) and any(isinstance(item, dict) and "doseAndRate" in item for item in listed)


def _r5(kind: str, resource: Json) -> Shape:
    if kind not in ("MedicationStatement", "MedicationRequest"):
        return Shape.NEITHER
    medication = resource.get("medication")
    if isinstance(medication, dict) and ("concept" in medication or "reference" in medication):
        return Shape.OTHER
    return Shape.R4 if any(key.startswith("medication") for key in resource) else Shape.NEITHER


RELEASES: tuple[tuple[str, Callable[[str, Json], Shape]], ...] = (("STU3", _stu3), ("R5", _r5))
