"""The form about reference limits: ``a result of RESULT within 180 days was outside its limits``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds.forms.of_terms import OfDays
from cds.quantity import ABSENT, UNKNOWN, Interval, State, negated, point
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Bound, Check, Comparison, Place, Unread
from cds.rulebook.model.term import AnyTerm, Computed

LOWER, UPPER = "lower reference limit", "upper reference limit"
LIMIT_FORMULAS = (LOWER, UPPER)
"""The formulas of terms that hold for single results too."""


def limits_of(name: str, terms: Mapping[str, AnyTerm]) -> tuple[Computed, ...]:
    """The terms with the lower and the upper limit of a term, as far as both are defined."""
    own = [term for term in terms.values() if isinstance(term, Computed) and term.inputs == (name,)]
    return tuple(term for formula in LIMIT_FORMULAS for term in own if term.formula == formula)


@dataclass(frozen=True, slots=True)
class OutsideLimits(OfDays):
    """A result of so many days was outside the limits that hold for it."""

    text = "a result of {term} within {days} days was outside its limits"
    example = "a result of RESULT within 180 days was outside its limits"
    measures = "days since a result outside its limits"
    when_unread = Unread.BY_DEFAULTS

    def more_terms(self, _: Mapping[str, Any], terms: Mapping[str, AnyTerm]) -> Iterator[str]:
        """What is computed from the term, its limits among them."""
        yield from (t.name for t in terms.values() if isinstance(t, Computed) and self.term in t.inputs)

    def problems(self, terms: Mapping[str, AnyTerm], _: Mapping[str, str], where: Place) -> None:
        """A term without reference limits."""
        if len(limits_of(self.term, terms)) < len(LIMIT_FORMULAS):
            todo = f"Define two terms from it, by the formulas '{LOWER}' and '{UPPER}'."
            where.problem(f"'{self.term}' has no reference limits.", todo, "bad-sentence")

    def check(self, book: Asked) -> Check:
        """The strongest state among the results of so many days."""
        lower, upper = (term.name for term in limits_of(self.term, book.terms))

        def outside(chart: AskedChart, result: Any) -> State:
            value: Interval = result.value
            below = negated(value.is_at_least(point(chart.limit_for(result, lower))))
            return max(below, value.is_above(point(chart.limit_for(result, upper))))

        def check(chart: AskedChart) -> State:
            fact = chart.value(self.term)
            if fact is None:
                return UNKNOWN
            found, earliest = ABSENT, chart.day - self.days
            for result in fact.results:
                if result.when.first >= earliest:
                    found = max(found, outside(chart, result))
            return found

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Unknown without a value; a recent value that is outside says so itself, older results may as well."""
        value, logic = patient.value(self.term), patient.logic
        lower, upper = (term.name for term in limits_of(self.term, patient.book.terms))
        bounds = (("below", lower), ("above", upper))
        outside = logic.either(
            logic.compared(Comparison(word, Bound(0, "", limit)), value, patient.value(limit)) for word, limit in bounds
        )
        recent = logic.And(logic.Not(value.conflict), value.age <= self.days)
        own = logic.if_else(recent, outside, logic.SURE[ABSENT])
        other = patient.free_state(f"finding {name}: another result")
        patient.plain.append(other.equals(logic.either(patient.outside_by_others(self))))
        return logic.if_else(value.known, logic.either([own, other]), logic.SURE[UNKNOWN])
