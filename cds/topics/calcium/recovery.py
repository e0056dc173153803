"""Whether an acute kidney injury by diagnosis is over: what was measured before its onset, and since.

Source: KDIGO 2012, table 11 (KDIGOAKI2012); clinical content, amendment A2-10.
"""

from __future__ import annotations

from cds.facts.fact import Fact, Facts
from cds.intake.record import Reading
from cds.intake.times import Moment
from cds.quantity import ABSENT, Interval
from cds.rulebook.model import Computed
from cds.topics.calcium.kidney_changes import FROM, TO, median_of, past_of, ratio

AFTER = "days after"
"""From how many days after the onset a result speaks of what came after it."""


def days_since(chart: Facts, term: Computed) -> Fact | None:
    """The days from the onset of a diagnosis, else from its record, to the evaluation; None where one has no day."""
    onset = _onset(chart, term)
    if onset is None:
        return None
    # The number itself is told: as an int it is no longer that of a day that watches, and another one tomorrow.
    least, most = map(int, onset.days_before(chart.day))
    return Fact(Interval(least, most), term.unit, onset, taken_from=term.name)


def median_before(chart: Facts, term: Computed) -> Fact | None:
    """The median of the results of some days before the onset; None without one of them."""
    onset, past = _past(chart, term)
    if onset is None or not past:
        return None
    newest = max(past, key=lambda one: one.when.minute)
    return Fact(median_of(past), term.unit, newest.when, tuple(one.source for one in past), taken_from=term.name)


def newest_after(chart: Facts, term: Computed) -> Fact | None:
    """The newest result, where it was drawn so many days after the onset or later."""
    return _later(chart, term)


def newest_over_before(chart: Facts, term: Computed) -> Fact | None:
    """The newest result, drawn so many days after the onset or later, over the median of those before the onset."""
    newest, (_, past) = _later(chart, term), _past(chart, term)
    if newest is None or not past:
        return None
    sources = (*newest.sources, *(one.source for one in past))
    return newest._replace(
        value=ratio(newest.value, past), unit=term.unit, sources=sources, taken_from=term.name, conflict=False
    )


def _later(chart: Facts, term: Computed) -> Fact | None:
    newest, onset = chart.value(term.role("newest")), _onset(chart, term)
    if newest is None or newest.when is None or onset is None:
        return None
    return newest if newest.when.first - onset.last >= term.numbers[AFTER] else None


def _past(chart: Facts, term: Computed) -> tuple[Moment | None, list[Reading]]:
    onset = _onset(chart, term)
    if onset is None:
        return None, []
    readings = chart.record.readings.get(term.role("past"), ())
    return onset, past_of(onset.first, readings, term.numbers[FROM], term.numbers[TO])


def _onset(chart: Facts, term: Computed) -> Moment | None:
    """The latest onset among the records of a diagnosis that may be there; None where one of them has no day."""
    mentions = chart.record.mentions.get(term.role("diagnosis"), ())
    times = [mention.when for mention in mentions if mention.state is not ABSENT]
    known = [when for when in times if when is not None]
    return max(known, key=lambda when: when.last) if known and len(known) == len(times) else None
