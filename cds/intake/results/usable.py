"""Whether a result may be used at all: its status, what modifies it, whom it is about, and its shape."""

from __future__ import annotations

from typing import Any

from cds.intake.bundles.bundle import Resources
from cds.intake.elements import modified
from cds.intake.record import Record
from cds.intake.results.notes import note_spoils
from cds.intake.results.values import values_in
from cds.jsontypes import Json

READABLE = frozenset({"preliminary", "final", "amended", "corrected"})
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
ABOUT_HER = frozenset(
    """
    Specimen Encounter EpisodeOfCare Condition Procedure ServiceRequest CarePlan Observation DiagnosticReport
    MedicationRequest MedicationStatement MedicationAdministration BodyStructure
    """.split()
)
"""What a result can be focused on without being about somebody else."""


def is_withdrawn(resource: Json) -> bool:
    """Whether a result was entered in error or cancelled: that it cannot be used is no loss."""
    return resource.get("status") in WITHDRAWN


def takes_back(resource: Json) -> bool:
    """Whether it may take back a result that a server keeps as another resource; what was cancelled never had one.

    FHIR R4, ObservationStatus: a cancelled measurement was not started or not completed.
    """
    return resource.get("status") == "entered-in-error"


def status_allows(resource: Json, record: Record, term: str = "") -> bool:
    """Whether the result counts; a preliminary one may yet be replaced (``settle_results``).

    ``term`` is what is lost otherwise (empty: nothing, as yet).
    """
    status = resource.get("status")
    if status in READABLE:
        return True
    record.lose_result(
        "withdrawn-result" if is_withdrawn(resource) else "status-not-final", record.name_of(resource), term
    )
    return False


def doubt_of(part: Json, resource: Json) -> str:
    """The code of the issue by which the value of an Observation, or of a component of it, may not be used; else empty.

    A reason why there is no value contradicts the value beside it (FHIR R4, invariant obs-6: only one of the two).
    """
    if modified(resource) or modified(part):
        return "modifier-not-understood"
    if note_spoils(resource) and values_in(part):
        return "spoiled-result"
    return "value-and-reason" if part.get("dataAbsentReason") and values_in(part) else ""


def has_other_focus(resource: Json, resources: Resources) -> bool:
    """Whether an Observation in the patient's record is about somebody or something else: a fetus, a donor, a device.

    FHIR R4, Observation.focus: the actual focus where it is not the subject. One that names the patient is none, nor
    one that names what was examined of her or why.
    """
    focus = resource.get("focus")
    listed = focus if isinstance(focus, list) else [focus]
    others = (one for one in listed if one and _type_of(one) not in ABOUT_HER)
    return any(resources.is_about_patient({"subject": one}) is not True for one in others)


def _type_of(reference: Any) -> str:
    """The type of resource to which a reference leads, as it says itself; empty where it does not."""
    if not isinstance(reference, dict):
        return ""
    path = str(reference.get("reference") or "").split("/_history")[0].split("/")
    return str(reference.get("type") or (path[-2] if len(path) > 1 else ""))


def is_misshapen(resource: Json) -> bool:
    """Whether its code or components have a form in which no FHIR can be read: anything may stand there."""
    components = resource.get("component")
    if components is None:
        return is_no_concept(resource.get("code"))
    if not isinstance(components, list):
        return True
    return any(not isinstance(part, dict) or is_no_concept(part.get("code")) for part in (resource, *components))


def is_no_concept(code: Any) -> bool:
    """Whether a code is neither missing nor a CodeableConcept."""
    if code is None:
        return False
    listed = code.get("coding", []) if isinstance(code, dict) else None
    return not isinstance(listed, list) or not all(isinstance(coding, dict) for coding in listed)
