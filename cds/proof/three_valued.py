"""Three values as two booleans, so that a solver can reason about *present*, *absent* and *unknown*.

``sure`` says that a finding is present, ``maybe`` that it is not absent; whoever makes a pair sees to it that *sure*
implies *maybe*.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import z3

from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Sense

Bool: TypeAlias = Any
"""A formula of the solver (z3 has no types for mypy)."""
Number: TypeAlias = Any
"""A term of the solver: an exact rational or an integer."""

TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)


class ThreeValued(NamedTuple):
    """A three-valued statement: surely present, possibly present."""

    sure: Bool
    maybe: Bool

    def is_state(self, state: State) -> Bool:
        """The formula that says: it is in this state."""
        if state is PRESENT:
            return self.sure
        return z3.Not(self.maybe) if state is ABSENT else z3.And(self.maybe, z3.Not(self.sure))

    def is_among(self, states: frozenset[State]) -> Bool:
        """The formula that says: it is in one of these states, which is simple for those next to each other."""
        if PRESENT in states:
            return TRUE if ABSENT in states else self.maybe if UNKNOWN in states else self.sure
        if ABSENT in states:
            return z3.Not(self.sure) if UNKNOWN in states else z3.Not(self.maybe)
        return self.is_state(UNKNOWN) if states else FALSE

    def equals(self, other: ThreeValued) -> Bool:
        """The formula that says: both are in the same state."""
        return z3.And(self.sure == other.sure, self.maybe == other.maybe)

    def at_most(self, other: ThreeValued) -> Bool:
        """The formula that says: not more present than the other."""
        return z3.And(z3.Implies(self.sure, other.sure), z3.Implies(self.maybe, other.maybe))


SURE = {ABSENT: ThreeValued(FALSE, FALSE), UNKNOWN: ThreeValued(FALSE, TRUE), PRESENT: ThreeValued(TRUE, TRUE)}
"""The three states as constants."""


def two_valued(formula: Bool) -> ThreeValued:
    """A statement that is never unknown."""
    return ThreeValued(formula, formula)


def both(parts: Iterable[ThreeValued]) -> ThreeValued:
    """Kleene's *and*."""
    listed = list(parts)
    return ThreeValued(conjunction(p.sure for p in listed), conjunction(p.maybe for p in listed))


def either(parts: Iterable[ThreeValued]) -> ThreeValued:
    """Kleene's *or*."""
    listed = list(parts)
    return ThreeValued(disjunction(p.sure for p in listed), disjunction(p.maybe for p in listed))


def if_else(condition: Bool, one: ThreeValued, other: ThreeValued) -> ThreeValued:
    """The one statement where the condition holds, else the other."""
    return ThreeValued(z3.If(condition, one.sure, other.sure), z3.If(condition, one.maybe, other.maybe))


def unless_unknown(known: Bool, statement: ThreeValued) -> ThreeValued:
    """The statement where something is known, else unknown."""
    return ThreeValued(z3.And(known, statement.sure), z3.Or(z3.Not(known), statement.maybe))


def sensed(statement: ThreeValued, sense: Sense) -> ThreeValued:
    """A statement in the sense in which a finding is named."""
    return ThreeValued(statement.is_among(sense.surely), statement.is_among(sense.possibly))


def conjunction(formulas: Iterable[Bool]) -> Bool:
    """All of several formulas; true for none."""
    listed = list(formulas)
    return listed[0] if len(listed) == 1 else z3.And(listed)


def disjunction(formulas: Iterable[Bool]) -> Bool:
    """Any of several formulas; false for none."""
    listed = list(formulas)
    return listed[0] if len(listed) == 1 else z3.Or(listed)


def exact(number: float) -> Number:
    """The rational that a number of a rule file is written as: 0.1 is one tenth."""
    fraction = Fraction(repr(number))
    return z3.Q(fraction.numerator, fraction.denominator)


class Model:
    """The answers of a model of the solver, in the words of the product."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def is_true(self, formula: Any) -> bool:
        """Whether a formula holds."""
        return bool(z3.is_true(self.model.eval(formula, model_completion=True)))

    def number(self, term: Any) -> float:
        """The number of a term."""
        found = self.model.eval(term, model_completion=True)
        return float(found.as_fraction()) if z3.is_rational_value(found) else float(found.as_long())

    def state(self, statement: ThreeValued) -> State:
        """The state of a statement."""
        if self.is_true(statement.sure):
            return PRESENT
        return UNKNOWN if self.is_true(statement.maybe) else ABSENT
