"""Every possible patient at once: the facts and findings of a chart as formulas over free variables.

What is abstracted, and in which direction: each variable is free within laws that every real record obeys, so the
patients described here include all that the product can meet, and some that it cannot. A property that holds for all
of them holds for the product. A patient who breaks one may not exist: he is written down as a FHIR bundle and run
through the product before anybody speaks of him (``cds.proof.search``).

* A measurement is its usable result: any interval in the plausible range, of any age its windows allow, or missing.
  Which of several results was chosen is not modelled; what only several results can cause (contradictions, two values
  days apart, another result of the same day) is free.
* Sums, limits, ranges by age and sex, windows and choices among terms are exact (``cds.proof.formulas``); CKD-EPI, the
  correction for albumin and the rise of creatinine are free numbers.
* Products are states and amounts, not tablets; they obey what their definitions imply for each other.
* Where a part of the record was not read (a hook call without all that it prefetches), what rests on it is unknown as
  the product has it.
* What-if questions (would the outcome be another one?) are free unless a search settles them exactly
  (``cds.proof.decision.settling_laws``).
* Numbers are exact rationals; the product computes with floats that are rounded to nine decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import z3

from cds.facts.checks import parts_read
from cds.forms.limits import OutsideLimits
from cds.proof import formulas, logic, product_laws, record_laws
from cds.proof.three_valued import Bool, Number, ThreeValued, disjunction, exact
from cds.proof.values import NO_VALUE, ZERO, SolverValue, Variables
from cds.quantity import Interval
from cds.review.quick_proofs.written import implied
from cds.rulebook.graph import CONDITIONS, GOALS, MEDICINES, OBSERVATIONS, PATIENT
from cds.rulebook.model import (
    BIRTH_DATE,
    SEXES,
    AnyTerm,
    Computed,
    Demographic,
    Dose,
    Form,
    GoalTerm,
    Measurement,
    RuleBook,
    Window,
)
from cds.rulebook.model.form import Unread

LONGEST_LIFE = 150
_PARTS = (PATIENT, MEDICINES, CONDITIONS, OBSERVATIONS, GOALS)


class Patient:
    """One patient as formulas; built whole, so that ``laws`` is complete.

    ``plain`` are the further laws of patients who can be written down simply: one result for each measurement.
    ``given`` are values and ``told`` states of findings that stand in place of what the record would say; ``logic`` is
    what forms make formulas with.
    """

    def __init__(
        self,
        book: RuleBook,
        variables: Variables,
        given: Mapping[str, SolverValue] | None = None,
        told: Mapping[str, ThreeValued] | None = None,
    ) -> None:
        self.book, self.variables = book, variables
        self.logic: Any = logic
        self.laws: list[Bool] = []
        self.plain: list[Bool] = []
        self.values: dict[str, SolverValue] = dict(given or {})
        self.states: dict[str, ThreeValued] = dict(told or {})
        self.unread = {part: variables.boolean(f"{part} not read") for part in _PARTS}
        self.plain += [z3.Not(unread) for unread in self.unread.values()]
        for name in book.findings:
            self.state(name)
        for name in (term.name for term in book.terms.values() if isinstance(term, Computed)):
            self.value(name)  # that of which only cards speak too
        self.laws += product_laws.laws_of_products(self)
        for name, others in implied(book).items():
            self.laws += [self.recorded(name).at_most(self.recorded(other)) for other in others]

    def value(self, name: str) -> SolverValue:
        """The usable fact of a term."""
        if name not in self.values:
            self.values[name] = self._work_out(self.book.terms[name])
        return self.values[name]

    def demographic(self, element: str) -> SolverValue:
        """The age or the sex, by their element of Patient; not known where the rule files have no term for it."""
        name = self.book.demographic(element)
        return self.value(name) if name else NO_VALUE

    def state(self, name: str) -> ThreeValued:
        """The state of a finding."""
        if name not in self.states:
            definition = self.book.findings[name].definition
            found = self.not_read(definition, definition.prove(self, name))
            self.states[name] = ThreeValued(self.named(found.sure), self.named(found.maybe))
        return self.states[name]

    def not_read(self, form: Form, found: ThreeValued) -> ThreeValued:
        """The state where the part of the record that it rests on was perhaps not read (see ``cds.facts.checks``)."""
        if form.when_unread is Unread.AS_IT_IS:
            return found
        if form.when_unread is Unread.NOTHING_MISSING:
            nothing_present = z3.Not(z3.Or([self.state(other).sure for other in form.findings]))
            unread = z3.Or(list(self.unread.values()))
            return ThreeValued(z3.And(found.sure, z3.Not(unread)), z3.Or(found.maybe, z3.And(unread, nothing_present)))
        doubtful = disjunction(self.unread[part] for part in sorted(parts_read(self.book, form)))
        is_doubted = form.when_unread is not Unread.NEVER_ABSENT
        sure = z3.And(found.sure, z3.Not(doubtful)) if is_doubted else found.sure
        return ThreeValued(sure, z3.Or(found.maybe, doubtful))

    def recorded(self, name: str) -> ThreeValued:
        """Whether a condition, medicine or product is on record: free, and one statement for all who ask."""
        return self.free_state(f"{name} is on record")

    def last_dose(self, name: str) -> tuple[Bool, Number, Number]:
        """Whether a dose is dated, and the most and the fewest days since the last one."""
        there = self.variables.boolean(f"dose of {name}", "dated")
        most, fewest = (self.variables.integer(f"dose of {name}", part) for part in ("most", "fewest"))
        self.laws += [fewest >= 0, most >= fewest]
        self.plain += [most == fewest, z3.Implies(there, z3.And(self.recorded(name).sure, most <= 365))]
        return there, most, fewest

    def last_event(self, name: str) -> tuple[Bool, Number, Number]:
        """Whether a condition is dated, and the most and the fewest days since it happened."""
        dated = self.variables.boolean(f"event of {name}", "dated")
        most, fewest = (self.variables.integer(f"event of {name}", part) for part in ("most", "fewest"))
        self.laws += [fewest >= 0, most >= fewest]
        counts = z3.And(most == fewest, most <= self.longest_event(name))
        self.plain += [z3.If(dated, counts, z3.And(fewest == 0, most > LONGEST_LIFE * 366))]
        return dated, most, fewest

    def longest_event(self, name: str) -> int:
        """The most days for which a dated condition surely counts."""
        term = self.book.terms[name]
        limits = (getattr(term, "forgotten_after", None), getattr(term, "unknown_after", None), LONGEST_LIFE * 365)
        return min(days for days in limits if days is not None)

    def of_others(self, value: SolverValue, says: Callable[[SolverValue], ThreeValued]) -> ThreeValued:
        """What a second result of the day says."""
        return record_laws.of_others(self, value, says)

    def outside_by_others(self, sentence: OutsideLimits) -> Iterator[ThreeValued]:
        """Whether results beside the value in use are outside their limits."""
        return record_laws.outside_by_others(self, sentence)

    def named(self, formula: Bool) -> Bool:
        """A name for a formula: what has a name is read from a model at once."""
        if z3.is_true(formula) or z3.is_false(formula):
            return formula
        name = z3.FreshBool("named")
        self.laws.append(name == formula)
        return name

    def free_state(self, name: str) -> ThreeValued:
        """A three-valued statement about which nothing is known."""
        state = self.variables.three_valued(name)
        self.laws.append(z3.Implies(state.sure, state.maybe))
        return state

    def free_value(self, name: str, range_: Interval | None = None) -> SolverValue:
        """A fact about which nothing is known but the range of its numbers."""
        v = self.variables
        low, high, age = v.real(name, "low"), v.real(name, "high"), v.integer(name, "age")
        value = SolverValue(
            v.boolean(name, "known"),
            low,
            high,
            v.boolean(name, "low open"),
            v.boolean(name, "high open"),
            v.boolean(name, "dated"),
            age,
            taken={name: z3.BoolVal(True)},
        )
        self.laws += [low <= high, age >= 0]
        self.laws.append(z3.Or(low < high, z3.Not(z3.Or(value.low_open, value.high_open))))
        if range_ is not None:
            self.laws += [low >= exact(range_.low), high <= exact(range_.high)]
        return value

    def usable(self, windows: tuple[Window, ...], value: SolverValue) -> Bool:
        """Whether a value is recent enough: within the shortest window that applies."""
        limits = [z3.Implies(self._applies(w, value), value.age <= w.days) for w in windows if w.days is not None]
        return z3.Or(z3.Not(value.dated), z3.And(limits))

    def _applies(self, window: Window, value: SolverValue) -> Bool:
        if window.at_most is not None:
            return value.high <= exact(window.at_most)
        if window.below is not None:
            below = exact(window.below)
            return z3.Or(value.high < below, z3.And(value.high == below, value.high_open))
        return self.state(window.finding).sure if window.finding else z3.BoolVal(True)

    def _work_out(self, term: AnyTerm) -> SolverValue:
        match term:
            case Measurement():
                return self._measured(term)
            case Computed():
                return formulas.compute(self, term)
            case Dose():
                value = self.free_value(term.name, term.plausible)
                closed = [z3.Not(value.low_open), z3.Not(value.high_open), z3.Not(value.dated)]
                self.laws += [*closed, z3.Or(value.known, self.unread[MEDICINES])]
                return value
            case Demographic():
                return self._age(term) if term.element == BIRTH_DATE else self._sex(term)
            case GoalTerm():
                value = self.free_value(term.name)
                self.laws += [z3.Not(value.low_open), z3.Not(value.high_open), value.low >= ZERO]
                self.plain.append(z3.Not(value.known))
                return value
            case _:
                return self.free_value(term.name)

    def _measured(self, term: Measurement) -> SolverValue:
        value = self.free_value(term.name, term.plausible)
        conflict = self.variables.boolean(term.name, "conflict")
        other_scale = z3.BoolVal(bool(self.book.topic.scale_in(term.unit)))
        self.laws += [value.dated, z3.Implies(value.known, self.usable(term.windows, value))]
        self.plain += self._written(term, value, conflict)
        return value.but(conflict=z3.And(value.known, conflict), other_scale=other_scale)

    def _written(self, term: Measurement, value: SolverValue, conflict: Bool) -> Iterator[Bool]:
        """One result; of one measurement also two, which contradict each other or do not."""
        alone = z3.And(list(_can_be_written(value, term.plausible)))
        if term.name != record_laws.twice_measured(self.book) or term.conflict is None:
            yield z3.And(z3.Not(conflict), alone)
            return
        second = record_laws.second_result(self, term.name)
        most = exact(1 + term.conflict / 100)
        contradict = z3.And(value.low * most < value.high, z3.Not(value.low_open), z3.Not(value.high_open))
        yield z3.If(conflict, z3.And(contradict, z3.Not(second.known)), alone)
        near = z3.And(value.is_point, second.low <= value.low * most, value.low <= second.low * most)
        yield z3.Implies(second.known, near)
        yield z3.And(second.low >= exact(term.plausible.low), second.low <= exact(term.plausible.high))

    def _age(self, term: Demographic) -> SolverValue:
        value = self.free_value(term.name, Interval(0, LONGEST_LIFE))
        low, high = (self.variables.integer(term.name, part) for part in ("years, low", "years, high"))
        self.laws += [low >= 0, high <= LONGEST_LIFE, low <= high]
        self.plain += [z3.Or(low == high, high == low + 1), high <= 100]
        return value.but(
            low=low, high=high, low_open=z3.BoolVal(False), high_open=z3.BoolVal(False), dated=z3.BoolVal(False)
        )

    def _sex(self, term: Demographic) -> SolverValue:
        value = self.free_value(term.name)
        self.laws += [value.is_point, z3.Or([value.low == exact(number) for number in SEXES.values()])]
        self.laws += [z3.Not(value.low_open), z3.Not(value.high_open), z3.Not(value.dated)]
        return value


def _can_be_written(value: SolverValue, range_: Interval) -> Iterator[Bool]:
    """One number, or with a comparator: from, or up to, an end of the plausible range."""
    low, high = exact(range_.low), exact(range_.high)
    yield z3.Implies(value.is_point, z3.Not(z3.Or(value.low_open, value.high_open)))
    yield z3.Or(
        value.is_point,
        z3.And(value.low == low, z3.Not(value.low_open)),
        z3.And(value.high == high, z3.Not(value.high_open)),
    )
