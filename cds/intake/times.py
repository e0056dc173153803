"""FHIR dates, lengths of time and timings, as days and minutes.

The date part counts as it is written (the local day of the person who recorded it); a zone never moves it. Lengths and
intakes a day are intervals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeGuard

from cds.intake.numbers import number_of
from cds.jsontypes import Json
from cds.quantity import Interval, point, tidy

MINUTES_A_DAY = 1440
NEVER = 3_652_059
"""The last day that there is in Python's calendar (31 December 9999)."""
_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


class Moment(NamedTuple):
    """A point in time as it was recorded.

    ``first`` and ``last`` are the earliest and latest possible days (proleptic ordinals), equal for a full date.
    ``minute`` orders results: minutes since the epoch of the ordinals, midnight when no time was recorded.
    """

    first: int
    last: int
    minute: int
    text: str
    zoned: bool = True

    def days_before(self, day: int) -> tuple[int, int]:
        """The fewest and the most days by which this lies before a day."""
        return day - self.last, day - self.first


@lru_cache(maxsize=8192)
def moment(text: str) -> Moment | None:
    """The moment of a FHIR date, dateTime or instant; None when it is none."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, _, zone = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1)).toordinal()
        last = first if day else _last_day(int(year), int(month or 12))
    except ValueError:
        return None
    minutes = first * MINUTES_A_DAY + int(hour or 0) * 60 + int(minute or 0)
    return Moment(first, last, minutes, text[:10], zone is not None or hour is None)


def on_days(first: int, last: int) -> Moment:
    """A moment that lies on a day from the first to the last (ordinals)."""
    return Moment(first, last, first * MINUTES_A_DAY, day_text(first))


@lru_cache(maxsize=8192)
def instant(text: str) -> float | None:
    """The point in time of a dateTime or instant with a zone, in seconds; None without a time or a zone."""
    when, match = moment(text), _FORM.fullmatch(text)
    if when is None or match is None or match[7] is None:
        return None
    hours, minutes = (0, 0) if match[7] == "Z" else (int(match[7][:3]), int(match[7][0] + match[7][4:]))
    return (when.minute - 60 * hours - minutes) * 60 + float(match[6] or 0)


def in_utc(text: str) -> Moment | None:
    """The day in UTC of a dateTime or instant with a zone; None without a time or a zone."""
    seconds = instant(text)
    if seconds is None:
        return None
    day = int(seconds // (60 * MINUTES_A_DAY))
    return on_days(day, day)


def _last_day(year: int, month: int) -> int:
    if month == 12:
        return date(year, 12, 31).toordinal()
    return date(year, month + 1, 1).toordinal() - 1


def day_text(day: int) -> str:
    """An ordinal as ``2026-11-22``."""
    return date.fromordinal(day).isoformat()


DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
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
WORDS = {
    "second": "s",
    "minute": "min",
    "hour": "h",
    "hr": "h",
    "day": "d",
    "week": "wk",
    "month": "mo",
    "year": "a",
    "yr": "a",
}
"""Units of time as people write them."""
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


def _is_positive(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def unit_days(unit: Any) -> float | None:
    """The days of a unit of time, by its UCUM code or in words; None where it is none."""
    word = str(unit or "").strip().lower()
    return DAYS.get(word) or DAYS.get(WORDS.get(word.removesuffix("s"), ""))


def _events(repeat: Json) -> Interval | None:
    """Intakes a day that ``when`` and ``timeOfDay`` name."""
    when, times = repeat.get("when"), repeat.get("timeOfDay")
    if isinstance(times, list) and times:
        return point(float(len(times)))
    if not isinstance(when, list) or not when:
        return None
    low = float(len(when))
    return Interval(low, low + 2.0 * sum(code in EVERY_MEAL for code in when))


def days_of(duration: Any) -> Interval | None:
    """The days of a Duration; None when its number or its unit cannot be read."""
    number = duration.get("value") if isinstance(duration, dict) else None
    factor = unit_days(duration.get("code") or duration.get("unit")) if isinstance(duration, dict) else None
    if factor is None or not _is_positive(number):
        return None
    days = tidy(number * factor)
    match duration.get("comparator"):
        case "<" | "<=":
            return Interval(0, days)
        case ">" | ">=":
            return Interval(days, math.inf)
        case _:
            return point(days)


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
    if not _is_positive(count) or not _is_positive(most):
        return UNKNOWN_LENGTH
    if per_day is None or per_day.low <= 0:
        return point(1) if count == most == 1 else UNKNOWN_LENGTH
    often = _range_of(repeat.get("frequency"), repeat.get("frequencyMax")) if repeat.get("frequency") else None
    in_a_period = max(1.0, often.high if often else per_day.high)
    return Interval(tidy(count / per_day.high), tidy(most * in_a_period / per_day.low))
