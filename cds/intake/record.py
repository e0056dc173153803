"""One patient's data in the words of the rulebook: what intake hands to the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from cds.errors import CdsError
from cds.intake.dates import Moment
from cds.quantity import Interval, State

Json: TypeAlias = dict[str, Any]

MEDICINES, CONDITIONS = "medicines", "conditions"
"""Kinds of what a record holds, as ``Record.unread`` names them."""
ISSUE_CODES: dict[str, str] = {
    "unusable-unit": "A result has no unit, or one that cannot be converted.",
    "implausible-value": "A result lies outside the range of what can be.",
    "future-date": "A result is dated after the evaluation.",
    "withdrawn-result": "A result was entered in error or cancelled.",
    "status-not-final": "A result has no status that makes it usable.",
    "preliminary-result": "A preliminary result was used.",
    "no-value": "A result is on record without a value.",
    "not-a-number": "A result is not a plain number (but a text, a code or a range) and was not read.",
    "two-values": "A result has two values.",
    "number-as-text": "A number was written as text and was read.",
    "undated-result": "A result has no date and was not used.",
    "issued-as-date": "A result has no date of its own; the date of issue stands in.",
    "date-without-zone": "A time has no zone; its day was read.",
    "odd-unit-system": "A unit names another system than UCUM and was read.",
    "unit-by-text": "A unit has no code; its text is clear and was read.",
    "refused-code": "A result has a code that is never read (a race-specific or paediatric eGFR, a heel T-score).",
    "possible-result": "A result without a known code looks like one that matters and was not used.",
    "other-patient": "A resource is about somebody else and was not used.",
    "subject-unclear": "A resource does not name the patient by reference; it was used, as there is one patient only.",
    "unresolved-reference": "A reference leads nowhere in the data.",
    "matched-by-name": "A record without a known code was recognised by its name.",
    "no-medication": "A medication record names no medicine.",
    "medication-status": "A medication record has no status that says whether it is taken.",
    "not-taken": "A medication record says that the medicine is not taken.",
    "status-reason": "An active medication record gives a reason for its status.",
    "dosage-unclear": "A dose or frequency is not clear; a range was used.",
    "recorded-twice": "The same product is recorded twice and was counted once.",
    "entered-in-error": "A record was entered in error and was not used.",
    "refuted": "A condition was refuted: the patient does not have it.",
    "no-code": "A condition has neither code nor text.",
    "unclear-condition": "The status of a condition is not certain.",
    "answer-not-understood": "The answer to a question about a status is neither a yes nor a no that the rules know.",
    "medicine-not-recognised": "Medicines on record are nothing that the rules know.",
    "condition-not-recognised": "Conditions on record are nothing that the rules know.",
    "not-r4-valid": "A resource that was used is not valid FHIR R4.",
    "unknown-resource": "A resource type is not known.",
    "same-id-twice": "Two different resources have one id; the last one was read.",
    "incomplete-data": "The data have a further page that was not read.",
    "server-message": "The server added a message to its answer.",
    "unreadable-resource": "A resource could not be read.",
}
NOT_USED = frozenset({
    "unusable-unit", "implausible-value", "future-date", "withdrawn-result", "status-not-final", "no-value",
    "not-a-number", "two-values", "undated-result", "refused-code", "possible-result", "unreadable-resource",
})  # fmt: skip
"""The issues of results that were not used: rule DATA-06 speaks of those that name a term which rules read."""


UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError, ZeroDivisionError)
"""What reading JSON of an unexpected shape can raise; it is the problem of that element alone."""


class Issue(NamedTuple):
    """Something in the record that was relevant and not as it should be; the text holds no patient data.

    ``term`` is the measurement of which a result was not used. ``day`` is the first day (an ordinal) of a result that
    holds nothing which could ever be used: it is no loss where there is another one.
    ``names`` are patient data: what the record calls that which was not recognised. They belong to the text where
    somebody reads about this patient, and nowhere else.
    """

    code: str
    source: str
    text: str
    term: str = ""
    day: int | None = None
    names: tuple[str, ...] = ()


class Unrecognised(NamedTuple):
    """A medicine that may be taken, or a condition that may be there, and that nothing in the rulebook is.

    ``name`` is empty where it has none; ``coded``: it has a code of a system by which the rulebook knows such things.
    """

    kind: str
    source: str
    name: str
    coded: bool

    @property
    def is_something_else(self) -> bool:
        """Whether a code and a name that the rulebook could know, and does not, say that it is about something else."""
        return self.coded and bool(self.name)


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
    """A condition or status on record: present, unknown (provisional) or absent (a denied status)."""

    state: State
    when: Moment | None
    source: str


class Course(NamedTuple):
    """A medicine on record.

    ``start`` and ``end`` bound the time of taking; ``dosed`` is the earliest and latest possible day of the last
    known dose (ordinals), None when no day of a dose is recorded.
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


@dataclass
class Record:
    """What was read about one patient; the lists of each term are in the order of the data.

    ``unread`` names what nobody looked at (``patient``, ``conditions``, ``medicines``, ``observations``, ``goals``):
    nothing of that kind is known to be absent. ``drafts`` names the orders that are only drafted yet.
    ``answers`` are those to each question about a term, by the term and the code of the question. ``met`` counts the
    medicines that may be taken and the conditions that may be there.
    """

    patient: str
    birth: Moment | None = None
    sex: str = ""
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    answers: dict[tuple[str, str], list[Mention]] = field(default_factory=dict)
    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    courses: dict[str, list[Course]] = field(default_factory=dict)
    products: list[Course] = field(default_factory=list)
    targets: dict[str, list[Reading]] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    unrecognised: list[Unrecognised] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    used: list[Json] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()

    def lose(self, code: str, source: str, term: str, day: int | None = None, text: str = "") -> None:
        """Add the issue of a result of a term that was not used."""
        said = text or ISSUE_CODES[code].replace("A result", f"A result of {term}" if term else "A result", 1)
        self.note(code, source, said, term, day)

    def note(
        self,
        code: str,
        source: str,
        text: str = "",
        term: str = "",
        day: int | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """Add an issue, once."""
        if code not in ISSUE_CODES:
            raise CdsError(f"unknown issue code {code}")
        issue = Issue(code, source, text or ISSUE_CODES[code], term, day, names)
        if issue not in self.issues:
            self.issues.append(issue)
