"""One patient's data in the words of the rulebook: what intake hands to the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from cds.errors import CdsError
from cds.intake.dates import Moment
from cds.quantity import Interval, State

Json: TypeAlias = dict[str, Any]

ISSUE_CODES: dict[str, str] = {
    "unusable-unit": "A result has no unit, or one that cannot be converted.",
    "implausible-value": "A result lies outside the range of what can be.",
    "future-date": "A result is dated after the evaluation.",
    "withdrawn-result": "A result was entered in error or cancelled.",
    "status-not-final": "A result has no status that makes it usable.",
    "preliminary-result": "A preliminary result was used.",
    "replaced-result": "A later report of the same specimen replaced a result; it was not used.",
    "no-value": "A result is on record without a value.",
    "not-a-number": "A result is no number.",
    "two-values": "A result has two values.",
    "number-as-text": "A number was written as text and was read.",
    "undated-result": "A result has no date and was not used.",
    "issued-as-date": "A result has no date of its own; the date of issue stands in.",
    "date-without-zone": "A time has no zone; its day was read.",
    "odd-unit-system": "A unit names another system than UCUM and was read.",
    "unit-by-text": "A unit has no code; its text is clear and was read.",
    "refused-code": "The result has a code that is never read (a race-specific or paediatric eGFR, a heel T-score).",
    "possible-result": "A result without a known code looks like one that matters and was not used.",
    "other-patient": "A resource is about somebody else and was not used.",
    "subject-unclear": "A resource does not name the patient by reference; it was used, as there is one patient only.",
    "unresolved-reference": "A reference leads nowhere in the data.",
    "matched-by-name": "A record without a known code was recognised by its name.",
    "no-medication": "A medication record names no medicine.",
    "medication-status": "A medication record has no status that says whether it is taken.",
    "planned-medicine": "A medicine is planned; whether it is taken yet is not certain.",
    "course-over": "A medicine is recorded as active, and the time that its dosage states is over; it does not count.",
    "course-may-be-over": "A course of a stated length may be over; whether it is still taken is not certain.",
    "not-taken": "A medication record says that the medicine is not taken.",
    "status-reason": "An active medication record gives a reason for its status.",
    "route-unclear": "The route of a medicine is not understood; whether it counts is not certain.",
    "dosage-unclear": "A dose or frequency is not clear; a range was used.",
    "recorded-twice": "The same product is recorded twice and was counted once.",
    "entered-in-error": "A record was entered in error and was not used.",
    "refuted": "A condition was refuted: the patient does not have it.",
    "no-code": "A condition has neither code nor text.",
    "deceased-unclear": "Whether the patient has died is not recorded in a form that can be read.",
    "unclear-condition": "The status of a condition is not certain.",
    "not-r4-valid": "A resource that was used is not valid FHIR R4.",
    "other-release": "A resource has a form of another FHIR release (STU3 or R5); what could be read was used.",
    "unknown-resource": "A resource type is not known.",
    "same-id-twice": "Two different resources have one id; the later version was read.",
    "incomplete-data": "The data have a further page that was not read.",
    "server-message": "The server added a message to its answer.",
    "unreadable-resource": "A resource could not be read.",
}
REFUSED_RESULTS = frozenset({"unusable-unit", "implausible-value", "future-date", "withdrawn-result"})
"""The issues that rule DATA-06 speaks of."""
DOUBTS = frozenset({"medication-status", "planned-medicine", "course-may-be-over", "route-unclear"})
"""The issues that say why it is not certain that a medicine is taken."""


UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError, ZeroDivisionError)
"""What reading JSON of an unexpected shape can raise; it is the problem of that element alone."""


class Issue(NamedTuple):
    """Something in the record that was relevant and not as it should be; the text holds no patient data."""

    code: str
    source: str
    text: str


class Reading(NamedTuple):
    """One result of a measurement, in the unit of its term.

    ``limits`` are the laboratory's own reference limits, in the same unit, where it gave them.
    """

    value: Interval
    when: Moment
    source: str
    limits: tuple[float | None, float | None] = (None, None)
    rank: int = 0


class Mention(NamedTuple):
    """A condition or status on record: present, unknown (provisional) or absent (a denied status, or it ended)."""

    state: State
    when: Moment | None
    source: str


class Course(NamedTuple):
    """A medicine on record.

    ``start`` and ``end`` bound the time of taking; ``dosed`` is the earliest and latest possible day of the last
    known dose (ordinals), None when no day of a dose is recorded.
    ``lasts`` are the days of the whole course where its length is stated and its end is not recorded.
    ``salt`` is that of its calcium; several have ", " between them.
    ``amounts`` is, per nutrient, the amount of a day and of one intake.
    """

    state: State
    name: str
    source: str
    start: Moment | None = None
    end: Moment | None = None
    dosed: tuple[int, int] | None = None
    prescribed: bool = False
    salt: str = ""
    intent: str = ""
    holds: tuple[str, ...] = ()
    amounts: dict[str, tuple[Interval, Interval]] = {}  # noqa: RUF012
    doubled: bool = False
    lasts: Interval | None = None


@dataclass
class Record:
    """What was read about one patient; the lists of each term are in the order of the data.

    ``unread`` names what nobody looked at (``patient``, ``conditions``, ``medicines``, ``observations``, ``goals``):
    nothing of that kind is known to be absent. ``drafts`` names the orders that are only drafted yet.
    """

    patient: str
    birth: Moment | None = None
    sex: str = ""
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    courses: dict[str, list[Course]] = field(default_factory=dict)
    products: list[Course] = field(default_factory=list)
    targets: dict[str, list[Reading]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    used: list[Json] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()

    def note(self, code: str, source: str, text: str = "") -> None:
        """Add an issue, once."""
        if code not in ISSUE_CODES:
            raise CdsError(f"unknown issue code {code}")
        issue = Issue(code, source, text or ISSUE_CODES[code])
        if issue not in self.issues:
            self.issues.append(issue)
