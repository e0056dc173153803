"""One patient's data in the words of the rulebook: what intake hands to the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cds.errors import CdsError
from cds.intake.dates import Moment
from cds.intake.elements import Names
from cds.intake.issues import ISSUE_CODES, PARTS, Issue
from cds.jsontypes import Json
from cds.quantity import Interval, State

MEDICINES, CONDITIONS = "medicines", "conditions"
"""Kinds of what a record holds, as ``Record.unread`` names them."""
UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, OverflowError, ZeroDivisionError)
"""What reading JSON of an unexpected shape can raise; it is the problem of that element alone."""


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
    MedicationStatement. ``codes`` are those that stand for this product and no other one.
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


@dataclass
class Record:
    """What was read about one patient; the lists of each term are in the order of the data.

    ``unread`` names what nobody looked at (``patient``, ``conditions``, ``medicines``, ``observations``, ``goals``):
    nothing of that kind is known to be absent. ``drafts`` names the orders that are only drafted yet.
    ``answers`` are those to each question about a term, by the term and the code of the question. ``withdrawn`` names
    the resources that take back a result of a term, or an answer to a question. ``met`` counts the medicines that may
    be taken and the conditions that may be there. ``passed_over`` are the types of what is not read and could say
    more, each with whether it is about a calcium product or something else that a rule would speak of.
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
    unread: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    names: Names = field(default_factory=Names)
    passed_over: list[tuple[str, bool]] = field(default_factory=list)
    _noted: set[Issue] = field(default_factory=set, init=False, repr=False, compare=False)
    _listed: int = field(default=0, init=False, repr=False, compare=False)

    def name_of(self, resource: Json) -> str:
        """What a resource of this record is called in sources and issues, also without an id."""
        return self.names.of(resource)

    def lose_resource(self, code: str, source: str, kind: str) -> None:
        """Note that a resource of the patient could not be used: then nothing of its kind is known to be absent."""
        self.note(code, source, not_used=kind)
        self.unread |= {PARTS[kind]}

    def lose_result(self, code: str, source: str, term: str, day: int | None = None, text: str = "") -> None:
        """Add the issue of a result of a term that was not used."""
        said = text or ISSUE_CODES[code].replace("A result", f"A result of {term}" if term else "A result", 1)
        self.note(code, source, said, term=term, day=day)

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
