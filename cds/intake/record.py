"""One patient's data in the words of the rulebook: what intake hands to the facts, and what is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cds.errors import CdsError
from cds.intake.elements import Names
from cds.intake.times import Moment
from cds.jsontypes import Json
from cds.quantity import Interval, State

ALLERGY = "allergy"
"""The issue of an allergy that is a condition of no rule."""
ISSUE_CODES: dict[str, str] = {
    "unusable-unit": "A result has no unit, or one that cannot be converted.",
    "implausible-value": "A result lies outside the range of what can be.",
    "future-date": "A result is dated after the evaluation.",
    "withdrawn-result": "A result was entered in error or cancelled.",
    "status-not-final": "A result has no status that makes it usable.",
    "preliminary-result": "A preliminary result was used.",
    "replaced-result": "A later report of the same specimen replaced a result; it was not used.",
    "no-value": "A result is on record without a value.",
    "flagged-without-value": "A result is on record without a value, and it is flagged as not normal.",
    "not-a-number": "A result is not a plain number (but a text, a code or a range) and was not read.",
    "two-values": "A result has two values.",
    "two-meanings": "A number may mean two things (a sign divides thousands or begins decimals); it was not used.",
    "unit-settled": "A result has no unit; it was read in the only one that fits it and its range.",
    "report-names": "A report names in words what no result and no diagnosis on record says; somebody has to look.",
    "named-elsewhere": "Words outside of results, diagnoses and medicines name what none of these says; please look.",
    "flag-not-borne-out": "A result is flagged (high, low, normal), and no range that it states says so.",
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
    "spoiled-result": "A result has a note that it is spoiled or not reliable; it was not used.",
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
    "not-given": "A medicine was not given; it does not count.",
    "given-once": "A medicine was given once; what is given elsewhere is not taken at home, and does not count.",
    "handed-out": "A medicine was handed out; whether it is still taken is not certain.",
    "not-handed-out": "A medicine was not handed out, or not yet; it does not count.",
    "supply-over": "What was handed out of a medicine was for a time that is over; it does not count as taken.",
    "not-done": "A procedure was not done, or not yet; it does not count.",
    ALLERGY: "An allergy or intolerance to something that the rules know is on record; no rule judges it.",
    "inactive-record": "The patient record is marked as inactive; it may have been replaced by another one.",
    "gender-as-text": "The gender is not one of the codes of FHIR and was read.",
    "gender-unclear": "The gender is not recorded in a form that can be read.",
    "birth-date-as-text": "The birth date is not written as FHIR says and was read.",
    "birth-date-unclear": "The birth date is not recorded in a form that can be used.",
    "status-reason": "An active medication record gives a reason for its status.",
    "route-unclear": "The route of a medicine is not understood; whether it counts is not certain.",
    "not-by-mouth": "A product with nutrients is not taken by mouth; it does not count as a supplement.",
    "dosage-in-words": "A dose or frequency is written in words only; the words were read.",
    "dosage-contradictory": "The words of a dosage contradict its dose or timing; a range of both was used.",
    "said-to-stop": "The directions of a medicine say that it is not taken; whether it is taken is not certain.",
    "order-long-past": "The supply of an order ended long ago; whether the medicine is still taken is not certain.",
    "one-unit-assumed": "Directions say how often and not how many; one unit each time was read.",
    "dosage-unclear": "A dose or frequency is not clear; a range was used.",
    "recorded-twice": "The same product is recorded twice and was counted once.",
    "entered-in-error": "A record was entered in error and was not used.",
    "refuted": "A condition was refuted: the patient does not have it.",
    "no-code": "A condition has neither code nor text.",
    "deceased-unclear": "Whether the patient has died is not recorded in a form that can be read.",
    "concept-as-text": "A text or a single code stands where a coded concept belongs; it was read as one.",
    "conditions-not-known": "The record says that nothing is known about conditions.",
    "medicines-not-known": "The record says that nothing is known about medicines.",
    "unclear-condition": "The status of a condition is not certain.",
    "onset-unclear": "When a condition began is not written in a form that can be read.",
    "answer-not-understood": "The answer to a question about a status is neither a yes nor a no that the rules know.",
    "medicine-not-understood": "Nobody can say what medicines on record are: no rule takes them for absent.",
    "condition-not-understood": "Nobody can say what conditions on record are: no rule takes them for absent.",
    "procedure-not-understood": "Nobody can say what procedures on record are; the rules judge without them.",
    "not-r4-valid": "A resource that was used is not valid FHIR R4.",
    "other-release": "A resource has a form of another FHIR release (DSTU2, STU3, R5); what could be read was used.",
    "unknown-resource": "A resource type is not known.",
    "bare-resource": "An entry holds a resource in another place than FHIR says; it was read.",
    "linked-patients": "Patients that are linked with each other were read as one person.",
    "not-attributed": "Resources name no patient, and the data hold several: they were not used.",
    "deleted-resource": "A resource was deleted; it was not used.",
    "same-id-twice": "Two different resources have one id; the later version was read.",
    "incomplete-data": "A part of the data was not sent: a further page, or what the server could not give.",
    "server-message": "The server added a message to its answer.",
    "unreadable-resource": "A resource could not be read.",
}
LOST_RESULTS = frozenset(
    """
    unusable-unit implausible-value future-date withdrawn-result status-not-final no-value flagged-without-value
    not-a-number two-values
    report-names two-meanings undated-result refused-code possible-result unreadable-resource value-and-reason
    modifier-not-understood spoiled-result
    """.split()
)
"""The issues of results that were not used: rule DATA-06 speaks of those that name a term which rules read."""
COURSE_OVER = "course-over"
"""The issue of a medicine that is recorded as active, and whose record states a time that is over."""
UNCERTAIN = "unclear-condition"
"""The issue that says why it is not certain that the patient has a condition."""
DOUBTS = frozenset(
    """
    medication-status planned-medicine course-may-be-over route-unclear said-not-taken handed-out said-to-stop
    order-long-past
    """.split()
)
"""The issues that say why it is not certain that a medicine is taken."""


PARTS = {
    "Patient": "patient",
    "Observation": "observations",
    "Condition": "conditions",
    "Goal": "goals",
    "MedicationStatement": "medicines",
    "MedicationRequest": "medicines",
    "MedicationDispense": "medicines",
    "MedicationAdministration": "medicines",
    "Medication": "medicines",
    "Procedure": "conditions",
}
"""The part of a record to which resources of a type belong, by the word of ``Record.unread``; what decides nothing has
none."""
LISTS = frozenset(PARTS.values()) - {"patient"}
"""The parts that are lists: what is missing from one cannot be seen in it."""


class Issue(NamedTuple):
    """Something in the record that was relevant and not as it should be; the text holds no patient data.

    ``not_used`` is the resource type of what was not used because of it (``Resource`` where no type is known,
    ``Bundle`` for a part of the data); empty where it was used.
    ``term`` is the measurement of which a result was not used. ``day`` is the first day (an ordinal) of a result that
    holds nothing which could ever be used: it is no loss where there is another one.
    ``names`` are patient data: what the record calls that which was not understood. They belong to the text where
    somebody reads about this patient, and nowhere else.
    ``may_be`` is the value of a result without a known code, in the unit of the term that it may be of.
    """

    code: str
    source: str
    text: str
    not_used: str = ""
    term: str = ""
    day: int | None = None
    names: tuple[str, ...] = ()
    may_be: Interval | None = None


MEDICINES, CONDITIONS = "medicines", "conditions"
"""Kinds of what a record holds, as ``Record.unread`` names them."""
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError, ZeroDivisionError)
"""What reading JSON of an unexpected shape can raise; it is the problem of that element alone."""


class Unrecognised(NamedTuple):
    """A medicine that may be taken, or a condition that may be there, and that nothing in the rulebook is.

    ``name`` is empty where it has none; ``coded``: it has a code of a system by which the rulebook knows such things.
    ``known``: its name, or its code alone, is that of another medicine.
    """

    kind: str
    source: str
    name: str
    coded: bool
    known: bool = False

    @property
    def is_something_else(self) -> bool:
        """Whether a code and a name that the rulebook could know, and does not, say that it is about something else.

        So does a name that is known to be that of something else.
        """
        return self.known or (self.coded and bool(self.name))


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
    ``amounts`` is, per nutrient, the amount of a day and of one intake. ``stated``: by a
    MedicationStatement. ``ordered``: by an order of a clinician; ``with_meals``: at two meals a day at least. ``codes``
    are those that stand for this product and no other one. ``handed_out``: known only because it was handed out.
    ``said_of`` are the product terms whose words its name or its form says.
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
    stated: bool = False
    codes: tuple[str, ...] = ()
    handed_out: bool = False
    said_of: tuple[str, ...] = ()
    ordered: bool = False
    with_meals: State = State.ABSENT


class PassedOver(NamedTuple):
    """A resource that nothing reads and that could say more, and whether a rule would speak of what it says.

    ``words`` are patient data, as ``Issue.names`` are: what the record calls that of which it is.
    """

    kind: str
    matters: bool
    source: str = ""
    words: str = ""


@dataclass
class Record:
    """What was read about one patient; the lists of each term are in the order of the data.

    ``unread`` names what nobody looked at (``patient``, ``conditions``, ``medicines``, ``observations``, ``goals``):
    nothing of that kind is known to be absent. ``not_understood`` names the kinds of which an entry was not understood
    and may be anything. ``drafts`` names the orders that are only drafted yet.
    ``answers`` are those to each question about a term, by the term and the code of the question. ``withdrawn`` names
    the resources that take back a result of a term, or an answer to a question. ``met`` counts the medicines that may
    be taken and the conditions that may be there. ``passed_over`` is what is not read and could say more. ``sent`` are
    all resources of the data, ``read`` those that stand for the patient: of several versions the latest. ``named_by``
    are the records of medicines that point to a resource which names the medicine, each with that resource.
    """

    patient: str
    birth: Moment | None = None
    sex: str = ""
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    answers: dict[tuple[str, str], list[Mention]] = field(default_factory=dict)
    withdrawn: dict[str | tuple[str, str], list[str]] = field(default_factory=dict)
    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    courses: dict[str, list[Course]] = field(default_factory=dict)
    products: list[Course] = field(default_factory=list)
    targets: dict[str, list[Reading]] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    unrecognised: list[Unrecognised] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    used: list[Json] = field(default_factory=list)
    named_by: list[tuple[Json, Json]] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    not_understood: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    names: Names = field(default_factory=Names)
    passed_over: list[PassedOver] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)
    read: list[Json] = field(default_factory=list)
    _noted: set[Issue] = field(default_factory=set, init=False, repr=False, compare=False)
    _listed: int = field(default=0, init=False, repr=False, compare=False)

    def __repr__(self) -> str:
        """How much was read; no patient data."""
        return f"<Record: {len(self.sent)} resources, {len(self.used)} used; {len(self.issues)} issues>"

    def name_of(self, resource: Json) -> str:
        """What a resource of this record is called in sources and issues, also without an id."""
        return self.names.of(resource)

    def lose_resource(self, code: str, source: str, kind: str) -> None:
        """Note that a resource of the patient could not be used: then nothing of its kind is known to be absent."""
        self.note(code, source, not_used=kind)
        self.unread |= {PARTS[kind]} if kind in PARTS else frozenset()

    def lose_result(
        self,
        code: str,
        source: str,
        term: str,
        day: int | None = None,
        text: str = "",
        may_be: Interval | None = None,
    ) -> None:
        """Add the issue of a result of a term that was not used."""
        said = text or ISSUE_CODES[code].replace("A result", f"A result of {term}" if term else "A result", 1)
        self.add(Issue(code, source, said, term=term, day=day, may_be=may_be))

    def note(
        self,
        code: str,
        source: str,
        text: str = "",
        *,
        not_used: str = "",
        term: str = "",
        day: int | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """Add an issue, once; without a text of its own it says what its code says."""
        self.add(Issue(code, source, text or ISSUE_CODES.get(code, ""), not_used, term, day, names))

    def add(self, issue: Issue) -> None:
        """Add an issue, once."""
        if issue.code not in ISSUE_CODES:
            raise CdsError(f"unknown issue code {issue.code}")
        if self._listed != len(self.issues):  # somebody else has added to the list
            self._noted = set(self.issues)
        if issue not in self._noted:
            self._noted.add(issue)
            self.issues.append(issue)
        self._listed = len(self.issues)
