"""Kidney function: CKD-EPI 2021, the rise of creatinine, and reported against computed eGFR."""

from __future__ import annotations

from cds.facts.fact import Fact, Facts
from cds.intake.record import Reading
from cds.quantity import Interval, tidy
from cds.rulebook.model import SEXES, Computed
from cds.topics.calcium.kidney_changes import ratio

ADULT = "least age in years"
"""The age from which the formula holds: a number of the term."""
RECENT, BASELINE = "recent days", "baseline days"
COEFFICIENTS = {SEXES["female"]: (0.7, -0.241, 1.012), SEXES["male"]: (0.9, -0.302, 1.0)}
"""k, the exponent below k and the factor, as published (Inker et al., N Engl J Med 2021;385:1737-1749; no race term).

They make the formula what its name says, so they stand here and not among the numbers of the term."""


def ckd_epi_2021(creatinine: float, age: float, sex: float) -> float:
    """The eGFR in mL/min/1.73 m2 from creatinine (mg/dL), age (years, 18 or more) and sex (0 female, 1 male)."""
    k, alpha, factor = COEFFICIENTS[sex]
    ratio = creatinine / k
    return tidy(142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.200 * 0.9938**age * factor)


def computed_egfr(chart: Facts, term: Computed) -> Fact | None:
    """The eGFR of the newest creatinine: an interval over both sexes where the sex is not known; None in children."""
    creatinine = chart.value(term.role("creatinine"))
    if creatinine is None:
        return None
    value = _egfr(chart, term, creatinine.value)
    if value is None:
        return None
    return creatinine._replace(value=value, unit=term.unit, taken_from=term.name, note="computed", conflict=False)


def _egfr(chart: Facts, term: Computed, creatinine: Interval) -> Interval | None:
    age, sex = chart.value(term.role("age")), chart.value(term.role("sex"))
    if age is None or age.value.low < term.numbers[ADULT] or creatinine.low <= 0:
        return None
    sexes = tuple(COEFFICIENTS) if sex is None else (sex.value.low,)
    lowest = highest = [ckd_epi_2021(creatinine.high, age.value.high, s) for s in sexes]
    if not (creatinine.is_point and age.value.is_point):
        highest = [ckd_epi_2021(creatinine.low, age.value.low, s) for s in sexes]
    return Interval(min(lowest), max(highest), creatinine.high_open, creatinine.low_open)


def computed_history(chart: Facts, term: Computed) -> list[Reading]:
    """The computed eGFR of every creatinine."""
    readings = chart.record.readings.get(term.role("creatinine"), ())
    computed = [(_egfr(chart, term, reading.value), reading) for reading in readings]
    return [Reading(value, reading.when, reading.source) for value, reading in computed if value is not None]


def rise(chart: Facts, term: Computed) -> Fact | None:
    """The greatest creatinine of the recent days over its baseline; None where there is nothing to compare with.

    Baseline: the median of the results before the recent days (KDIGO 2012), else the lowest of the days before it.
    A value that has come down again since was still a rise within the recent days.
    """
    readings = chart.record.readings.get(term.role("creatinine"), ())
    if len(readings) < 2:
        return None
    readings = sorted(readings, key=lambda r: (r.when.minute, r.value))
    recent_days, baseline_days = term.numbers[RECENT], term.numbers[BASELINE]
    older = [r for r in readings if recent_days < chart.day - r.when.first <= baseline_days]
    recent = [r for r in readings if chart.day - r.when.first <= recent_days]
    places = (place for place, one in enumerate(readings) if one in recent)
    baselines = ((readings[p], older or _days_before(readings[p], readings[:p], recent_days)) for p in places)
    rises = [_rise(one, baseline, term) for one, baseline in baselines]
    return max((r for r in rises if r is not None), key=lambda fact: fact.value, default=None)


def _days_before(one: Reading, earlier: list[Reading], days: float) -> list[Reading]:
    """The lowest of the results of the days before a result, as a list; empty without any."""
    near = [r for r in earlier if one.when.first - r.when.first <= days]
    return [min(near, key=lambda r: r.value.low)] if near else []


def _rise(one: Reading, baseline: list[Reading], term: Computed) -> Fact | None:
    if not baseline:
        return None
    sources = (one.source, *(r.source for r in baseline))
    return Fact(ratio(one.value, baseline), term.unit, one.when, tuple(dict.fromkeys(sources)), taken_from=term.name)


def disagreement(chart: Facts, term: Computed) -> Fact | None:
    """How far (in % of the computed value) a reported eGFR lies from its creatinine of the same day."""
    reported = chart.value(term.role("reported"))
    window, computing = (chart.book.terms[term.role(role)] for role in ("usable as", "computed"))
    if reported is None or reported.when is None:
        return None
    if not isinstance(window, Computed) or not isinstance(computing, Computed):
        return None
    if chart.while_usable(window, reported) is None:
        return None
    day = reported.when.first
    readings = chart.record.readings.get(computing.role("creatinine"), ())
    same_day = [reading for reading in readings if reading.when.first == day]
    values = [value for r in same_day if (value := _egfr(chart, computing, r.value)) is not None]
    if not values:
        return None
    computed = values[0]
    for value in values[1:]:
        computed = computed.hull(value)
    sources = (*reported.sources, *(r.source for r in same_day))
    return Fact(_difference(reported.value, computed), term.unit, reported.when, sources, taken_from=term.name)


def _difference(reported: Interval, computed: Interval) -> Interval:
    """The least and greatest relative difference (%) between a value of each."""
    gap = max(reported.low - computed.high, computed.low - reported.high, 0)
    nearest = computed.high if reported.low > computed.high else computed.low
    widest = max(abs(reported.high - computed.low), abs(reported.low - computed.high))
    return Interval(tidy(100 * gap / nearest), tidy(100 * widest / computed.low))
