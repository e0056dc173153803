"""The productions by which tokens of directions become doses and times.

A production is a row of kinds, and what stands for them. At each place the longest one that matches is taken, from left
to right; the passes follow each other. What no production reads stays as it is: a number that is left over is not
understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from cds.intake.medicines.dose import Dose
from cds.intake.sigs.language import Token
from cds.intake.sigs.tokens import BAD
from cds.quantity import Interval, point, tidy

Made: TypeAlias = Iterable[Token] | None
Production: TypeAlias = tuple[tuple[str, ...], Callable[..., Made]]
Pass: TypeAlias = dict[str, list[Production]]
DAY_PARTS = {3: ("MORN", "NOON", "EVE"), 4: ("MORN", "NOON", "EVE", "NIGHT")}
"""The parts of the day of ``1-0-1`` and of ``1-0-1-0``."""
MOST_UNITS = 12
"""A larger bare number is no number of tablets."""


def reduced(found: Sequence[Token]) -> list[Token]:
    """The tokens after all passes."""
    told = list(found)
    for step in PASSES:
        told = _pass(told, step)
    return told


def _pass(found: Sequence[Token], step: Pass) -> list[Token]:
    told: list[Token] = []
    place = 0
    while place < len(found):
        size, made = _applied(found, place, step)
        told += made
        place += size
    return told


def _applied(found: Sequence[Token], place: int, step: Pass) -> tuple[int, Iterable[Token]]:
    """How many tokens the longest production takes at a place, and what it makes of them."""
    for kinds, make in step.get(found[place].kind, ()):
        taken = found[place : place + len(kinds)]
        if tuple(token.kind for token in taken) == kinds:
            made = make(*(token.value for token in taken if token.value is not None))
            if made is not None:
                return len(kinds), made
    return 1, (found[place],)


def _of(*productions: tuple[str, Callable[..., Made]]) -> Pass:
    found: Pass = {}
    for kinds, make in sorted(productions, key=lambda production: -len(production[0].split())):
        found.setdefault(kinds.split()[0], []).append((tuple(kinds.split()), make))
    return found


def _made(kind: str, value: Any = None) -> tuple[Token]:
    return (Token(kind, value),)


def _range(low: Interval, high: Interval) -> Made:
    return _made("number", low.hull(high)) if low.low < high.high else None


def _range_of_counts(low: Interval, high: Interval) -> Made:
    return _made("occasions", low.hull(high)) if low.low < high.low else None


def _half_more(whole: Interval, half: Interval) -> Made:
    return _made("number", whole.plus(half)) if half == point(0.5) and whole.low >= 1 else None


def _said_twice(one: Interval, again: Interval) -> Made:
    return _made("number", one) if one == again else None


def _divided(number: Interval, days: float) -> Interval:
    return Interval(tidy(number.low / days), tidy(number.high / days))


def _in_days(number: Interval, days: float) -> Made:
    """So many times in so many days."""
    return _made("often", _divided(number, days))


def _every(number: Interval, days: float) -> Made:
    """Every so many hours or days."""
    if number.low <= 0:
        return None
    return _made("often", Interval(tidy(1 / (days * number.high)), tidy(1 / (days * number.low))))


def _so_often_every(times: Interval, number: Interval, days: float) -> Made:
    every = _every(number, days)
    return None if every is None else _made("often", times.across(next(iter(every)).value))


def _every_so_often(number: Interval, days: float, times: Interval) -> Made:
    return _so_often_every(times, number, days)


def _share(number: Interval, days: float, period: float) -> Made:
    """On so many days of a week."""
    return _made("share", _divided(number, period)) if days == 1 < period else None


def _lasting(number: Interval, days: float) -> Made:
    return _made("lasts", number.times(days)) if days >= 1 else ()


def _so_many_for_days(number: Interval, many: Interval, days: float) -> Made:
    """``1 x 30 days``."""
    return (Token("number", number), Token("lasts", many.times(days))) if days >= 1 else None


def _maybe_lasting(number: Interval, days: float) -> Made:
    return _lasting(number, days) if days >= 1 else None


def _times_number(times: Interval, number: Interval) -> Made:
    """``2 x 1``: so often a day, so many each time."""
    return (Token("sets", times), Token("dose", Dose(number, ""))) if number.high <= MOST_UNITS else None


def _times_mass(times: Interval, number: Interval, unit: str) -> Made:
    return Token("sets", times), Token("dose", in_unit(number, unit))


def in_unit(number: Interval, unit: str) -> Dose:
    """A dose in a unit of a table: ``mg``, or ``5 ml`` for a spoon."""
    size, _, name = unit.rpartition(" ")
    return Dose(number.times(float(size or 1)), name)


def _counted(number: Interval) -> Made:
    return _made("dose", Dose(number, ""))


def _mass(number: Interval, unit: str) -> Made:
    return _made("dose", in_unit(number, unit))


def _of_strength(number: Interval, strength: Interval, unit: str) -> Made:
    """``2 600 mg tablets``."""
    return _counted(number) if number.high <= MOST_UNITS else None


def _scheme(parts: list[float]) -> Made:
    """The amounts of the parts of a day; equal ones are one dose at several times."""
    return _scheme_in(parts, "")


def _scheme_in(parts: list[float], unit: str) -> Made:
    told: list[Token] = []
    for number, hour in zip(parts, DAY_PARTS[len(parts)], strict=True):
        if number:
            dose = Token("dose", in_unit(point(number), unit))
            told += [*([] if dose in told[-2:] and _last_dose(told) == dose else [dose]), Token("hour", hour)]
    return told or (Token("dose", Dose(point(0.0), unit)), Token("often", point(1.0)))


def _last_dose(told: Sequence[Token]) -> Token | None:
    return next((token for token in reversed(told) if token.kind == "dose"), None)


_NUMBERS = _of(
    ("number to number", _range),
    ("number dash number", _range),
    ("number or number", _range),
    ("number and number", _half_more),
    ("number open number close", _said_twice),
    ("count to count", _range_of_counts),
    ("count or count", _range_of_counts),
    ("count dash count", _range_of_counts),
    ("count", lambda times: _made("occasions", times)),
    ("avoid word", lambda: (Token("before"), Token("change"))),
    ("avoid", lambda: _made("stop")),
    ("stop change", lambda: _made("change")),
    ("stop lasting word", lambda: (Token("change"), Token("lasting"))),
    ("hour or hour", lambda one, other: _made("hour", one)),
)
_SPANS = _of(
    ("lasting number length", _lasting),
    ("times number length", _lasting),
    ("number length before", lambda *_: ()),
    ("number number length before", lambda *_: ()),
    ("number length period", _share),
    ("number length per length", _share),
    ("every number length", _every),
    ("every other length", lambda days: _every(point(2.0), days)),
    ("every length", lambda days: _made("period", days)),
    ("number length apart", _every),
    ("number length apart occasions", _every_so_often),
    ("number dash length apart", _every),
    ("number dash hourly", _every),
    ("number hourly", _every),
    ("hourly", lambda days: _made("period", days)),
    ("number times number length", _so_many_for_days),
    ("number times number times", lambda times, _: (Token("occasions", times), Token("each"))),
    ("number times", lambda times: _made("occasions", times)),
    ("number times number", _times_number),
    ("number times number form", _times_number),
    ("number times number unit", _times_mass),
    ("number times number unit form", lambda times, number, unit: _counted(times)),
    ("number times form", _counted),
    ("per length", lambda days: _made("period", days)),
    ("per number length", lambda number, days: _made("period", days * number.low) if number.is_point else None),
    ("every hour", lambda hour: _made("hour", hour)),
    ("every weekday", lambda day: _made("weekday", day)),
)
_RATES = _of(
    ("occasions period", _in_days),
    ("period occasions", lambda days, times: _in_days(times, days)),
    ("occasions length", _in_days),
    ("number length occasions", lambda number, days, times: _every_so_often(number, days, times)),
    ("occasions often", lambda times, often: _made("often", times.across(often))),
    ("often occasions", lambda often, times: _made("often", times.across(often))),
    ("split number", lambda number: _made("divided", number)),
    ("number split", lambda number: _made("divided", number)),
    ("often split", lambda often: _made("divided", often)),
    ("number unit", _mass),
    ("number form", _counted),
    ("number unit form", _mass),
    ("number number unit form", _of_strength),
    ("number per number", lambda *_: _made(BAD)),
    ("number per number unit", lambda *_: _made(BAD)),
    ("number unit per word", lambda *_: _made(BAD)),
    ("number unit per unit", lambda *_: _made(BAD)),
    ("number unit per number unit", lambda *_: _made(BAD)),
    ("scheme", _scheme),
    ("scheme form", _scheme),
    ("scheme unit", _scheme_in),
    ("number length", _maybe_lasting),
    ("dispensed number", lambda *_: ()),
    ("dispensed number form", lambda *_: ()),
    ("dispensed number unit", lambda *_: ()),
    ("dispensed number length", lambda *_: ()),
)
PASSES = (_NUMBERS, _SPANS, _RATES)
