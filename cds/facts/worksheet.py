"""The worksheet on which facts and findings are worked out: what formulas and sentences may ask meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cds.facts.doses import Taken, courses_among
from cds.facts.fact import Fact, Result
from cds.facts.formulas import FORMULAS
from cds.facts.limits import limit_of
from cds.facts.results_not_used import may_be_newer, results_not_used
from cds.forms.limits import UPPER
from cds.intake.record import Course, Issue, Reading, Record
from cds.intake.unrecognised import kinds_not_understood
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State, point
from cds.rulebook.graph import CONDITIONS, MEDICINES
from cds.rulebook.model import Computed, Measurement, RuleBook, Window
from cds.rulebook.model.term import Condition, Medication, ProductTerm

Known: TypeAlias = tuple[dict[str, "Fact | None"], dict[str, State], dict[str, Fact]]
"""Facts, states and facts that are too old: those known before, to which the others are added."""


class Worksheet:
    """Facts and states of findings worked out so far; whoever asks comes after what he asks for.

    ``past`` are readings that stand in place of those of the record; ``taken`` are the products of each product term.
    """

    __slots__ = ("book", "day", "doubted", "facts", "past", "record", "stale", "state", "states", "taken", "value")

    def __init__(
        self, record: Record, book: RuleBook, day: int, past: Mapping[str, list[Reading]], taken: Taken, known: Known
    ) -> None:
        self.record, self.book, self.day, self.past, self.taken = record, book, day, past, taken
        self.facts, self.states, self.stale = known
        self.doubted = record.unread | record.not_understood if record.not_understood else record.unread
        self.value: Callable[[str], Fact | None] = self.facts.get
        """The usable fact of a term; None when the record holds none, or only a stale one (kept in ``stale``)."""
        self.state: Callable[[str], State] = self.states.__getitem__
        """Whether a finding is present, absent or unknown."""

    def history(self, name: str) -> list[Reading]:
        """All readings behind a term that lie within its longest window, in no order."""
        if name in self.past:
            return self.past[name]
        term = self.book.terms[name]
        if isinstance(term, Measurement):
            readings = self.record.readings.get(name, [])
            longest = longest_window(term.windows) if readings and term.windows else None
            return readings if longest is None else [r for r in readings if self.day - r.when.first <= longest]
        if isinstance(term, Computed) and (past := FORMULAS[term.formula].history) is not None:
            return past(self, term)
        return []

    def recorded(self, name: str) -> State:
        """Whether a condition, medicine or product is on record.

        What nobody looked at is unknown, and so is what an entry may be that was not understood.
        """
        record, term = self.record, self.book.terms[name]
        if type(term) is ProductTerm:
            least = UNKNOWN if MEDICINES in self.doubted else ABSENT
            return max([least, *[state for _, state in self.taken[name]]]) if name in self.taken else least
        if mentioned := record.mentions.get(name):
            return mentioned[0].state if len(mentioned) == 1 else max([item.state for item in mentioned])
        courses = record.courses.get(name, ())
        if not self.doubted:
            return max([course.state for course in courses], default=ABSENT)
        least = UNKNOWN if self._may_be_there(term) else ABSENT
        return max([least, *[course.state for course in courses]])

    def _may_be_there(self, term: object) -> bool:
        """Whether what was not read, or not understood, may be it; what a Patient says stands in no other entry."""
        if isinstance(term, Medication):
            return MEDICINES in self.doubted
        kinds = self.record.unread if isinstance(term, Condition) and term.patient_element else self.doubted
        return CONDITIONS in kinds

    def courses(self, name: str) -> list[Course]:
        """The courses of a medicine or product."""
        return courses_among(self.taken, self.record, name)

    def limit_for(self, result: Fact | Result, name: str) -> float:
        """The reference limit, by the name of its term, that holds for one result."""
        term = self.book.terms[name]
        assert isinstance(term, Computed)  # noqa: S101 - reference limits are computed
        return limit_of(result.limits[1 if term.formula == UPPER else 0], result.unit, term, self.book)

    def unused(self) -> list[Issue]:
        """The issues of results that rules read and that could not be used."""
        return results_not_used(self)

    def unused_after(self, fact: Fact | None) -> list[Issue]:
        """Those of them that may be newer than a fact; all of them for None."""
        return [issue for issue in self.unused() if may_be_newer(self.record, issue, fact)]

    def has_unrecognised(self) -> bool:
        """Whether nobody can say what some medicine or condition on record is."""
        return bool(kinds_not_understood(self.record))

    def usable(self, term: Measurement | Computed, value: Interval, age: int | None) -> bool:
        """Whether a value of so many days is recent enough for this patient: the shortest window that applies."""
        if age is not None:
            for window in term.windows:
                if window.days is not None and self._applies(window, value) and age > window.days:
                    return False
        return True

    def _applies(self, window: Window, value: Interval) -> bool:
        if window.at_most is not None:
            return value.high <= window.at_most
        if window.below is not None:
            return value.is_at_least(point(window.below)) is ABSENT
        return not window.finding or self.states[window.finding] is PRESENT

    def while_usable(self, term: Measurement | Computed, fact: Fact | None) -> Fact | None:
        """The fact if it is recent enough; a stale one is kept aside, so that its date can be shown."""
        if fact is None or self.usable(term, fact.value, fact.age(self.day)):
            return fact
        self.stale.setdefault(term.name, fact)
        return None


def longest_window(windows: tuple[Window, ...]) -> int | None:
    """The most days that any window allows; None for ever."""
    always = [w for w in windows if not w.finding and w.at_most is None and w.below is None]
    days = [window.days for window in always]
    return None if not days or None in days else max(d for d in days if d is not None)
