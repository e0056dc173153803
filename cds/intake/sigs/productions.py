"""What stands for a row of tokens: a number, a dose, a frequency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from cds.intake.sigs.dose import Dose
from cds.intake.sigs.language import Token
from cds.quantity import Interval, point, tidy

Made: TypeAlias = Iterable[Token] | None
"""The tokens that a production makes; None where it does not apply."""
DAY_PARTS = {3: ("MORN", "NOON", "EVE"), 4: ("MORN", "NOON", "EVE", "NIGHT")}
"""The parts of the day of ``1-0-1`` and of ``1-0-1-0``."""
MOST_TIMES = 4
"""More times than these without a period may be a supply."""
DRUNK = frozenset({"ml", "oz"})
"""Units of the water that a medicine is taken with."""
MOST_UNITS = 12
"""A larger bare number is no number of tablets."""


def made(kind: str, value: Any = None) -> tuple[Token]:
    """One token."""
    return (Token(kind, value),)


def range_of(low: Interval, high: Interval) -> Made:
    """``1 to 2``, ``1 or 2``."""
    return made("number", low.hull(high)) if low.low < high.high else None


def dashed(low: Interval, high: Interval) -> Made:
    """``1-2`` is a range; ``1-1/2`` is one and a half."""
    return range_of(low, high) or half_more(low, high)


def range_of_counts(low: Interval, high: Interval) -> Made:
    """``once or twice``."""
    return made("occasions", low.hull(high)) if low.low < high.low else None


def half_more(whole: Interval, half: Interval) -> Made:
    """``1 and a half``."""
    return made("number", whole.plus(half)) if half == point(0.5) and whole.low >= 1 else None


def said_twice(one: Interval, again: Interval) -> Made:
    """``2 (two)``."""
    return made("number", one) if one == again else None


def divided(number: Interval, days: float) -> Interval:
    """A number in so many days, as that of a day."""
    return Interval(tidy(number.low / days), tidy(number.high / days))


def in_days(number: Interval, days: float) -> tuple[Token]:
    """So many times in so many days."""
    return made("often", divided(number, days))


def every(number: Interval, days: float) -> Made:
    """Every so many hours or days."""
    if number.low <= 0:
        return None
    return made("often", Interval(tidy(1 / (days * number.high)), tidy(1 / (days * number.low))))


def so_often_every(times: Interval, number: Interval, days: float) -> Made:
    """``once every 8 hours``."""
    often = every(number, days)
    return None if often is None else made("often", times.across(next(iter(often)).value))


def every_so_often(number: Interval, days: float, times: Interval) -> Made:
    """``every 8 hours once``."""
    return so_often_every(times, number, days)


def share(number: Interval, days: float, period: float) -> Made:
    """On so many days of a week."""
    return made("share", divided(number, period)) if days == 1 < period else None


def lasting(number: Interval, days: float) -> Made:
    """``for 10 days``; less than a day is no course."""
    return made("lasts", number.times(days)) if days >= 1 else ()


def so_many_for_days(number: Interval, many: Interval, days: float) -> Made:
    """``1 x 30 days``."""
    return (Token("number", number), Token("lasts", many.times(days))) if days >= 1 else None


def maybe_lasting(number: Interval, days: float) -> Made:
    """``10 days``."""
    return lasting(number, days) if days >= 1 else None


def times_number(times: Interval, number: Interval) -> Made:
    """``2 x 1``: so often a day, so many each time."""
    return (Token("sets", times), Token("dose", Dose(number, ""))) if number.high <= MOST_UNITS else None


def in_days_each(days: float, times: Interval, number: Interval, unit: str = "") -> Made:
    """``once a week 1 tablet``."""
    return (*in_days(times, days), *mass(number, unit))


def each_turn(turn: Interval, number: Interval, unit: str = "") -> Made:
    """``1 tablet each time``, in languages in which one turn is each intake."""
    return (Token("each"), *mass(number, unit)) if turn == point(1.0) else None


def times_mass(times: Interval, number: Interval, unit: str) -> Made:
    """``2 x 500 mg``."""
    return Token("sets", times), Token("dose", in_unit(number, unit))


def form_times(number: Interval, times: Interval) -> Made:
    """``1 tabl x 2``: so many each time, so often a day."""
    return (*counted(number), Token("sets", times)) if times.high <= MOST_TIMES else None


def mass_times(number: Interval, unit: str, times: Interval) -> Made:
    """``500 mg x 2``."""
    return (*mass(number, unit), Token("sets", times)) if times.high <= MOST_TIMES else None


def before_an_hour(number: Interval, days: float, hour: str) -> Made:
    """``2 hours before breakfast``."""
    return made("hour", hour) if days < 1 else None


def in_unit(number: Interval, unit: str) -> Dose:
    """A dose in a unit of a table: ``mg``, or ``5 ml`` for a spoon."""
    size, _, name = unit.rpartition(" ")
    return Dose(number.times(float(size or 1)), name)


def counted(number: Interval) -> tuple[Token]:
    """A number of dose forms."""
    return made("dose", Dose(number, ""))


def mass(number: Interval, unit: str) -> tuple[Token]:
    """A mass or a volume."""
    return made("dose", in_unit(number, unit))


def of_strength(number: Interval, strength: Interval, unit: str) -> Made:
    """``2 600 mg tablets``."""
    return counted(number) if number.high <= MOST_UNITS else None


def scheme(parts: list[float]) -> Made:
    """The amounts of the parts of a day; equal ones are one dose at several times."""
    return scheme_in(parts, "")


def scheme_in(parts: list[float], unit: str) -> Made:
    """``500-0-500 mg``."""
    told: list[Token] = []
    for number, hour in zip(parts, DAY_PARTS[len(parts)], strict=True):
        dose = Token("dose", in_unit(point(number), unit))
        if number:
            told += [Token("hour", hour)] if last_dose(told) == dose else [dose, Token("hour", hour)]
    return told or (Token("dose", Dose(point(0.0), unit)), Token("often", point(1.0)))


def last_dose(told: Sequence[Token]) -> Token | None:
    """The last dose among some tokens."""
    return next((token for token in reversed(told) if token.kind == "dose"), None)
