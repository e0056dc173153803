"""Amounts that stand in a text somewhere behind the names of what they are of: which is whose, by their units.

``calcium-vitamin D3-vitamin K 500 mg-500 unit-40 mcg``, ``vitamin D3 10 mcg (400 unit)``. Where two
may be meant, none is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cds.quantity import Interval, point, tidy
from cds.rulebook.model import UNSTATED, Nutrient, Salt

_AMOUNT = re.compile(
    r"(?<![\w.,])(?<!\d-)(?P<n>\d[\d,]*(?:\.\d+)?) ?(?P<u>iu|units?|unt|mcg|ug|mg|gm?)(?![^\W_])", re.I
)
_KIND = {"iu": "iu", "unit": "iu", "units": "iu", "unt": "iu", "mcg": "ug", "ug": "ug", "mg": "mg", "g": "g", "gm": "g"}
_NAMED = r"(?: (?:of )?[a-z]{2,20})?\)?"
"""What may stand between an amount and its volume: ``667 mg (169 mg calcium)/5 mL``."""
_VOLUME = re.compile(rf"(?:iu|units?|mcg|ug|mg|gm?){_NAMED} ?(?:/|per|in) ?(?P<n>\d+(?:[.,]\d+)?)? ?ml\b", re.I)
EITHER_OF_THEM = 1000
"""So many milligrams labels carry of the usual salt, and of the element too: 1000 mg/880 IU."""
_SAME = 0.02
"""Two amounts are one in two units where they differ by no more than rounding."""


def amounts_by_unit(text: str) -> dict[str, list[Interval]]:
    """The different amounts of a text by unit (iu, ug, mg), in their order; grams count as mg."""
    found: dict[str, list[Interval]] = {}
    for match in _AMOUNT.finditer(text):
        kind = _KIND[match["u"].lower()]
        amount = read_number(match["n"]).times(1000.0 if kind == "g" else 1.0)
        listed = found.setdefault("mg" if kind == "g" else kind, [])
        if amount not in listed:
            listed.append(amount)
    return found


def read_number(text: str) -> Interval:
    """A number; a point before three digits may be a decimal or stand for thousands."""
    low = tidy(float(text.replace(",", "")))
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        return Interval(low, tidy(low * 1000))
    return point(low)


def volume_of(text: str) -> str:
    """The volume that holds the stated amounts: ``5 mL``; '' where a text names none."""
    match = _VOLUME.search(text)
    return f"{(match['n'] or '1').replace(',', '.')} mL" if match else ""


def lone_amounts(text: str, named: Sequence[Nutrient]) -> dict[str, Interval]:
    """The amounts of nutrients, each by the one amount of the text that can be its own; others have none here."""
    left = amounts_by_unit(text)
    found: dict[str, Interval] = {}
    for unit in ("iu", "ug", "mg"):
        takers = [one for one in named if one.name not in found and _is_counted_in(one, unit)]
        amounts = left.get(unit, [])
        if len(takers) == 1 and len(amounts) == 1:
            found[takers[0].name] = amounts[0].times(takers[0].units[_key(unit, takers[0])])
            _take_out(left, takers[0], found[takers[0].name])
    return found


def _is_counted_in(nutrient: Nutrient, unit: str) -> bool:
    """Whether labels state a nutrient in a unit: those counted in large units never in small ones, and the reverse."""
    own = nutrient.unit.strip("[]").lower()
    return (own == unit or (own == "iu" and unit == "ug")) and _key(unit, nutrient) in nutrient.units


def _key(unit: str, nutrient: Nutrient) -> str:
    return next((known for known in nutrient.units if known.strip("[]").lower() == unit), unit)


def _take_out(left: dict[str, list[Interval]], nutrient: Nutrient, amount: Interval) -> None:
    """Take the same amount in other units out of what is left: ``10 mcg (400 unit)``."""
    for unit, listed in left.items():
        factor = nutrient.units.get(_key(unit, nutrient))
        if factor is not None:
            left[unit] = [one for one in listed if abs(one.times(factor).low - amount.low) > _SAME * amount.low]


def narrowed(known: Interval | None, stated: Interval) -> Interval:
    """What is known of an amount and what a text states of it: where both may be true, what both say."""
    if known is None or known == UNSTATED:
        return stated
    if stated == UNSTATED:
        return known
    low, high = max(known.low, stated.low), min(known.high, stated.high)
    return Interval(low, high) if low <= high else stated


def of_brand(known: Interval, masses: Sequence[float], salts: Sequence[Salt], main: Nutrient) -> Interval:
    """The element of a brand that may have several strengths, by the mass that stands beside its name.

    It is the element or that of the salt: whichever the brand is known to have. Where it is neither, it may be both:
    a mass that labels are known to carry of the salt is its own, unless it is a multiple of what the brand holds, or
    one that labels carry of both.
    """
    if len(masses) != 1:
        return known
    is_of_salt = any(tidy(masses[0] / main.milligram) in salt.strengths for salt in salts)
    may_be_element = masses[0] == EITHER_OF_THEM * main.milligram and not _fits_a_salt(known, masses[0], salts)
    is_multiple = any(end and (masses[0] / end).is_integer() for end in (known.low, known.high))
    if is_of_salt and not is_multiple and not may_be_element:
        ends = [tidy(masses[0] * salt.fraction) for salt in salts]
    else:
        ends = [masses[0], *(tidy(masses[0] * salt.fraction) for salt in salts)]
    both = [masses[0], *ends]
    fitting = [end for end in both if known.low * (1 - _SAME) <= end <= known.high * (1 + _SAME)]
    if known.is_point and fitting:
        return known
    if not is_of_salt:
        ends += [known.low, known.high]
    return Interval(min(fitting or ends), max(fitting or ends))


def _fits_a_salt(known: Interval, mass: float, salts: Sequence[Salt]) -> bool:
    """Whether the element that a brand is known to hold is that of a mass of one of its salts."""
    ends = (mass * salt.fraction for salt in salts)
    return any(known.low * (1 - _SAME) <= end <= known.high * (1 + _SAME) for end in ends)
