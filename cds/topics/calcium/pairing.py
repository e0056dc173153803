"""Which PTH says something about a high calcium: one that was drawn near a calcium above its limit."""

from __future__ import annotations

from cds.facts.fact import Fact, Facts, Result, of_reading
from cds.facts.limits import limit_of
from cds.intake.record import Reading
from cds.intake.times import MINUTES_A_DAY
from cds.quantity import PRESENT, point
from cds.rulebook.model import Computed, Measurement, RuleBook

DAYS = "within days"
"""How far a result and the high calcium may lie apart: a number of the term."""


def near_a_high_calcium(chart: Facts, term: Computed) -> Fact | None:
    """The newest result that lies near a calcium above its own upper limit, while it is usable; None without one.

    The first of the inputs that has one counts. A calcium that may be high is not enough, nor is one that an ionised
    value of the same 24 hours contradicts. Suppressed and not suppressed mean nothing beside a normal calcium
    (Walsh, Gittoes and Selby 2016; the days are the opinion of the rule file).
    """
    days = [calcium.when.first for calcium in _high(chart, term)]
    for name in term.roles["newest of"]:
        near = [r for r in chart.history(name) if _is_near(r, days, term.numbers[DAYS])]
        if near and isinstance(chart.book.terms[name], Measurement):
            newest = max(near, key=lambda r: (r.when.minute, r.value))
            return chart.while_usable(term, of_reading(newest, term.unit, name))
    return None


def _is_near(reading: Reading, days: list[int], most: float) -> bool:
    return any(abs(reading.when.first - day) <= most for day in days)


def _high(chart: Facts, term: Computed) -> list[Result]:
    """The results of calcium that are surely above the limits that hold for them, unless an ionised one denies it."""
    calcium, limit = chart.value(term.role("near")), chart.book.terms[term.role("upper limit")]
    if calcium is None or calcium.when is None or not isinstance(limit, Computed):
        return []
    own = Result(calcium.value, calcium.unit, calcium.when, "", calcium.limits)
    every = calcium.results or (own,)
    unit = chart.book.terms[term.role("ionised")].unit
    normal = [r.when.minute for r in every if r.unit == unit and not _is_above(r, limit, chart.book)]
    return [r for r in every if _is_above(r, limit, chart.book) and (r.unit == unit or not _denied(r, normal))]


def _denied(result: Result, normal: list[int]) -> bool:
    """Whether an ionised value that is not high was drawn within 24 hours of a result."""
    return any(abs(minute - result.when.minute) <= MINUTES_A_DAY for minute in normal)


def _is_above(result: Result, limit: Computed, book: RuleBook) -> bool:
    return result.value.is_above(point(limit_of(result.limits[1], result.unit, limit, book))) is PRESENT
