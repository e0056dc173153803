"""The cells of a hospital's table of products -> units and amounts as rule files have them."""

from __future__ import annotations

import re
from typing import NamedTuple

from cds.quantity import unit_key
from cds.rulebook import lines
from cds.rulebook.model import Nutrient

_NUMBERS = re.compile(r"(?P<low>\d+(?:[.,]\d+)?)(?:\s*(?:-|to|bis)\s*(?P<high>\d+(?:[.,]\d+)?))?\s*(?P<unit>\D.*)?")
_THOUSANDS = re.compile(r"\d{1,3}[.,]\d{3}")


class Column(NamedTuple):
    """What a column holds: one of the fixed ones, or a nutrient in a unit ('' where each cell names its own)."""

    name: str
    unit: str


def is_counted_in(nutrient: Nutrient, unit: str) -> bool:
    """Whether a nutrient is counted in a unit, as tables write it."""
    return unit_of(nutrient, unit) is not None


def unit_of(nutrient: Nutrient, unit: str) -> str | None:
    """The unit as the rule files write it: ``IU`` is ``[iU]``; None where the nutrient is not counted in it."""
    wanted = unit_key(unit).strip("[]").lower()
    return next((known for known in nutrient.units if known.strip("[]").lower() == wanted), None)


def amount_of(cell: str, unit: str, nutrient: Nutrient) -> str | None:
    """``500 mg``; empty where it is not inside, None where the cell is not understood.

    A sign before three digits may group thousands or be a decimal: that is not guessed.
    """
    if cell.lower() == "unknown":
        return "unknown"
    match = _NUMBERS.fullmatch(cell)
    if match is None or any(_THOUSANDS.fullmatch(match[name] or "") for name in ("low", "high")):
        return None
    low, high = (match[name].replace(",", ".") if match[name] else "" for name in ("low", "high"))
    own = unit_of(nutrient, (match["unit"] or unit).strip())
    if own is None:
        return None
    if float(low) == 0 and not high:
        return ""
    text = f"{low} to {high} {own}" if high else f"{low} {own}"
    return text if lines.amount(text) else None
