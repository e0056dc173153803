"""Whether the status and the negations of a medication record leave open that the medicine is taken at all."""

from __future__ import annotations

from cds.intake.medicines.dosages.dosage import is_true
from cds.intake.record import UNREADABLE
from cds.jsontypes import Json

STU3_TAKEN = {"n": "not-taken", "unk": "unknown", "na": "unknown"}
"""What STU3 says in an element of its own (MedicationStatement.taken) and R4 by the status."""
NOT_TAKEN = frozenset(
    {"not-taken", "entered-in-error", "stopped", "on-hold", "cancelled", "completed", "draft", "ended"}
)
NOT_ORDERED = frozenset({"proposal", "option"})
ORDERED = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
"""The intents of a request by which somebody is to act (FHIR R4, medicationrequest-intent); a plan is none yet."""
NO_CLINICIANS = ("Patient", "RelatedPerson")


def may_be_taken(resource: Json) -> bool:
    """Whether a medication record may speak of something that is taken, whatever that is, and whenever."""
    taken = not denies(resource) and str(resource.get("status")) not in NOT_TAKEN
    return taken and not is_no_order(resource)


def is_no_order(resource: Json) -> bool:
    """Whether a request is only a proposal or one of several options."""
    return resource["resourceType"] == "MedicationRequest" and str(resource.get("intent")) in NOT_ORDERED


def is_reported(resource: Json) -> bool:
    """Whether a request only tells what somebody said, and is not the order itself."""
    return resource.get("reportedBoolean") is True or "reportedReference" in resource


def is_ordered(resource: Json) -> bool:
    """Whether it is a clinician's order: with the intent of an order, not reported, not asked for by the patient."""
    is_order = resource["resourceType"] == "MedicationRequest" and str(resource.get("intent")) in ORDERED
    return is_order and not is_reported(resource) and not is_asked_for_by_the_patient(resource)


def is_asked_for_by_the_patient(resource: Json) -> bool:
    """Whether the patient, or somebody of the family, asked for it, and no clinician."""
    requester = resource.get("requester")
    if not isinstance(requester, dict):
        return False
    named = str(requester.get("type")) in NO_CLINICIANS
    return named or any(f"{kind}/" in str(requester.get("reference")) for kind in NO_CLINICIANS)


def says_not_taken(resource: Json) -> bool:
    """Whether a record says that the medicine is not taken, or not to be given: in R4, STU3, or DSTU2 (wasNotTaken)."""
    stated = "not-taken" in (resource.get("status"), STU3_TAKEN.get(str(resource.get("taken"))))
    return stated or any(is_true(resource.get(key)) for key in ("doNotPerform", "wasNotTaken"))


def denies(resource: Json) -> bool:
    """Whether a record certainly says that the medicine is not taken; a negation that cannot be read does not."""
    try:
        return says_not_taken(resource)
    except UNREADABLE:
        return False
