"""The productions by which tokens of directions become doses and times.

A production is a row of kinds, and what stands for them. At each place the longest one that matches is taken, from left
to right; the passes follow each other. What no production reads stays as it is: a number that is left over is not
understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from cds.intake.sigs.language import Token
from cds.intake.sigs.productions import (
    DRUNK,
    Made,
    before_an_hour,
    counted,
    dashed,
    each_turn,
    every,
    every_so_often,
    form_times,
    half_more,
    in_days,
    in_days_each,
    lasting,
    made,
    mass,
    mass_times,
    maybe_lasting,
    of_strength,
    range_of,
    range_of_counts,
    said_twice,
    scheme,
    scheme_in,
    share,
    so_many_for_days,
    times_mass,
    times_number,
)
from cds.intake.sigs.tokens import BAD
from cds.quantity import point

Production: TypeAlias = tuple[tuple[str, ...], Callable[..., Made]]
Pass: TypeAlias = dict[str, list[Production]]


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


_NUMBERS = _of(
    ("number to number", range_of),
    ("number dash number", dashed),
    ("number or number", range_of),
    ("number and number", half_more),
    ("number open number close", said_twice),
    ("count to count", range_of_counts),
    ("count or count", range_of_counts),
    ("count dash count", range_of_counts),
    ("count", lambda times: made("occasions", times)),
    ("avoid word", lambda: (Token("before"), Token("change"))),
    ("avoid", lambda: made("stop")),
    ("stop if", lambda: made("change")),
    ("stop lasting word", lambda: (Token("change"), Token("lasting"))),
    ("turn", lambda: made("times")),
    ("number turn number form", each_turn),
    ("number turn number unit", each_turn),
    ("number turn number turn", lambda number, _: (Token("number", number), Token("times"), Token("each"))),
    ("period number turn number form", in_days_each),
    ("length number turn number form", in_days_each),
    ("period number turn number unit", in_days_each),
    ("period number turn number turn", lambda days, number, _: (*in_days(number, days), Token("each"))),
    ("hour or hour", lambda one, other: made("hour", one)),
)
_SPANS = _of(
    ("lasting number length", lasting),
    ("times number length", lasting),
    ("number length before", lambda *_: made("before")),
    ("number number length before", lambda *_: made("before")),
    ("before number length", lambda *_: made("before")),
    ("number length hour", before_an_hour),
    ("number length meals", lambda number, days: made("meals") if days < 1 else None),
    ("number number length hour", lambda one, half, days, hour: before_an_hour(half, days, hour)),
    ("purpose number unit", lambda number, unit: () if unit in DRUNK else None),
    ("every number hour", lambda number, hour: every(number, 1 / 24) if hour == "NIGHT" else None),
    ("times number period", in_days),
    ("times number per length", in_days),
    ("number form times number", form_times),
    ("number unit times number", mass_times),
    (
        "number form times number length",
        lambda number, many, days: (*counted(number), Token("lasts", many.times(days))),
    ),
    (
        "number unit times number length",
        lambda n, unit, many, days: (*mass(n, unit), Token("lasts", many.times(days))),
    ),
    ("number form times number period", lambda number, times, days: (*counted(number), *in_days(times, days))),
    ("number unit times number period", lambda n, unit, times, days: (*mass(n, unit), *in_days(times, days))),
    ("number form times number per length", lambda number, times, days: (*counted(number), *in_days(times, days))),
    ("number form times number times", lambda number, times: (*counted(number), Token("occasions", times))),
    ("number length period", share),
    ("number length per length", share),
    ("every number length", every),
    ("every other length", lambda days: every(point(2.0), days)),
    ("every length", lambda days: made("period", days)),
    ("number length apart", every),
    ("number length apart occasions", every_so_often),
    ("number dash length apart", every),
    ("number dash hourly", every),
    ("number hourly", every),
    ("hourly", lambda days: made("period", days)),
    ("number times number length", so_many_for_days),
    ("number times", lambda times: made("occasions", times)),
    ("number times number", times_number),
    ("number times number form", times_number),
    ("number times number unit", times_mass),
    ("number times number unit form", lambda times, number, unit: counted(times)),
    ("number times form", counted),
    ("period number times", lambda days, times: in_days(times, days)),
    ("length number times", lambda days, times: in_days(times, days)),
    ("number length number times", every_so_often),
    ("split number times", lambda number: made("divided", number)),
    ("per length", lambda days: made("period", days)),
    (
        "per number length",
        lambda number, days: made("period", days * number.low) if number.is_point and number.low else None,
    ),
    ("every hour", lambda hour: made("hour", hour)),
    ("number every hour", lambda number, hour: (Token("number", number), Token("hour", hour))),
    ("number every length", lambda number, days: (Token("number", number), Token("period", days))),
    ("number every number length", lambda number, many, days: (Token("number", number), *(every(many, days) or ()))),
    ("number every other length", lambda number, days: (Token("number", number), *(every(point(2.0), days) or ()))),
    ("number every weekday", lambda number, day: (Token("number", number), Token("weekday", day))),
    ("number every", counted),
    ("every weekday", lambda day: made("weekday", day)),
)
_RATES = _of(
    ("occasions period", in_days),
    ("period occasions", lambda days, times: in_days(times, days)),
    ("occasions length", in_days),
    ("occasions lasting length", in_days),
    ("length occasions", lambda days, times: in_days(times, days)),
    ("number length occasions", every_so_often),
    ("occasions often", lambda times, often: made("often", times.across(often))),
    ("often occasions", lambda often, times: made("often", times.across(often))),
    ("split number", lambda number: made("divided", number)),
    ("number split", lambda number: made("divided", number)),
    ("often split", lambda often: made("divided", often)),
    ("number unit", mass),
    ("number form", counted),
    ("article form", lambda: counted(point(1.0))),
    ("article unit", lambda unit: mass(point(1.0), unit)),
    ("number unit form", mass),
    ("number number unit form", of_strength),
    ("number per number", lambda *_: made(BAD)),
    ("number per number unit", lambda *_: made(BAD)),
    ("number unit per word", lambda *_: made(BAD)),
    ("number unit per unit", lambda *_: made(BAD)),
    ("number unit per number unit", lambda *_: made(BAD)),
    ("scheme", scheme),
    ("scheme form", scheme),
    ("scheme unit", scheme_in),
    ("number length", maybe_lasting),
    ("dispensed number", lambda *_: ()),
    ("dispensed dash number", lambda *_: ()),
    ("dispensed dash number form", lambda *_: ()),
    ("dispensed number form", lambda *_: ()),
    ("dispensed number unit", lambda *_: ()),
    ("dispensed number length", lambda *_: ()),
    ("number dispensed", lambda *_: ()),
)
PASSES = (_NUMBERS, _SPANS, _RATES)
