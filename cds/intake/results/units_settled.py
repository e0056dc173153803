"""The unit of a number that states none: read only where one unit of its term alone fits.

The reference range beside it has a unit, or holds what is usual in one unit only; or no other unit gives a number that
can be. Whatever could stand in two units is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Any

from cds.intake.elements import objects
from cds.intake.record import Record
from cds.intake.results.units import can_be, factor_in_words, has_no_unit
from cds.intake.results.written import Written, written_range
from cds.jsontypes import Json
from cds.quantity import Interval
from cds.rulebook.model import Measurement

SETTLED = "unit-settled"


def settled(
    numbers: Sequence[Interval], part: Json, beside: str, term: Measurement, record: Record, source: str
) -> float | None:
    """The factor of numbers without a unit to that of their term, which is noted; None where nothing settles it.

    ``beside`` is the range that stands in the text of the result itself.
    """
    ranges = [*_in_words(beside), *_stated(part)]
    units = {factor_in_words(each.unit, term) for each in ranges if each.unit}
    if units:
        factor = units.pop() if len(units) == 1 else None
    else:
        factor = _fitting(numbers, [each.numbers[0] for each in ranges if len(each.numbers) == 1], term)
    if factor is not None:
        record.note(SETTLED, source)
    return factor


def _fitting(numbers: Iterable[Interval], ranges: list[Interval], term: Measurement) -> float | None:
    """The one factor by which a number can be, and every range holds what is usual.

    Where all units of a term mean the same number (an INR, a T-score) no range has to tell them apart.
    """
    listed, factors = list(numbers), dict.fromkeys(term.units.values())
    fitting: list[float] = list(factors)
    if len(fitting) == 1:
        return fitting[0]
    fitting = [f for f in factors if any(can_be(number, f, term) for number in listed)]
    fitting = [factor for factor in fitting if all(_is_usual(each, factor, term) for each in ranges)]
    return fitting[0] if len(fitting) == 1 else None


def _is_usual(stated: Interval, factor: float, term: Measurement) -> bool:
    return can_be(stated, factor, term) and stated.low * factor <= term.usual <= stated.high * factor


def _stated(part: Json) -> Iterator[Written]:
    """The reference ranges of a result, each with its unit as it is written."""
    for item in objects(part.get("referenceRange")):
        ends = {key: end for key in ("low", "high") if isinstance(end := item.get(key), dict)}
        numbers = {key: number for key, end in ends.items() if (number := _number(end)) is not None}
        if not numbers:
            yield from _in_words(item.get("text"))
        else:
            units = [str(end.get("code") or end.get("unit")) for end in ends.values() if not has_no_unit(end)]
            yield Written(
                (Interval(numbers.get("low", -inf), numbers.get("high", inf)),), " ".join(dict.fromkeys(units))
            )


def _in_words(text: Any) -> list[Written]:
    found = written_range(text) if isinstance(text, str) else None
    return [] if found is None else [found]


def _number(end: Json) -> float | None:
    number = end.get("value")
    return float(number) if isinstance(number, (int, float)) and not isinstance(number, bool) else None
