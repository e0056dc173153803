"""Forms about when something on record happened: how long ago, and at which age of the patient.

What was recorded several times counts as that one of them which makes the finding most certain. One without a day may
have happened on any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cds.forms.of_terms import OfDays, OfTerm
from cds.quantity import UNKNOWN, State, at_most, negated
from cds.rulebook.model import BIRTH_DATE
from cds.rulebook.model.form import Amount, Asked, AskedChart, AskedPatient, Check

YEAR = "a"
"""The unit of an age."""
DAYS_A_YEAR = 365.25


def _most_certain(chart: AskedChart, name: str, state: Callable[[Any], State]) -> State:
    """The state of the most certain record of a condition; what was not understood may be it, on any day."""
    mentions = chart.record.mentions.get(name, ())
    states: list[State] = [min(each.state, state(each.when) if each.when else UNKNOWN) for each in mentions]
    return max(states, default=min(chart.recorded(name), UNKNOWN))


@dataclass(frozen=True, slots=True)
class Happened(OfDays):
    """A condition or an operation is dated within so many days."""

    text = "{term} happened within {days} days"
    example = "CONDITION happened within 365 days"
    measures = "days since it happened"

    def check(self, _: Asked) -> Check:
        """As certain as that it is on record; unknown where the day is not known, or may lie on either side."""

        def check(chart: AskedChart) -> State:
            day = chart.day
            return _most_certain(chart, self.term, lambda when: at_most(when.days_before(day), self.days))

        return check

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """By the day of it, one for all who ask."""
        (_, most, fewest), logic = patient.last_event(self.term), patient.logic
        on_record = patient.recorded(self.term)
        sure, maybe = logic.And(on_record.sure, most <= self.days), logic.And(on_record.maybe, fewest <= self.days)
        return logic.ThreeValued(sure, maybe)


@dataclass(frozen=True, slots=True)
class HappenedAtAge(OfTerm):
    """A condition or an operation is dated at so many years of age, or later."""

    years: int

    text = "{term} happened at {years} years of age or later"
    example = "CONDITION happened at 50 years of age or later"

    @classmethod
    def pattern(cls) -> str:
        """Whole years."""
        return r"(?P<term>.+) happened at (?P<years>\d+) years of age or later"

    @classmethod
    def read(cls, match: Any) -> HappenedAtAge:
        """The term and the years."""
        return cls(match["term"], int(match["years"]))

    def check(self, _: Asked) -> Check:
        """As certain as that it is on record; unknown without its day or the birth, or where the age may be either."""

        def check(chart: AskedChart) -> State:
            birth = chart.record.birth
            return _most_certain(chart, self.term, lambda when: self._state(when, birth))

        return check

    def _state(self, when: Any, birth: Any) -> State:
        if birth is None:
            return UNKNOWN
        return negated(at_most(when.years_after(birth), self.years - 1))

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free within what is on record; exact, but for a day, in a patient of whom day and age are known."""
        state, on_record, logic = patient.free_state(f"finding {name}"), patient.recorded(self.term), patient.logic
        patient.laws.append(state.at_most(on_record))
        (dated, most, _), age = patient.last_event(self.term), patient.demographic(BIRTH_DATE)
        days = logic.exact(DAYS_A_YEAR) * (age.low - self.years) - most
        known = logic.And(dated, age.known, age.low == age.high)
        late = logic.If(days >= 1, state.equals(on_record), logic.Not(state.maybe))
        open_ = logic.And(logic.Not(state.sure), state.maybe == on_record.maybe)
        patient.plain += [logic.If(known, late, open_), logic.Or(days >= 1, days <= -1)]
        return state

    def amounts(self, _: Asked) -> Iterator[Amount]:
        """The years."""
        yield Amount(self.years, YEAR)
