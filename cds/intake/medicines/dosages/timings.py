"""FHIR timings -> intakes a day, and how many days a treatment goes on; as intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from cds.intake.numbers import number_of
from cds.intake.times import days_of, is_positive, unit_days
from cds.jsontypes import Json
from cds.quantity import Interval, point, tidy

_CODES_OF = {
    6.0: "Q4H",
    4.0: "QID QDS Q6H",
    3.0: "TID TDS Q8H",
    2.0: "BID BD BDS Q12H",
    1.0: "QD OD AM PM BED HS QHS QAM QPM DAILY Q24H",
    0.5: "QOD EOD Q48H",
    3 / 7: "TIW",
    1 / 7: "WK QWK",
    1 / 30.4375: "MO",
}
TIMING_CODES = {code: intakes for intakes, codes in _CODES_OF.items() for code in codes.split()}
"""HL7 v3 GTSAbbreviation and the abbreviations that prescribers write, as intakes a day."""
EVERY_MEAL = frozenset({"C", "AC", "PC"})
"""'With, before, after a meal' without saying which: one to three times a day."""
NUMBERS_OF_TIMING = ("frequency", "frequencyMax", "period", "periodMax")
"""The elements of a Timing that are read also where their number was written as text."""
UNKNOWN_LENGTH = Interval(0, math.inf)


def intakes_a_day(timing: Json) -> Interval | None:
    """Intakes a day of a Timing; None when it does not say."""
    repeat = timing.get("repeat")
    if isinstance(repeat, dict) and (found := _repeated(repeat)) is not None:
        return found
    code = timing.get("code")
    listed = code.get("coding") if isinstance(code, dict) else None
    words: Iterable[Any] = [c.get("code") for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    for word in (*words, code.get("text") if isinstance(code, dict) else None):
        if isinstance(word, str) and word.upper() in TIMING_CODES:
            return point(tidy(TIMING_CODES[word.upper()]))
    return None


def _repeated(repeat: Json) -> Interval | None:
    events = _events(repeat)
    days = repeat.get("dayOfWeek")
    weekly = len(days) / 7 if isinstance(days, list) and days else None
    frequency, period = repeat.get("frequency"), repeat.get("period")
    if period is None and frequency is None:
        if events is None and weekly is None:
            return None
        return (events or point(1)).times(weekly or 1)
    length = unit_days(repeat.get("periodUnit", "d"))
    often = _range_of(frequency, repeat.get("frequencyMax"))
    each = _range_of(period, repeat.get("periodMax"))
    if length is None or often is None or each is None:
        return None
    found = Interval(tidy(often.low / (each.high * length)), tidy(often.high / (each.low * length)))
    if events is not None and length == 1.0 and often == point(1.0):
        found = found.across(events)
    return found if weekly is None else _on_weekdays(found, weekly, length)


def _on_weekdays(found: Interval, weekly: float, length: float) -> Interval:
    """Intakes a day on some days of the week: so often on each; once a week on three days may be three times a week."""
    return found.times(weekly) if length <= 1.0 else found.hull(point(tidy(weekly)))


def _range_of(least: Any, most: Any) -> Interval | None:
    """From one number to another; None where one that is stated is no number."""
    low, high = _positive(least), _positive(least if most is None else most)
    return None if low is None or high is None else Interval(low.low, max(low.high, high.high))


def _positive(value: Any) -> Interval | None:
    """A number above zero, one where none is stated; None where it is no such number."""
    number = point(1.0) if value is None else number_of(value)
    return number if number is not None and number.low > 0 else None


def _events(repeat: Json) -> Interval | None:
    """Intakes a day that ``when`` and ``timeOfDay`` name."""
    when, times = repeat.get("when"), repeat.get("timeOfDay")
    if isinstance(times, list) and times:
        return point(float(len(times)))
    if not isinstance(when, list) or not when:
        return None
    low = float(len(when))
    return Interval(low, low + 2.0 * sum(code in EVERY_MEAL for code in when))


def length_of(timing: Json) -> Interval | None:
    """How many days a treatment goes on, where its timing limits it by a length or a number of intakes; else None.

    A limit that cannot be read is a length that is not known.
    """
    repeat = timing.get("repeat")
    if not isinstance(repeat, dict):
        return None
    if "boundsDuration" in repeat:
        return days_of(repeat["boundsDuration"]) or UNKNOWN_LENGTH
    if "boundsRange" in repeat:
        return _range_of_days(repeat["boundsRange"])
    return _counted_days(repeat, intakes_a_day(timing)) if "count" in repeat else None


def _range_of_days(bounds: Any) -> Interval:
    low, high = (days_of(bounds.get(end)) if isinstance(bounds, dict) else None for end in ("low", "high"))
    return Interval(low.low if low else 0, high.high if high else math.inf)


def _counted_days(repeat: Json, per_day: Interval | None) -> Interval:
    """The days of so many intakes, or (the standard leaves it open) of so many repetitions of the whole period."""
    count: Any = repeat.get("count")
    most = repeat.get("countMax", count)
    if not is_positive(count) or not is_positive(most):
        return UNKNOWN_LENGTH
    if per_day is None or per_day.low <= 0:
        return point(1) if count == most == 1 else UNKNOWN_LENGTH
    often = _range_of(repeat.get("frequency"), repeat.get("frequencyMax")) if repeat.get("frequency") else None
    in_a_period = max(1.0, often.high if often else per_day.high)
    return Interval(tidy(count / per_day.high), tidy(most * in_a_period / per_day.low))
