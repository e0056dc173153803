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


def may_be_taken(resource: Json) -> bool:
    """Whether a medication record may speak of something that is taken, whatever that is, and whenever."""
    taken = not denies(resource) and str(resource.get("status")) not in NOT_TAKEN
    return taken and not is_no_order(resource)


def is_no_order(resource: Json) -> bool:
    """Whether a request is only a proposal or one of several options."""
    return resource["resourceType"] == "MedicationRequest" and str(resource.get("intent")) in NOT_ORDERED


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
