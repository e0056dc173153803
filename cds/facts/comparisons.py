"""Sentences that compare a value with a bound, as checks: built once per rulebook, asked for every chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TypeAlias

from cds.facts.choice import within_a_day
from cds.facts.fact import Check, Fact, Facts, Result
from cds.facts.limits import limit_of
from cds.intake.dates import MINUTES_A_DAY
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State, negated, point
from cds.rulebook import sentences as say
from cds.rulebook.model import Computed, RuleBook

Holds: TypeAlias = Callable[[Interval, Interval], State]
Test: TypeAlias = Callable[[Facts, Fact], State]
"""Whether a fact satisfies comparisons, on a chart that knows the terms they name."""

HOLDS: dict[str, Holds] = {
    "above": Interval.is_above,
    "at least": Interval.is_at_least,
    "at most": lambda value, bound: negated(value.is_above(bound)),
    "below": lambda value, bound: negated(value.is_at_least(bound)),
}


def holds(comparison: say.Comparison, value: Interval, bound: Interval) -> State:
    """Whether a value is at least, above, below or at most a bound."""
    return HOLDS[comparison.word](value, bound)


def _test(comparison: say.Comparison) -> Test:
    is_so, bound = HOLDS[comparison.word], comparison.bound
    if not bound.term:
        fixed = point(bound.number)
        return lambda _, fact: is_so(fact.value, fixed)

    def against_a_term(chart: Facts, fact: Fact) -> State:
        other = chart.value(bound.term)
        if other is None or other.unit != fact.unit:
            return UNKNOWN
        low, high = other.value.low, other.value.high
        return is_so(fact.value, Interval(low + bound.number, high + bound.number))

    return against_a_term


def _tests(comparisons: tuple[say.Comparison, ...]) -> Test:
    """All of one or two comparisons."""
    first, *others = map(_test, comparisons)
    if not others:
        return first
    second = others[0]
    return lambda chart, fact: min(first(chart, fact), second(chart, fact))


def compared(sentence: say.Compared, book: RuleBook) -> Check:
    """A value on the ionised scale of a term of another unit is judged by bounds of its own, or by terms only."""
    term, test = sentence.term, _tests(sentence.comparisons)
    unit = book.terms[term].unit
    on_ionised: Test | None = _tests(sentence.ionised) if sentence.ionised else None
    if on_ionised is None and any(comparison.bound.term for comparison in sentence.comparisons):
        on_ionised = test

    def check(chart: Facts) -> State:
        fact = chart.value(term)
        if fact is None:
            return UNKNOWN
        if fact.unit != unit and book.topic.scale_in(fact.unit):
            return UNKNOWN if on_ionised is None else on_ionised(chart, fact)
        return test(chart, fact)

    return check


def some_result(sentence: say.SomeResult, book: RuleBook) -> Check:
    """The value in use, or a result drawn within a day of it.

    Where ionised values have a bound of their own (CA-02), only one that no later ionised one contradicts.
    """

    def check(chart: Facts) -> State:
        fact = chart.value(sentence.term)
        if fact is None or fact.when is None:
            return UNKNOWN
        own = _result_holds(book, Result(fact.value, fact.unit, fact.when, "", fact.limits), sentence)
        results = [r for r in within_a_day(fact.results, fact.when.minute) if isinstance(r, Result)]
        answers = {result: _result_holds(book, result, sentence) for result in results}
        denied = _denied_until(book, answers) if sentence.ionised else -math.inf
        return max(own, *(ABSENT if r.when.minute <= denied else state for r, state in answers.items()), ABSENT)

    return check


def _result_holds(book: RuleBook, result: Result, sentence: say.SomeResult) -> State:
    comparison = sentence.ionised[0] if sentence.ionised and book.topic.scale_in(result.unit) else sentence.comparison
    if not comparison.bound.term:
        return holds(comparison, result.value, point(comparison.bound.number))
    limit = book.terms[comparison.bound.term]
    if not isinstance(limit, Computed):
        return UNKNOWN
    end = 1 if limit.formula == "upper reference limit" else 0
    return holds(comparison, result.value, point(limit_of(result.limits[end], result.unit, limit, book)))


def _denied_until(book: RuleBook, answers: dict[Result, State]) -> float:
    """The last minute at which an ionised result, drawn within a day of it or later, says otherwise."""
    denying = (r.when.minute for r, state in answers.items() if state is ABSENT and book.topic.scale_in(r.unit))
    return max(denying, default=-math.inf) + MINUTES_A_DAY


def twice(sentence: say.Twice, _: RuleBook) -> Check:
    """Two results, so many days apart or more, that both satisfy the comparison."""
    is_so, bound = HOLDS[sentence.comparison.word], point(sentence.comparison.bound.number)

    def check(chart: Facts) -> State:
        history = chart.history(sentence.term)
        days = [r.when.first for r in history if is_so(r.value, bound) is PRESENT] if len(history) > 1 else ()
        return PRESENT if days and max(days) - min(days) >= sentence.days else ABSENT

    return check


def outside_limits(sentence: say.OutsideLimits, book: RuleBook) -> Check:
    """A result of so many days was outside the limits that hold for it."""
    lower, upper = (
        next(t for t in book.terms.values() if isinstance(t, Computed) and t.inputs == (sentence.term,)
             and t.formula == f"{end} reference limit")
        for end in ("lower", "upper")
    )  # fmt: skip

    def check(chart: Facts) -> State:
        fact = chart.value(sentence.term)
        if fact is None:
            return UNKNOWN
        recent = [r for r in fact.results if chart.day - r.when.first <= sentence.days]
        return max((state for r in recent for state in _outside(book, r, lower, upper)), default=ABSENT)

    return check


def _outside(book: RuleBook, result: Result, lower: Computed, upper: Computed) -> Iterable[State]:
    low = point(limit_of(result.limits[0], result.unit, lower, book))
    high = point(limit_of(result.limits[1], result.unit, upper, book))
    return negated(result.value.is_at_least(low)), result.value.is_above(high)
