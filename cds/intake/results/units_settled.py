"""The unit of a number that states none: read only where the reference range or the property of its code settles it.

The range has a unit, or holds what is usual in one unit only. Else the number must be one that can be in one unit only,
and the property of the code (LOINC: a mass, or an amount of substance, in a volume) that of this unit: neither settles
it alone, as laboratories use codes of one property for results of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Any

from cds.intake.elements import codings, objects
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
        stated = [each.numbers[0] for each in ranges if len(each.numbers) == 1]
        factor = _fitting(numbers, stated, term, _of_property(part.get("code"), term))
    if factor is not None:
        record.note(SETTLED, source)
    return factor


MASS, SUBSTANCE = re.compile(r"\bmass/|-mCnc\b", re.I), re.compile(r"\bmoles/|-sCnc\b", re.I)
"""How names of LOINC say the property of a code: ``[Mass/volume]``, ``SerPl-mCnc``; ``[Moles/volume]``, ``-sCnc``."""
_OF_SUBSTANCE = re.compile(r"mol|eq", re.I)
_OF_A_RATE = re.compile(r"[^/]+/(?:min|s)\b")


def _of_property(concept: Any, term: Measurement) -> frozenset[float]:
    """The factors of the units that the property of the code leaves; none where no name of it says which it is.

    Units of a rate differ in nothing that a property could say: it leaves them all.
    """
    if all(map(_OF_A_RATE.match, term.units)):
        return frozenset(term.units.values())
    own = {(coding.get("system"), coding.get("code")) for coding in codings(concept)}
    names = [code.display for code in term.codes if (code.system, code.code) in own]
    is_mass, is_substance = (any(map(pattern.search, names)) for pattern in (MASS, SUBSTANCE))
    if is_mass is is_substance:
        return frozenset()
    return frozenset(f for unit, f in term.units.items() if (_OF_SUBSTANCE.search(unit) is None) is is_mass)


def _fitting(
    numbers: Iterable[Interval], ranges: list[Interval], term: Measurement, of_property: frozenset[float]
) -> float | None:
    """The one factor by which a number can be, every range holds what is usual, and which the property leaves.

    None where neither a range nor a property says anything.

    Where all units of a term mean the same number (an INR, a T-score) no range has to tell them apart.
    """
    listed, factors = list(numbers), dict.fromkeys(term.units.values())
    fitting: list[float] = list(factors)
    if len(fitting) == 1:
        return fitting[0]
    if not ranges and not of_property:
        return None
    fitting = [f for f in fitting if any(can_be(number, f, term) for number in listed)]
    fitting = [factor for factor in fitting if all(_is_usual(each, factor, term) for each in ranges)]
    found = fitting[0] if len(fitting) == 1 else None
    return found if ranges or found in of_property else None


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
