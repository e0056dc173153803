"""FHIR dates and lengths of time, as days and minutes.

The date part counts as it is written (the local day of the person who recorded it); a zone never moves it. Lengths are
intervals.
"""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeGuard

from cds.quantity import Interval, point, tidy

MINUTES_A_DAY = 1440
NEVER = 3_652_059
"""The last day that there is in Python's calendar (31 December 9999)."""
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_TIME = re.compile(r"T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
"""What stands behind a full date."""


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

    def years_after(self, birth: Moment) -> tuple[int, int]:
        """The fewest and the most completed years between a birth and this; 0 where it may lie before."""
        return years_between(birth.last, max(birth.last, self.first)), years_between(birth.first, self.last)


@lru_cache(maxsize=8192)
def moment(text: str) -> Moment | None:
    """The moment of a FHIR date, dateTime or instant; None when it is none."""
    day = _day(text[:10])
    if day is None or len(text) <= 10:
        return day
    match = _TIME.fullmatch(text, 10)
    if match is None:
        return None
    hour, minute, _, zone = match.groups()
    return Moment(day.first, day.last, day.minute + int(hour) * 60 + int(minute), day.text, zone is not None)


@lru_cache(maxsize=8192)
def _day(text: str) -> Moment | None:
    """The moment of a FHIR date: many times have one day."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1)).toordinal()
        last = first if day else _last_day(int(year), int(month or 12))
    except ValueError:
        return None
    return Moment(first, last, first * MINUTES_A_DAY, text)


def on_days(first: int, last: int) -> Moment:
    """A moment that lies on a day from the first to the last (ordinals)."""
    return Moment(first, last, first * MINUTES_A_DAY, day_text(first))


def years_between(first: int, last: int) -> int:
    """The completed years from one day to another (ordinals)."""
    born, today = date.fromordinal(first), date.fromordinal(last)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@lru_cache(maxsize=8192)
def instant(text: str) -> float | None:
    """The point in time of a dateTime or instant with a zone, in seconds; None without a time or a zone."""
    when, match = moment(text), _TIME.fullmatch(text, 10)
    if when is None or match is None or match[4] is None:
        return None
    hours, minutes = (0, 0) if match[4] == "Z" else (int(match[4][:3]), int(match[4][0] + match[4][4:]))
    return (when.minute - 60 * hours - minutes) * 60 + float(match[3] or 0)


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


def is_positive(value: Any) -> TypeGuard[float]:
    """Whether a value is a number above zero."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def unit_days(unit: Any) -> float | None:
    """The days of a unit of time, by its UCUM code or in words; None where it is none."""
    word = str(unit or "").strip().lower()
    return DAYS.get(word) or DAYS.get(WORDS.get(word.removesuffix("s"), ""))


def days_of(duration: Any) -> Interval | None:
    """The days of a Duration; None when its number or its unit cannot be read."""
    number = duration.get("value") if isinstance(duration, dict) else None
    factor = unit_days(duration.get("code") or duration.get("unit")) if isinstance(duration, dict) else None
    if factor is None or not is_positive(number):
        return None
    days = tidy(number * factor)
    match duration.get("comparator"):
        case "<" | "<=":
            return Interval(0, days)
        case ">" | ">=":
            return Interval(days, math.inf)
        case _:
            return point(days)
