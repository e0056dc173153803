"""Intervals of real numbers, and the conversion of units.

Every quantity in the house is an interval: an exact result is a point, ``<8 ng/mL`` is [0, 8), an unknown
diet is 400..1000 mg/d.
A statement about a quantity is present when it holds for the whole interval, absent when it holds for no
part of it, and unknown otherwise.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple


class State(IntEnum):
    """What is known about a statement, ordered so that Kleene's *and* is ``min`` and *or* is ``max``."""

    ABSENT = 0
    UNKNOWN = 1
    PRESENT = 2

    @property
    def word(self) -> str:
        """``absent``, ``unknown`` or ``present``."""
        return _WORDS[self]


_WORDS = ("absent", "unknown", "present")
ABSENT, UNKNOWN, PRESENT = STATES = State.ABSENT, State.UNKNOWN, State.PRESENT


class Interval(NamedTuple):
    """All numbers from ``low`` to ``high``; an open end is not part of it."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    @property
    def is_point(self) -> bool:
        """Whether it holds one number only."""
        return self.low == self.high

    def plus(self, other: Interval) -> Interval:
        """All sums of a number of this interval and one of the other."""
        return Interval(
            tidy(self.low + other.low),
            tidy(self.high + other.high),
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def times(self, factor: float) -> Interval:
        """All numbers of this interval multiplied by a factor of zero or more."""
        return Interval(_product(self.low, factor), _product(self.high, factor), self.low_open, self.high_open)

    def across(self, other: Interval) -> Interval:
        """All products with the other interval, both of zero or more."""
        return Interval(
            _product(self.low, other.low),
            _product(self.high, other.high),
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def hull(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def rounded(self, decimals: int) -> Interval:
        """Both ends rounded to a number of decimals."""
        return Interval(round(self.low, decimals), round(self.high, decimals), self.low_open, self.high_open)

    def inside(self, low: float, high: float) -> bool:
        """Whether both ends lie in the closed range."""
        return low <= self.low and self.high <= high

    def is_above(self, bound: Interval) -> State:
        """Whether a number of this interval is greater than one of ``bound``."""
        if self.low > bound.high or (self.low == bound.high and (self.low_open or bound.high_open)):
            return PRESENT
        return ABSENT if self.high <= bound.low else UNKNOWN

    def is_at_least(self, bound: Interval) -> State:
        """Whether a number of this interval is greater than, or equal to, one of ``bound``."""
        if self.low >= bound.high:
            return PRESENT
        if self.high < bound.low or (self.high == bound.low and (self.high_open or bound.low_open)):
            return ABSENT
        return UNKNOWN


def point(value: float) -> Interval:
    """The interval that holds one number."""
    return Interval(value, value)


def at_most(number: tuple[int, int], bound: int) -> State:
    """Whether a whole number that lies from one to another is at most a bound."""
    least, most = number
    return ABSENT if least > bound else PRESENT if most <= bound else UNKNOWN


def tidy(value: float) -> float:
    """The number without the noise of binary floating point (nine significant decimals are kept)."""
    return round(value, 9)


def _product(one: float, other: float) -> float:
    """The product of two numbers; none of an unbounded amount is none."""
    return tidy(one * other) if one and other else 0.0


def negated(state: State) -> State:
    """Kleene's *not*: present and absent change places, unknown stays."""
    return _NEGATED[state]


_NEGATED = (PRESENT, UNKNOWN, ABSENT)

# How people write a unit that UCUM writes otherwise, after lower-casing; nothing here changes a meaning.
_LETTERS = str.maketrans({"µ": "u", "μ": "u", "²": "2", "㎡": "m2"})
_AREAS = (
    "/1.73m2",
    "/1.73 m2",
    "/{1.73m2}",
    "/1.73m*2",
    "/1.73m^2",
    "/1.73_m2",
    "/1.73 m^2",
    "/1.73sq.m",
    "/1.73sqm",
    "/1.73 sq m",
    "/{1.73_m^2}",
    "/{1.73_m2}",
    "/1.73",
    "/1.73qm",
    "/1.73 qm",
    " per 1.73 m2",
    " per 1.73m2",
    ".1.73m2",
    "*1.73m2",
)
"""How people write that a rate of filtration is one for 1.73 square metres."""
_SPELLINGS = {
    "mcg": "ug",
    "iu": "[iu]",
    "units": "[iu]",
    "unit": "[iu]",
    "unt": "[iu]",
    "i.u.": "[iu]",
    "gm": "g",
    "years": "a",
    "year": "a",
    "score": "{score}",
    "mcg/l": "ug/l",
    "mcmol/l": "umol/l",
    "gm/dl": "g/dl",
    "inr": "{inr}",
    "t-score": "{t-score}",
    "mg/day": "mg/d",
    "mg/24h": "mg/d",
    "mmol/24h": "mmol/d",
    "mg%": "mg/dl",
    "mg %": "mg/dl",
    "mg/100ml": "mg/dl",
    "mg/100 ml": "mg/dl",
    "micromol/l": "umol/l",
    "umol/litre": "umol/l",
    "mmol/litre": "mmol/l",
    "mmol/liter": "mmol/l",
    "nanomol/l": "nmol/l",
    "nmol/litre": "nmol/l",
    "mval/l": "meq/l",
    "iu/l": "[iu]/l",
    "g/litre": "g/l",
    **{
        f"ml/{time}{area}": f"ml/{second_or_minute}/{{1.73_m2}}"
        for time, second_or_minute in (("min", "min"), ("s", "s"), ("sec", "s"))
        for area in _AREAS
    },
}

_DAYS = {
    **dict.fromkeys(("d", "day"), "d"),
    **dict.fromkeys("tag die giorno jour día dia dag døgn dygn gün den dzień nap vrk pv 日 天".split(), "d"),
    **dict.fromkeys(("(24.h)", "24 h"), "(24.h)"),
}
"""How people write the time of an amount a day: what they write before it is a unit of its own (``IU/day``)."""


@lru_cache(maxsize=4096)
def unit_key(unit: str) -> str:
    """The spelling under which a unit is looked up: case and the common synonyms do not matter.

    ``mg/dl`` and ``mg/dL`` are one unit in UCUM (litre is l or L).
    No two units of one term differ by case alone; the loader of the rulebook refuses that.
    """
    key = unit.strip().lower().translate(_LETTERS).replace("1,73", "1.73").replace(" /", "/").replace("/ ", "/")
    key = key.replace("/分", "/min").replace("/秒", "/s")
    amount, per, time = key.rpartition("/")
    if key not in _SPELLINGS and time in _DAYS:
        return f"{_SPELLINGS.get(amount, amount)}{per}{_DAYS[time]}"
    return _SPELLINGS.get(key, key)


_WRITTEN = {
    "/l": "/L",
    "/dl": "/dL",
    "/ml": "/mL",
    "meq": "mEq",
    "ml/": "mL/",
    "[iu]": "IU",
    "agatston": "Agatston",
    "{inr}": "{INR}",
    "{t-score}": "{T-score}",
}


def spelled(unit: str) -> str:
    """A unit, or the spelling under which it is looked up, as people write it: ``mg/dL``, ``mEq/L``, ``IU/d``."""
    key = unit.lower()
    if key == "a":
        return "years"
    for small, written in _WRITTEN.items():
        key = key.replace(small, written)
    return key
