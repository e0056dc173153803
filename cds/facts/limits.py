"""The limits that a value is judged by: reference limits, of each scale of the topic, and the ends of ranges."""

from __future__ import annotations

from collections.abc import Callable

from cds.facts.fact import Fact, Facts
from cds.facts.tables import or_instead
from cds.quantity import Interval, point
from cds.rulebook.model import Computed, RuleBook

DEFAULT, FROM, TO = "default", "plausible from", "plausible to"
"""The numbers of a reference limit; a scale of the topic has its own, with its name before these."""


def upper_limit(chart: Facts, term: Computed) -> Fact | None:
    """The upper reference limit."""
    return _limit(chart, term, 1)


def lower_limit(chart: Facts, term: Computed) -> Fact | None:
    """The lower reference limit."""
    return _limit(chart, term, 0)


def stated_upper_limit(chart: Facts, term: Computed) -> Fact | None:
    """The upper limit that the laboratory itself stated, where it is plausible; None where it did not: no default."""
    fact = chart.value(term.role())
    limit = None if fact is None else fact.limits[1]
    if fact is None or limit is None or not term.numbers[FROM] <= limit <= term.numbers[TO]:
        return None
    return Fact(point(limit), fact.unit, fact.when, fact.sources)


def _limit(chart: Facts, term: Computed, end: int) -> Fact | None:
    """The reference limit for a value: the laboratory's own where it is plausible, else the default of its scale."""
    fact = chart.value(term.role())
    if fact is None:
        return None
    number = limit_of(fact.limits[end], fact.unit, term, chart.book)
    return Fact(Interval(number, number), fact.unit, fact.when, fact.sources if number == fact.limits[end] else ())


def limit_of(stated: float | None, unit: str, term: Computed, book: RuleBook) -> float:
    """The limit that holds for a result in a unit, given what its laboratory stated."""
    numbers = term.numbers
    scale = f"{book.topic.scale_in(unit)} "
    before = scale if scale + DEFAULT in numbers else ""
    if stated is not None and numbers[before + FROM] <= stated <= numbers[before + TO]:
        return stated
    return numbers[before + DEFAULT]


def lower_end(chart: Facts, term: Computed) -> Fact | None:
    """The lower end of a range, or the default; where no range is on record an exception may stand in its place."""
    return _end(chart, term, lambda value: value.low)


def upper_end(chart: Facts, term: Computed) -> Fact | None:
    """The upper end of a range, or the default; where no range is on record an exception may stand in its place."""
    return _end(chart, term, lambda value: value.high)


def _end(chart: Facts, term: Computed, pick: Callable[[Interval], float]) -> Fact | None:
    fact = chart.value(term.role())
    if fact is not None:
        return fact._replace(value=point(pick(fact.value)), unit=term.unit, taken_from=term.name)
    default = term.numbers.get(DEFAULT)
    return or_instead(chart, term, None if default is None else Fact(point(default), term.unit, note=DEFAULT))
