"""What is not as it should be in the data: the codes of issues, what each says, and what was lost because of it."""

from __future__ import annotations

from typing import NamedTuple

ISSUE_CODES: dict[str, str] = {
    "unusable-unit": "A result has no unit, or one that cannot be converted.",
    "implausible-value": "A result lies outside the range of what can be.",
    "future-date": "A result is dated after the evaluation.",
    "withdrawn-result": "A result was entered in error or cancelled.",
    "status-not-final": "A result has no status that makes it usable.",
    "preliminary-result": "A preliminary result was used.",
    "replaced-result": "A later report of the same specimen replaced a result; it was not used.",
    "no-value": "A result is on record without a value.",
    "not-a-number": "A result is not a plain number (but a text, a code or a range) and was not read.",
    "two-values": "A result has two values.",
    "number-as-text": "A number was written as text and was read.",
    "undated-result": "A result has no date and was not used.",
    "issued-as-date": "A result has no date of its own; the date of issue stands in.",
    "date-without-zone": "A time has no zone; its day was read.",
    "odd-unit-system": "A unit names another system than UCUM and was read.",
    "unit-by-text": "A unit has no code; its text is clear and was read.",
    "refused-code": "A result has a code that is never read.",
    "possible-result": "A result without a known code looks like one that matters and was not used.",
    "value-and-reason": "A result has both a value and a reason why it has none; it was not used.",
    "modifier-not-understood": "A result carries a modifier that is not understood; it was not used.",
    "other-focus": "A result is about somebody or something else than the patient and was not used.",
    "range-not-read": "No reference range of a result can be used; the usual limits stand.",
    "other-patient": "A resource is about somebody else and was not used.",
    "subject-unclear": "A resource does not name the patient by reference; it was used, as there is one patient only.",
    "unresolved-reference": "A reference leads nowhere in the data.",
    "matched-by-name": "A record without a known code was recognised by its name.",
    "no-medication": "A medication record names no medicine.",
    "unnamed-medicine": "A medicine that may be taken is named nowhere in the data; it was not used.",
    "medication-status": "A medication record has no status that says whether it is taken.",
    "planned-medicine": "A medicine is planned; whether it is taken yet is not certain.",
    "course-over": "A medicine is recorded as active, and the time that its record states is over; it does not count.",
    "course-may-be-over": "A course of a stated length may be over; whether it is still taken is not certain.",
    "not-taken": "A medication record says that the medicine is not taken.",
    "said-not-taken": "A statement says that an ordered medicine is not taken; whether it is taken is not certain.",
    "status-reason": "An active medication record gives a reason for its status.",
    "route-unclear": "The route of a medicine is not understood; whether it counts is not certain.",
    "not-by-mouth": "A product with nutrients is not taken by mouth; it does not count as a supplement.",
    "dosage-unclear": "A dose or frequency is not clear; a range was used.",
    "recorded-twice": "The same product is recorded twice and was counted once.",
    "entered-in-error": "A record was entered in error and was not used.",
    "refuted": "A condition was refuted: the patient does not have it.",
    "no-code": "A condition has neither code nor text.",
    "deceased-unclear": "Whether the patient has died is not recorded in a form that can be read.",
    "unclear-condition": "The status of a condition is not certain.",
    "onset-unclear": "When a condition began is not written in a form that can be read.",
    "answer-not-understood": "The answer to a question about a status is neither a yes nor a no that the rules know.",
    "medicine-not-recognised": "Medicines on record are nothing that the rules know.",
    "condition-not-recognised": "Conditions on record are nothing that the rules know.",
    "not-r4-valid": "A resource that was used is not valid FHIR R4.",
    "other-release": "A resource has a form of another FHIR release (STU3 or R5); what could be read was used.",
    "unknown-resource": "A resource type is not known.",
    "bare-resource": "An entry holds a resource in another place than FHIR says; it was read.",
    "deleted-resource": "A resource was deleted; it was not used.",
    "same-id-twice": "Two different resources have one id; the later version was read.",
    "incomplete-data": "A part of the data was not sent: a further page, or what the server could not give.",
    "server-message": "The server added a message to its answer.",
    "unreadable-resource": "A resource could not be read.",
}
LOST_RESULTS = frozenset(
    """
    unusable-unit implausible-value future-date withdrawn-result status-not-final no-value not-a-number two-values
    undated-result refused-code possible-result unreadable-resource value-and-reason modifier-not-understood
    """.split()
)
"""The issues of results that were not used: rule DATA-06 speaks of those that name a term which rules read."""
COURSE_OVER = "course-over"
"""The issue of a medicine that is recorded as active, and whose record states a time that is over."""
UNCERTAIN = "unclear-condition"
"""The issue that says why it is not certain that the patient has a condition."""
DOUBTS = frozenset({"medication-status", "planned-medicine", "course-may-be-over", "route-unclear", "said-not-taken"})
"""The issues that say why it is not certain that a medicine is taken."""


PARTS = {
    "Patient": "patient",
    "Observation": "observations",
    "Condition": "conditions",
    "Goal": "goals",
    "MedicationStatement": "medicines",
    "MedicationRequest": "medicines",
    "Medication": "medicines",
}
"""The part of a record to which resources of a type belong, by the word of ``Record.unread``."""
LISTS = frozenset(PARTS.values()) - {"patient"}
"""The parts that are lists: what is missing from one cannot be seen in it."""


class Issue(NamedTuple):
    """Something in the record that was relevant and not as it should be; the text holds no patient data.

    ``not_used`` is the resource type of what was not used because of it (``Resource`` where no type is known,
    ``Bundle`` for a part of the data); empty where it was used.
    ``term`` is the measurement of which a result was not used. ``day`` is the first day (an ordinal) of a result that
    holds nothing which could ever be used: it is no loss where there is another one.
    ``names`` are patient data: what the record calls that which was not recognised. They belong to the text where
    somebody reads about this patient, and nowhere else.
    """

    code: str
    source: str
    text: str
    not_used: str = ""
    term: str = ""
    day: int | None = None
    names: tuple[str, ...] = ()
