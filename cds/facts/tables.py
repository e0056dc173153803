"""Amounts that rule files state: tables by age and sex, and what is assumed where nothing is recorded; and sums."""

from __future__ import annotations

import math
from functools import reduce

from cds.facts.doses import total_of
from cds.facts.fact import Fact, Facts
from cds.quantity import ABSENT, PRESENT, Interval, point
from cds.rulebook.model import LIST, SEX_NAMES, Computed, Instead, Measurement

ASSUMED_LOWEST, ASSUMED_HIGHEST = "lowest", "highest"
NOT_SENT = "unknown: results were not sent"


def recorded_or_assumed(chart: Facts, term: Computed) -> Fact | None:
    """The recorded value, else the assumed range, flagged as such; all that can be where nobody looked for a record."""
    recorded = chart.value(term.role())
    if recorded is not None:
        return recorded
    source = chart.book.terms[term.role()]
    if "observations" in chart.record.unread and isinstance(source, Measurement):
        return Fact(source.plausible, term.unit, note=NOT_SENT)
    return Fact(Interval(term.numbers[ASSUMED_LOWEST], term.numbers[ASSUMED_HIGHEST]), term.unit, note=term.note)


def total(chart: Facts, term: Computed) -> Fact | None:
    """The sum of all inputs; None while one of them is not known."""
    facts = [chart.value(name) for name in term.roles[LIST]]
    known = [fact for fact in facts if fact is not None]
    if len(known) < len(facts):
        return None
    notes = "; ".join([fact.note for fact in known if fact.note])
    sources = tuple(dict.fromkeys([source for fact in known for source in fact.sources]))
    return Fact(total_of([fact.value for fact in known]), term.unit, None, sources, taken_from=term.name, note=notes)


def by_age_and_sex(chart: Facts, term: Computed) -> Fact | None:
    """The amount of a table: an interval over all rows that may apply (without an age: all); None below them."""
    age = chart.value(term.role("age"))
    return or_instead(chart, term, _hull(chart, term, Interval(0, math.inf) if age is None else age.value))


def or_instead(chart: Facts, term: Computed, fact: Fact | None) -> Fact | None:
    """A value, or what stands in its place while an exception holds; one in doubt widens it."""
    doubtful: list[Fact] = []
    for exception in term.instead:
        state = chart.state(exception.finding)
        if state is not ABSENT and (other := _exceptional(chart, term, exception)) is not None:
            if state is PRESENT:
                return other
            doubtful.append(other)
    if fact is None or not doubtful:
        return fact
    return fact._replace(value=reduce(Interval.hull, [other.value for other in doubtful], fact.value))


def _exceptional(chart: Facts, term: Computed, exception: Instead) -> Fact | None:
    """The value that holds while the finding of an exception is present; it widens the value while that is unclear."""
    if exception.amount is not None:
        return Fact(point(exception.amount), term.unit, note=exception.finding)
    return chart.value(exception.term)


def by_sex(chart: Facts, term: Computed) -> Fact | None:
    """The amount of a table in which the age does not matter."""
    return _hull(chart, term, Interval(0, 0))


def _hull(chart: Facts, term: Computed, age: Interval) -> Fact | None:
    sex = chart.value(term.role("sex"))
    own = "" if sex is None else SEX_NAMES[sex.value.low]
    youngest, oldest = age.low, age.high
    amounts = [
        amount
        for sexes, first, last, amount in term.rows
        if first <= oldest and youngest <= last and (own in sexes if own else sexes)
    ]
    return Fact(Interval(min(amounts), max(amounts)), term.unit, taken_from=term.name) if amounts else None
