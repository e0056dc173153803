"""How the outcome of one patient follows one input: from its lowest possible value to its highest.

Values are those of the term's step, and every threshold that a finding names; so a turn is exact to one step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from cds.evaluation import Evaluation, Evaluator
from cds.facts.chart import Chart
from cds.review.inputs import Input
from cds.review.supposed import SupposedPatient
from cds.rulebook.graph import Root, graph_of
from cds.rulebook.model import RuleBook
from cds.rulebook.model.term import Demographic

SEEDS = 16
"""Places at which states are looked at besides thresholds, so that what rises and falls again is seen."""


class OutcomeStretch(NamedTuple):
    """Neighbouring values with one outcome, decided by one rule.

    ``asks`` are the rules that still ask for data in some of them.
    """

    first: float
    last: float
    outcome: str
    decided_by: str
    asks: frozenset[str]


def stretches_of(item: Input, patient: SupposedPatient, evaluator: Evaluator) -> list[OutcomeStretch]:
    """The outcomes over all values of an input, from the lowest to the highest."""
    watched = _watched(patient.book, item.names)
    marks = {round(mark, 6) for mark in _thresholds(patient.book, watched)}
    if item.fact is not None:
        marks |= {item.fact.value.low, item.fact.value.high}
    if isinstance(item.term, Demographic):
        marks = {mark for mark in marks if float(mark).is_integer()}
    values = _values_between(item.low, item.high, item.step, marks)
    return OutcomeLadder(
        values, watched, lambda value: item.suppose(patient, value).chart(), evaluator.evaluate
    ).stretches(marks)


def _watched(book: RuleBook, names: tuple[Root, ...]) -> tuple[str, ...]:
    """The findings that an input can change, without those that compare whole outcomes."""
    reached = (name for name, roots in graph_of(book).roots.items() if roots.intersection(names))
    return tuple(name for name in reached if not book.findings[name].definition.compares_outcomes)


class OutcomeLadder:
    """Works out the stretches of one input; ``chart_at`` gives a fresh chart for a value."""

    def __init__(
        self,
        values: list[float],
        watched: tuple[str, ...],
        chart_at: Callable[[float], Chart],
        evaluate: Callable[[Chart], Evaluation],
    ) -> None:
        self.values, self.watched, self.chart_at, self.evaluate = values, watched, chart_at, evaluate
        self.patterns: dict[int, bytes] = {}
        self.answers: dict[int, OutcomeStretch] = {}

    def stretches(self, marks: Iterable[float]) -> list[OutcomeStretch]:
        """All stretches from the lowest value to the highest; ``marks`` are values near which states may change."""
        places = {value: place for place, value in enumerate(self.values)}
        near = {places[m] + shift for m in marks if m in places for shift in (-1, 0, 1)}
        last = len(self.values) - 1
        seeds = sorted({0, last, *(last * n // SEEDS for n in range(SEEDS)), *(p for p in near if 0 <= p <= last)})
        ends = [place for one, other in pairwise(seeds) for place in self.breaks(one, other, self.pattern)]
        starts = [0, *(place + 1 for place in ends)]
        pieces = list(zip(starts, [*ends, last], strict=True))
        finer = [piece for start, end in pieces for piece in self.pieces(start, end)]
        return _merged(self.answer(start)._replace(last=self.values[end]) for start, end in finer)

    def breaks(self, one: int, other: int, look: Callable[[int], object]) -> list[int]:
        """The places after which what is looked at changes, between two places."""
        if look(one) == look(other):
            return []
        if other == one + 1:
            return [one]
        middle = (one + other) // 2
        return [*self.breaks(one, middle, look), *self.breaks(middle, other, look)]

    def pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """A stretch of one pattern, cut where the outcome changes all the same (what-if findings compare outcomes)."""
        ends = self.breaks(start, end, lambda place: self.answer(place)[2:])
        return list(zip([start, *(place + 1 for place in ends)], [*ends, end], strict=True))

    def pattern(self, place: int) -> bytes:
        """The states of the watched findings at one value."""
        if place not in self.patterns:
            chart = self.chart_at(self.values[place])
            self.patterns[place] = bytes(chart.state(name) for name in self.watched)
        return self.patterns[place]

    def answer(self, place: int) -> OutcomeStretch:
        """The whole evaluation at one value."""
        if place not in self.answers:
            value = self.values[place]
            evaluation = self.evaluate(self.chart_at(value))
            decision = evaluation.decision
            self.answers[place] = OutcomeStretch(
                value, value, decision.outcome, decision.decided_by, frozenset(evaluation.answer.asking)
            )
        return self.answers[place]


def _merged(stretches: Iterable[OutcomeStretch]) -> list[OutcomeStretch]:
    """Neighbours with one outcome and one decider as one stretch."""
    found: list[OutcomeStretch] = []
    for item in stretches:
        if found and found[-1][2:4] == item[2:4]:
            found[-1] = found[-1]._replace(last=item.last, asks=found[-1].asks | item.asks)
        else:
            found.append(item)
    return found


def _values_between(low: float, high: float, step: float, marks: Iterable[float]) -> list[float]:
    """Every multiple of a step from ``low`` to ``high``, with the marks and their neighbours that lie between them."""
    count = round((high - low) / step)
    values = {round(low + number * step, 6) for number in range(count + 1)}
    values |= {round(mark + shift, 6) for mark in marks for shift in (-step, 0, step)}
    return sorted(value for value in values if low <= value <= high)


def _thresholds(book: RuleBook, findings: Iterable[str]) -> set[float]:
    """Every number that these findings compare with."""
    definitions = (book.findings[name].definition for name in findings)
    bounds = (one.comparison.bound for definition in definitions for one in definition.thresholds)
    return {bound.number for bound in bounds if not bound.term}
