"""The chart: every fact and every finding about one patient on one day, worked out when somebody asks for it.

Facts may need findings (how long a calcium is usable depends on the kidneys) and findings need facts; the rulebook
has no cycle in this, so each is worked out once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from cds.facts.calcium import limit_of
from cds.facts.checks import cautious_checks_of, checks_of
from cds.facts.choice import choose
from cds.facts.doses import courses_of, dose_fact, product_state
from cds.facts.fact import Fact, Result, of_reading
from cds.facts.formulas import FORMULAS
from cds.facts.not_used import not_used
from cds.forms.limits import UPPER
from cds.intake.recognition import what_may_be
from cds.intake.record import CONDITIONS, MEDICINES, Course, Issue, Reading, Record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State, point
from cds.rulebook.model import (
    SEXES,
    AnyTerm,
    Computed,
    Demographic,
    Dose,
    GoalTerm,
    Measurement,
    Medication,
    ProductTerm,
    RuleBook,
    Window,
)


class Supposed(NamedTuple):
    """Facts of terms (None: not on record), states of findings, and past readings, in place of what a record says."""

    facts: Mapping[str, Fact | None]
    states: Mapping[str, State]
    past: Mapping[str, list[Reading]]


class Chart:
    """Facts and findings of a record, as of a day.

    What is supposed takes the place of what the record says; cases of rules and what-if questions suppose something.
    """

    def __init__(self, record: Record, book: RuleBook, as_of: date, supposed: Supposed | None = None) -> None:
        self.record, self.book, self.as_of, self.day = record, book, as_of, as_of.toordinal()
        self.supposed = supposed or Supposed({}, {}, {})
        self.values: dict[str, Fact | None] = dict(self.supposed.facts)
        self.states: dict[str, State] = dict(self.supposed.states)
        self.stale: dict[str, Fact] = {}
        self.checks = cautious_checks_of(book) if record.unread else checks_of(book)

    def value(self, name: str) -> Fact | None:
        """The usable fact of a term; None when the record holds none, or only a stale one (kept in ``stale``)."""
        if name not in self.values:
            self.values[name] = self._work_out(self.book.terms[name])
        return self.values[name]

    def state(self, name: str) -> State:
        """Whether a finding is present, absent or unknown."""
        state = self.states.get(name)
        if state is None:
            state = self.states[name] = self.checks[name](self)
        return state

    def history(self, name: str) -> list[Reading]:
        """All readings behind a term that lie within its longest window, in no order."""
        if name in self.supposed.past:
            return self.supposed.past[name]
        term = self.book.terms[name]
        if isinstance(term, Measurement):
            readings = self.record.readings.get(name, [])
            longest = longest_window(term.windows)
            return [r for r in readings if longest is None or self.day - r.when.first <= longest]
        if isinstance(term, Computed) and (past := FORMULAS[term.formula].history) is not None:
            return past(self, term)
        return []

    def recorded(self, name: str) -> State:
        """Whether a condition, medicine or product is on record; what nobody looked at is unknown."""
        record, term = self.record, self.book.terms[name]
        if type(term) is ProductTerm:
            return product_state(record, term)
        found = record.mentions.get(name) or record.courses.get(name)
        if found:
            return max(item.state for item in found)
        if not record.unread:
            return ABSENT
        kind = MEDICINES if isinstance(term, Medication) else CONDITIONS
        return UNKNOWN if kind in record.unread else ABSENT

    def courses(self, name: str) -> list[Course]:
        """The courses of a medicine or product."""
        return courses_of(self.record, self.book.terms[name], name)

    def limit_for(self, result: Fact | Result, name: str) -> float:
        """The reference limit, by the name of its term, that holds for one result."""
        term = self.book.terms[name]
        assert isinstance(term, Computed)  # noqa: S101 - reference limits are computed
        return limit_of(result.limits[1 if term.formula == UPPER else 0], result.unit, term)

    def unused(self) -> list[Issue]:
        """The issues of results that rules read and that could not be used."""
        return not_used(self)

    def has_unrecognised(self) -> bool:
        """Whether nobody can say what some medicine or condition on record is."""
        return bool(what_may_be(self.record, MEDICINES, CONDITIONS))

    def usable(self, term: Measurement | Computed, fact: Fact) -> bool:
        """Whether a fact is recent enough for this patient: the shortest window that applies."""
        age = fact.age(self.day)
        return age is None or not any(
            window.days is not None and age > window.days and self._applies(window, fact.value)
            for window in term.windows
        )

    def _applies(self, window: Window, value: Interval) -> bool:
        if window.at_most is not None:
            return value.high <= window.at_most
        if window.below is not None:
            return value.is_at_least(point(window.below)) is ABSENT
        return not window.finding or self.state(window.finding) is PRESENT

    def while_usable(self, term: Measurement | Computed, fact: Fact | None) -> Fact | None:
        """The fact if it is recent enough; a stale one is kept aside, so that its date can be shown."""
        if fact is None or self.usable(term, fact):
            return fact
        self.stale.setdefault(term.name, fact)
        return None

    def _work_out(self, term: AnyTerm) -> Fact | None:
        work_out = WORK_OUT.get(type(term))
        return work_out(self, term) if work_out else None

    def _computed(self, term: Computed) -> Fact | None:
        return FORMULAS[term.formula].compute(self, term)

    def _dose(self, term: Dose) -> Fact | None:
        return dose_fact(self.record, term)

    def _target(self, term: GoalTerm) -> Fact | None:
        targets = self.record.targets.get(term.of, [])
        newest = max(targets, key=lambda t: (t.when.minute, t.value), default=None)
        return newest and Fact(newest.value, "", newest.when, (newest.source,), taken_from=term.name)

    def _demographic(self, term: Demographic) -> Fact | None:
        return self._age(term) if term.name == "age" else self._sex(term)

    def _measured(self, term: Measurement) -> Fact | None:
        readings = self.record.readings.get(term.name)
        if readings is None:
            return None
        usable = [r for r in readings if self.usable(term, of_reading(r, term.unit, term.name))]
        if not usable and (old := choose(term, readings, self.day)) is not None:
            self.stale.setdefault(term.name, old)
        return choose(term, usable, self.day)

    def _age(self, term: Demographic) -> Fact | None:
        """Completed years; an interval where day or month of birth are missing."""
        birth = self.record.birth
        if birth is None or birth.first > self.day:
            return None
        youngest, oldest = (self._years_since(day) for day in (birth.last, birth.first))
        return Fact(Interval(max(0, youngest), oldest), term.unit, None, (self.record.patient,), taken_from=term.name)

    def _years_since(self, day: int) -> int:
        born = date.fromordinal(day)
        return self.as_of.year - born.year - ((self.as_of.month, self.as_of.day) < (born.month, born.day))

    def _sex(self, term: Demographic) -> Fact | None:
        if self.record.sex not in SEXES:
            return None
        return Fact(point(SEXES[self.record.sex]), "", None, (self.record.patient,), taken_from=term.name)


def longest_window(windows: tuple[Window, ...]) -> int | None:
    """The most days that any window allows; None for ever."""
    always = [w for w in windows if not w.finding and w.at_most is None and w.below is None]
    days = [window.days for window in always]
    return None if not days or None in days else max(d for d in days if d is not None)


WORK_OUT: dict[type, Callable[[Chart, Any], Fact | None]] = {
    Measurement: Chart._measured,
    Computed: Chart._computed,
    Dose: Chart._dose,
    GoalTerm: Chart._target,
    Demographic: Chart._demographic,
}
"""How the fact of each kind of term is worked out; terms of other kinds (conditions, medicines) have none."""
