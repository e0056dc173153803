"""What is known about the value of a term, as formulas: an interval of exact rationals, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Protocol

import z3

from cds.proof.three_valued import FALSE, TRUE, Bool, Number, ThreeValued, disjunction, exact, unless_unknown
from cds.quantity import Interval
from cds.rulebook.model import RuleBook, Window
from cds.rulebook.model.form import AskedPatient, Comparison


class Variables:
    """The free variables of a patient, by what they are about; ``tag`` tells those of a second patient apart."""

    def __init__(self, tag: str = "") -> None:
        self.tag = tag
        self.made: dict[str, dict[str, Any]] = {}

    def _variable(self, kind: Callable[[str], Any], name: str, part: str) -> Any:
        parts = self.made.setdefault(name, {})
        if part not in parts:
            parts[part] = kind(f"{name}|{part}{self.tag}")
        return parts[part]

    def boolean(self, name: str, part: str = "") -> Bool:
        """A free truth value."""
        return self._variable(z3.Bool, name, part)

    def real(self, name: str, part: str = "") -> Number:
        """A free rational number."""
        return self._variable(z3.Real, name, part)

    def integer(self, name: str, part: str = "") -> Number:
        """A free whole number."""
        return self._variable(z3.Int, name, part)

    def three_valued(self, name: str) -> ThreeValued:
        """A free three-valued statement; its law is the caller's."""
        return ThreeValued(self.boolean(name, "sure"), self.boolean(name, "maybe"))

    def same_but(self, other: Variables, changed: Collection[str]) -> Bool:
        """The formula that says: both patients are the same, but for what is about these things."""
        return z3.And(
            [
                mine == other.made[name][part]
                for name, parts in self.made.items()
                if name not in changed
                for part, mine in parts.items()
                if part in other.made.get(name, {})
            ]
        )


ZERO = exact(0.0)


@dataclass(frozen=True, slots=True)
class SolverValue:
    """The fact of a term: whether there is one, its ends, which of them are open, its age in days.

    ``other_scale`` says that the number stands on the scale that the topic names, ``conflict`` that results contradict
    each other; ``taken`` names the terms whose value it may be, each with the formula that says so.
    """

    known: Bool
    low: Number
    high: Number
    low_open: Bool = FALSE
    high_open: Bool = FALSE
    dated: Bool = FALSE
    age: Number = 0
    other_scale: Bool = FALSE
    conflict: Bool = FALSE
    taken: dict[str, Bool] = field(default_factory=dict)

    def but(self, **changes: Any) -> SolverValue:
        """The same with something else."""
        names = ("known", "low", "high", "low_open", "high_open", "dated", "age", "other_scale", "conflict", "taken")
        return SolverValue(**{name: changes.get(name, getattr(self, name)) for name in names})

    @property
    def is_point(self) -> Bool:
        """The formula that says: it is one number."""
        return self.low == self.high

    def same_as(self, other: SolverValue) -> Bool:
        """The formula that says: both are unknown, or the same interval."""
        ends = z3.And(
            self.low == other.low,
            self.high == other.high,
            self.low_open == other.low_open,
            self.high_open == other.high_open,
        )
        return z3.And(self.known == other.known, z3.Implies(self.known, ends))


NO_VALUE = SolverValue(FALSE, ZERO, ZERO)
"""No fact."""


def point_value(number: Number, known: Bool = TRUE) -> SolverValue:
    """One number."""
    return SolverValue(known, number, number)


def interval_value(interval: Interval) -> SolverValue:
    """An interval of the rule files."""
    return SolverValue(TRUE, exact(interval.low), exact(interval.high))


def chosen(condition: Bool, one: SolverValue, other: SolverValue) -> SolverValue:
    """The one value where the condition holds, else the other."""
    names = one.taken.keys() | other.taken.keys()
    taken = {n: z3.If(condition, one.taken.get(n, FALSE), other.taken.get(n, FALSE)) for n in names}
    ends = ("known", "low", "high", "low_open", "high_open", "dated", "age", "other_scale", "conflict")
    return SolverValue(**{n: _either(condition, getattr(one, n), getattr(other, n)) for n in ends}, taken=taken)


def _either(condition: Bool, one: Any, other: Any) -> Any:
    return one if one is other else z3.If(condition, one, other)


def first_known(values: list[SolverValue]) -> SolverValue:
    """The first of several values that there is."""
    return reduce(lambda rest, value: chosen(value.known, value, rest), reversed(values[:-1]), values[-1])


def total(values: list[SolverValue]) -> SolverValue:
    """The sum of all; nothing while one is not known."""
    return SolverValue(
        z3.And([v.known for v in values]),
        z3.Sum([v.low for v in values]),
        z3.Sum([v.high for v in values]),
        disjunction(v.low_open for v in values),
        disjunction(v.high_open for v in values),
    )


def compared(comparison: Comparison, value: SolverValue, bound: SolverValue) -> ThreeValued:
    """Whether a value is at least, above, below or at most a bound (a closed interval); unknown without one of them."""
    low, high = _shifted(bound, comparison.bound.number if comparison.bound.term else 0)
    above = ThreeValued(
        z3.Or(value.low > high, z3.And(value.low == high, value.low_open)),
        z3.Not(value.high <= low),
    )
    at_least = ThreeValued(
        value.low >= high,
        z3.Not(z3.Or(value.high < low, z3.And(value.high == low, value.high_open))),
    )
    known = z3.And(value.known, bound.known)
    match comparison.word:
        case "above":
            return unless_unknown(known, above)
        case "at least":
            return unless_unknown(known, at_least)
        case "at most":
            return unless_unknown(known, ThreeValued(z3.Not(above.maybe), z3.Not(above.sure)))
        case _:
            return unless_unknown(known, ThreeValued(z3.Not(at_least.maybe), z3.Not(at_least.sure)))


def _shifted(bound: SolverValue, number: float) -> tuple[Number, Number]:
    return (bound.low + exact(number), bound.high + exact(number)) if number else (bound.low, bound.high)


class AnyPatient(AskedPatient, Protocol):
    """What formulas ask of a patient beside what forms ask (``cds.proof.patient.Patient``)."""

    book: RuleBook
    unread: dict[str, Bool]

    def value(self, name: str) -> SolverValue:
        """The usable fact of a term."""

    def demographic(self, element: str) -> SolverValue:
        """The age or the sex, by their element of Patient."""

    def state(self, name: str) -> ThreeValued:
        """The state of a finding."""

    def free_value(self, name: str, range_: Interval | None = None) -> SolverValue:
        """A fact about which nothing is known but the range of its numbers."""

    def usable(self, windows: tuple[Window, ...], value: SolverValue) -> Bool:
        """Whether a value is recent enough."""
