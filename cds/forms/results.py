"""Forms about the values on record: whether there is one, how old it is, and where it was taken from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from cds.forms.of_terms import MINUTES, OfDays, OfTerm, within, yes
from cds.quantity import ABSENT, Interval, State
from cds.rulebook.model.form import DAY, PERCENT, Amount, Asked, AskedChart, AskedPatient, Check, Unread


@dataclass(frozen=True, slots=True)
class Known(OfTerm):
    """A usable value of the term is on record."""

    text = "{term} is known"
    example = "RESULT is known"
    when_unread = Unread.AS_IT_IS

    def check(self, _: Asked) -> Check:
        """Never unknown."""
        return lambda chart: yes(chart.value(self.term) is not None)

    def source(self, _: Asked) -> list[str]:
        """One line."""
        return [f"state = ABSENT if facts[{self.term!r}] is None else PRESENT"]

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """As the value is known."""
        return patient.logic.two_valued(patient.value(self.term).known)


@dataclass(frozen=True, slots=True)
class Missing(OfTerm):
    """No usable value of the term is on record."""

    text = "{term} is missing"
    example = "RESULT is missing"
    when_unread = Unread.AS_IT_IS

    def check(self, _: Asked) -> Check:
        """Never unknown."""
        return lambda chart: yes(chart.value(self.term) is None)

    def source(self, _: Asked) -> list[str]:
        """One line."""
        return [f"state = PRESENT if facts[{self.term!r}] is None else ABSENT"]

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """As the value is not known."""
        return patient.logic.two_valued(patient.logic.Not(patient.value(self.term).known))


@dataclass(frozen=True, slots=True)
class Dated(OfDays):
    """A usable value of the term is dated within so many days of the evaluation, or of another term's value."""

    of: str = ""

    example = "RESULT is dated within 90 days"
    more_examples: ClassVar[Mapping[str, str]] = {
        "RESULT is dated within 7 days of VALUE": "Before or after that value.",
    }

    @classmethod
    def pattern(cls) -> str:
        """With or without another term."""
        return r"(?P<term>.+?) is dated within (?P<days>\d+) days(?: of (?P<of>.+))?"

    @classmethod
    def read(cls, match: Any) -> Dated:
        """The days, and the other term where there is one."""
        return cls(match["term"], int(match["days"]), match["of"] or "")

    def __str__(self) -> str:
        """As the rule file says it."""
        return f"{self.term} is dated within {self.days} days" + (f" of {self.of}" if self.of else "")

    @property
    def terms(self) -> tuple[str, ...]:
        """The term, and the other one."""
        return tuple(dict.fromkeys(name for name in (self.term, self.of) if name))

    @property
    def time(self) -> tuple[str, Interval]:
        """The age of the value, or the time between the two."""
        of = f" before or after {self.of}" if self.of else " before the evaluation"
        return f"{self.term}: days{of}", within(self.days)

    def check(self, _: Asked) -> Check:
        """By the first day on which the value can have been taken; by the minute where there are two."""

        def recent(chart: AskedChart) -> State:
            fact = chart.value(self.term)
            return yes(fact is not None and fact.when is not None and chart.day - fact.when.first <= self.days)

        def near(chart: AskedChart) -> State:
            fact, other = chart.value(self.term), chart.value(self.of)
            if fact is None or fact.when is None or other is None or other.when is None:
                return ABSENT
            return yes(abs(fact.when.minute - other.when.minute) <= self.days * MINUTES)

        return near if self.of else recent

    def source(self, _: Asked) -> list[str]:
        """The first day of the value is compared; where there are two, the check is called."""
        if self.of:
            return []
        recent = f"fact is not None and fact.when is not None and day - fact.when.first <= {self.days}"
        return [f"fact = facts[{self.term!r}]", f"state = PRESENT if {recent} else ABSENT"]

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """A known value that is young enough, or near enough to another one; the hour of the day is free."""
        value, logic = patient.value(self.term), patient.logic
        known = logic.And(value.known, value.dated)
        if not self.of:
            return logic.two_valued(logic.And(known, value.age <= self.days))
        other = patient.value(self.of)
        gap, exactly = value.age - other.age, patient.variables.boolean(f"finding {name}", "by the hour")
        near = logic.And(gap <= self.days, gap >= -self.days)
        patient.plain.append(exactly)
        return logic.two_valued(logic.And(known, other.known, other.dated, near, logic.Or(exactly, gap == 0)))

    def mutants(self, _: Asked) -> Iterator[tuple[str, Dated]]:
        """One day less and one day more before the evaluation."""
        if not self.of:
            for days in (self.days - 1, self.days + 1):
                yield f": {days} days", replace(self, days=days)


@dataclass(frozen=True, slots=True)
class Repeated(OfDays):
    """Two results less than so many days apart."""

    text = "{term} was measured twice less than {days} days apart"
    example = "RESULT was measured twice less than 365 days apart"

    @property
    def time(self) -> tuple[str, Interval]:
        """The days between the results."""
        return f"{self.term}: days between two results", Interval(0, self.days, high_open=True)

    def check(self, _: Asked) -> Check:
        """By the days of the results."""

        def check(chart: AskedChart) -> State:
            days = sorted(reading.when.minute // MINUTES for reading in chart.history(self.term))
            return yes(any(later - earlier < self.days for earlier, later in itertools.pairwise(days)))

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free."""
        repeated = patient.variables.boolean(f"finding {name}")
        patient.plain.append(patient.logic.Implies(repeated, patient.value(self.term).known))
        return patient.logic.two_valued(repeated)


@dataclass(frozen=True, slots=True)
class Conflicting(OfTerm):
    """Results drawn within a day of the newest differ by more than the term's percentage."""

    text = "results of {term} conflict"
    example = "results of RESULT conflict"

    def check(self, _: Asked) -> Check:
        """As the value in use says."""

        def check(chart: AskedChart) -> State:
            fact = chart.value(self.term)
            return yes(fact is not None and fact.conflict)

        return check

    def source(self, _: Asked) -> list[str]:
        """As the value in use says."""
        return [f"fact = facts[{self.term!r}]", "state = PRESENT if fact is not None and fact.conflict else ABSENT"]

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """A known value that another result contradicts."""
        value, logic = patient.value(self.term), patient.logic
        return logic.two_valued(logic.And(value.known, value.conflict))

    def amounts(self, book: Asked) -> Iterator[Amount]:
        """The day within which the results were drawn, and the percentage of the term."""
        yield Amount(1, DAY)
        if percent := getattr(book.terms[self.term], "conflict", None):
            yield Amount(percent, PERCENT)


@dataclass(frozen=True, slots=True)
class TakenFrom(OfTerm):
    """The value of a term is that of another one (which it chose among several)."""

    of: str

    text = "{term} is taken from {of}"
    example = "VALUE is taken from RESULT"

    @property
    def terms(self) -> tuple[str, ...]:
        """The term, and the other one."""
        return (self.term, self.of)

    def check(self, _: Asked) -> Check:
        """As the value in use says."""

        def check(chart: AskedChart) -> State:
            fact = chart.value(self.term)
            return yes(fact is not None and fact.taken_from == self.of)

        return check

    def source(self, _: Asked) -> list[str]:
        """As the value in use says."""
        taken = f"fact is not None and fact.taken_from == {self.of!r}"
        return [f"fact = facts[{self.term!r}]", f"state = PRESENT if {taken} else ABSENT"]

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """A known value that may be that of the other one."""
        value, logic = patient.value(self.term), patient.logic
        return logic.two_valued(logic.And(value.known, value.taken.get(self.of, logic.FALSE)))
