"""Which of several results counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cds.facts.fact import Fact, Result, of_reading
from cds.intake.record import Reading
from cds.intake.times import MINUTES_A_DAY
from cds.quantity import Interval, tidy
from cds.rulebook.model import FIRST_CODE, HIGHEST, LOWEST, Measurement


def choose(term: Measurement, readings: Sequence[Reading], day: int) -> Fact | None:
    """The fact of a measurement among its readings; None without readings.

    Results of one moment: the one farther from usual.
    Contradicting results within a day of the newest: the same one, marked as a conflict, and the note names the other;
    DATA-07 then keeps it from giving a permission.
    """
    if not readings:
        return None
    if len(readings) == 1:
        return of_reading(readings[0], term.unit, term.name)
    return _with_conflict(term, readings, of_reading(_chosen(term, readings, day), term.unit, term.name))


def _chosen(term: Measurement, readings: Sequence[Reading], day: int) -> Reading:
    how, days = term.choose
    if how == FIRST_CODE:
        newest = _of_newest_day(readings)
        best = min([reading.rank for reading in newest])
        return _newest(term, [reading for reading in newest if reading.rank == best])
    if how == LOWEST:
        return min(_of_newest_day(readings), key=lambda reading: (reading.value, reading.source))
    if how == HIGHEST and days is not None:
        recent = [reading for reading in readings if day - reading.when.first <= days]
        highest = max(recent, key=lambda r: (r.value.high, r.when.minute, r.value.low, r.source), default=None)
        return highest or _newest(term, readings)
    return _newest(term, readings)


def _of_newest_day(readings: Sequence[Reading]) -> list[Reading]:
    newest = max([reading.when.first for reading in readings])
    return [reading for reading in readings if reading.when.first == newest]


def _newest(term: Measurement, readings: Sequence[Reading]) -> Reading:
    newest = max([reading.when.minute for reading in readings])
    last = [reading for reading in readings if reading.when.minute == newest]
    if len(last) == 1:
        return last[0]
    return max(last, key=lambda r: (farthest(r.value, term.usual), r.value, _stated(r), r.source))


def _stated(reading: Reading) -> tuple[float, float]:
    """The limits by which two equal results are compared: one that states limits comes before one without."""
    low, high = reading.limits
    return (-1 if low is None else low), (-1 if high is None else high)


def farthest(value: Interval, usual: float) -> float:
    """How far a value lies from the usual one."""
    return max(abs(value.low - usual), abs(value.high - usual))


def within_a_day(results: Sequence[Reading] | Sequence[Result], minute: int) -> list[Reading | Result]:
    """The results at most 24 hours before (or after) a minute."""
    return [result for result in results if abs(result.when.minute - minute) <= MINUTES_A_DAY]


def _with_conflict(term: Measurement, readings: Sequence[Reading], fact: Fact) -> Fact:
    if term.conflict is None or fact.when is None:
        return fact
    near = within_a_day(readings, fact.when.minute)
    if len(near) == 1 and fact.value.low >= 0:
        return fact
    low = min(near, key=lambda r: (r.value.high, r.source))
    high = max(near, key=lambda r: (r.value.low, r.source))
    if tidy(low.value.high * (1 + term.conflict / 100)) >= high.value.low:
        return fact
    sources = tuple(dict.fromkeys((*fact.sources, low.source, high.source)))
    note = f"contradicting results: {_dated(low)} and {_dated(high)}"
    return fact._replace(sources=sources, conflict=True, note=note)


def _dated(result: Reading | Result) -> str:
    """``9.4 on 2026-11-12``; an interval by both its ends."""
    value, day = result.value, date.fromordinal(result.when.first)
    number = f"{value.low:g}" if value.is_point else f"{value.low:g} to {value.high:g}"
    return f"{number} on {day}"
