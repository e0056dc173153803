"""How kidney function changed: creatinine within hours, and creatinine and eGFR against their own past.

Sources: KDIGO 2012, 2.1.1 and table 11 (KDIGOAKI2012); clinical content, amendments A2-09, with what it says of results
without times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from statistics import median

from cds.facts.fact import Fact, Facts
from cds.intake.record import Reading
from cds.intake.times import MINUTES_A_DAY, Moment
from cds.quantity import Interval, point, tidy
from cds.rulebook.model import Computed, Measurement

RECENT, HOURS = "recent days", "hours"
PERCENT, PERCENT_UNORDERED = "percent", "percent in unknown order"
FROM, TO = "from days before", "to days before"
"""The days before a result of which the median is its past."""
OLD, OLD_BELOW = "old from days before", "old below times"
"""A result from so many days before, and below so many times the newest, says that the level is an old one."""
STATED = 2
"""The decimals of a difference of creatinine: 26.5 umol/L are 0.3 mg/dL."""
EXACT = 6
"""The decimals of a ratio: 120 over 80 umol/L is 1.5, also where both were converted."""


def rise_within_hours(chart: Facts, term: Computed) -> Fact | None:
    """The greatest increase between two results so many hours apart at most, the later one of the recent days.

    Results of one day without times may have been drawn in either order: the increase is none, or the difference.
    None without two such results.
    """
    pairs = _pairs_within(chart, term.role("creatinine"), term.numbers[HOURS])
    rises = [(_increase(*pair), pair) for pair in pairs if chart.day - pair[1].when.first <= term.numbers[RECENT]]
    found = [(value, pair) for value, pair in rises if value is not None]
    if not found:
        return None
    _, (earlier, later) = max(found, key=lambda one: (one[0].low, one[0].high))
    greatest = Interval(max(value.low for value, _ in found), max(value.high for value, _ in found))
    return Fact(greatest, term.unit, later.when, _sources([earlier, later]), taken_from=term.name)


def contradiction(chart: Facts, term: Computed) -> Fact | None:
    """The greatest difference of two results of one day, among those drawn within so many hours of the newest.

    Only of results that differ by more than so many percent of the smaller one, and never a rise: 0 where there is no
    such difference, None without two results.
    """
    newest = chart.value(term.role("creatinine"))
    if newest is None or newest.when is None:
        return None
    hours, when = term.numbers[HOURS], newest.when
    pairs = [
        pair
        for pair in _pairs_within(chart, term.role("creatinine"), hours)
        if all(_within_hours(one.when, when, hours) for one in pair)
    ]
    if not pairs:
        return None
    value, pair = max(((_contradicting(*pair, term), pair) for pair in pairs), key=lambda one: one[0])
    return Fact(point(value), term.unit, when, _sources(pair), taken_from=term.name)


def _contradicting(earlier: Reading, later: Reading, term: Computed) -> float:
    """The least difference of two results that contradict each other, else 0."""
    ordered = _surely_before(earlier.when, later.when)
    low, high = sorted((earlier, later), key=lambda one: one.value)
    percent = term.numbers[PERCENT if ordered else PERCENT_UNORDERED]
    if (ordered and high is later) or tidy(low.value.high * (1 + percent / 100)) >= high.value.low:
        return 0
    return round(high.value.low - low.value.high, STATED)


def fall(chart: Facts, term: Computed) -> Fact | None:
    """By how much (%) the newest result is below the median of earlier ones of its kind: the least possible fall.

    Of one kind are results by one code, and those by the codes of the term that is named for it. None without an
    earlier result, and while the newest is too old to be used; 0 where nothing fell, or the level is an old one.
    """
    falls = [(_fallen(newest, past, older, term), newest, past) for newest, past, older in _kinds(chart, term)]
    if not falls:
        return None
    value, newest, past = max(falls, key=lambda one: one[0])
    sources = _sources([newest, *past])
    return Fact(point(value), term.unit, newest.when, sources, taken_from=term.name)


def before_the_fall(chart: Facts, term: Computed) -> Fact | None:
    """The newest earlier result of the same kind that is not below their median; None where nothing fell."""
    falls = [(_fallen(newest, past, older, term), past) for newest, past, older in _kinds(chart, term)]
    value, past = max(falls, key=lambda one: one[0], default=(0, []))
    if not value:
        return None
    usual = median(one.value.low for one in past)
    found = max((one for one in past if one.value.low >= usual), key=lambda one: one.when.minute)
    return Fact(found.value, term.unit, found.when, (found.source,), taken_from=term.name)


def _fallen(newest: Reading, past: Sequence[Reading], older: Iterable[Reading], term: Computed) -> float:
    if any(one.value.high < term.numbers[OLD_BELOW] * newest.value.low for one in older):
        return 0
    usual = median(one.value.low for one in past)
    return max(0, tidy(100 * (usual - newest.value.high) / usual)) if usual else 0


def _kinds(chart: Facts, term: Computed) -> Iterator[tuple[Reading, list[Reading], list[Reading]]]:
    """For each kind with a usable result on the newest day and earlier ones: it, its past, and what is older."""
    used, window = chart.value(term.role("reported")), chart.book.terms[term.role("usable as")]
    if used is None or used.when is None or not isinstance(window, Computed):
        return
    if chart.while_usable(window, used) is None:
        return
    numbers = term.numbers
    for one_kind in _of_one_kind(chart, term):
        if len(one_kind) == 1:
            continue
        of_the_day = [one for one in one_kind if one.when.first == used.when.first]
        if not of_the_day:
            continue
        newest = max(of_the_day, key=lambda one: (one.when.minute, -one.value.high))
        past = past_of(newest.when.first, one_kind, numbers[FROM], numbers[TO])
        if past:
            day = newest.when.first - numbers[OLD]
            yield newest, past, [one for one in one_kind if one.when.last <= day]


def _of_one_kind(chart: Facts, term: Computed) -> list[list[Reading]]:
    """The results by their codes, those by the codes of the other term together."""
    reported, alike = (chart.book.terms[term.role(role)] for role in ("reported", "of one kind"))
    if not isinstance(reported, Measurement) or not isinstance(alike, Measurement):
        return []
    together = {code[:2] for code in alike.codes}
    kinds: dict[int, list[Reading]] = {}
    for one in chart.record.readings.get(reported.name, ()):
        by_code = reported.codes[one.rank : one.rank + 1]  # none for a result that was read by its name
        kinds.setdefault(-1 if by_code and by_code[0][:2] in together else one.rank, []).append(one)
    return list(kinds.values())


def over_its_past(chart: Facts, term: Computed) -> Fact | None:
    """The value in use over the median of earlier results; None without one of them."""
    used = chart.value(term.role("in use"))
    if used is None or used.when is None:
        return None
    readings = chart.record.readings.get(term.role("past"), ())
    past = past_of(used.when.first, readings, term.numbers[FROM], term.numbers[TO])
    if not past:
        return None
    return used._replace(
        value=ratio(used.value, past), unit=term.unit, sources=(*used.sources, *_sources(past)), taken_from=term.name
    )


def past_of(day: int, readings: Iterable[Reading], least: float, most: float) -> list[Reading]:
    """The results from so many to so many days before a day."""
    return [one for one in readings if least <= day - one.when.last and day - one.when.first <= most]


def ratio(value: Interval, past: Sequence[Reading]) -> Interval:
    """A value over the median of results."""
    usual = median_of(past)
    return Interval(round(value.low / usual.high, EXACT), round(value.high / usual.low, EXACT))


def median_of(past: Sequence[Reading]) -> Interval:
    """The median of results, each of which may be a range."""
    return Interval(median(one.value.low for one in past), median(one.value.high for one in past))


def _pairs_within(chart: Facts, name: str, hours: float) -> Iterator[tuple[Reading, Reading]]:
    """Results at most so many hours apart, two by two, the earlier first where their order is known."""
    readings = sorted(chart.record.readings.get(name, ()), key=lambda one: (one.when.minute, one.value))
    return (pair for pair in combinations(readings, 2) if _within_hours(pair[0].when, pair[1].when, hours))


def _increase(earlier: Reading, later: Reading) -> Interval:
    """By how much a result may be above another one; from 0 where nobody knows which is the later one."""
    least, most = (later.value.low - earlier.value.high, later.value.high - earlier.value.low)
    if not _surely_before(earlier.when, later.when):
        least, most = 0, max(most, earlier.value.high - later.value.low)
    return Interval(max(0, round(least, STATED)), max(0, round(most, STATED)))


def _surely_before(one: Moment, other: Moment) -> bool:
    """Whether a moment lies before another one for certain: of one day only where both state a time."""
    if one.last != other.first:
        return one.last < other.first
    return _has_time(one) and _has_time(other) and one.minute < other.minute


def _within_hours(one: Moment, other: Moment, hours: float) -> bool:
    """At most so many hours apart; without times at most so many calendar days."""
    if _has_time(one) and _has_time(other):
        return abs(one.minute - other.minute) <= hours * 60
    return max(one.last, other.last) - min(one.first, other.first) <= hours / 24


def _has_time(when: Moment) -> bool:
    """Midnight stands where no time was recorded."""
    return when.first == when.last and when.minute % MINUTES_A_DAY != 0


def _sources(readings: Iterable[Reading]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.source for one in readings))
