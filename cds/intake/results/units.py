"""The unit of a result: the factor to the unit of its term, by its code, or by its text.

A number is converted by the unit that it has, never by what the name of its code promises.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

from cds.code_systems import UCUM
from cds.intake.record import Record
from cds.jsontypes import Json
from cds.quantity import Interval, tidy, unit_key
from cds.rulebook.model import Measurement


class Scale(NamedTuple):
    """A measurement, and the factor from the unit of a value to its own."""

    term: Measurement
    factor: float


def factor_of(quantity: Json, term: Measurement, record: Record, source: str) -> float | None:
    """The factor from the quantity's unit to the term's; by the UCUM code, else by an unmistakable text."""
    code, unit, system = quantity.get("code"), quantity.get("unit"), quantity.get("system")
    if isinstance(code, str) and code and _is_ucum(system, record, source):
        return None if is_of_two_units(quantity, term) else factor_in_words(code, term)
    if not unit and not system:
        unit = code
    if isinstance(unit, str) and unit:
        factor = factor_in_words(unit, term)
        if factor is not None:
            record.note("unit-by-text", source)
        return factor
    return 1.0 if term.unitless and not code else None


def factor_in_words(unit: str, term: Measurement) -> float | None:
    """The factor of a unit by its spelling; None for one that the term does not accept."""
    factor = term.units.get(unit_key(unit))
    return 1.0 if factor is None and term.unitless and unit == "1" else factor


def is_of_two_units(quantity: Json, term: Measurement) -> bool:
    """Whether the code of a unit and its words name two units of the term: a mapping went wrong, of either of them."""
    stated = {factor_in_words(str(quantity.get(key) or ""), term) for key in ("code", "unit")}
    return len(stated - {None}) > 1


def has_no_unit(quantity: Json) -> bool:
    """Whether a quantity says nothing of its unit."""
    return not any(str(quantity.get(key) or "").strip() for key in ("unit", "code"))


UCUM_NAMES = ("ucum", "unitsofmeasure", "2.16.840.1.113883.6.8")
"""How the name of UCUM is written besides its URL; the last is its OID."""


def _is_ucum(system: object, record: Record, source: str) -> bool:
    if system == UCUM:
        return True
    if isinstance(system, str) and any(name in system.lower() for name in UCUM_NAMES):
        record.note("odd-unit-system", source)
        return True
    return False


def limit_of(quantity: Any, term: Measurement) -> float | None:
    """One end of a range in the term's unit; None without a number or a unit that can be converted."""
    if not isinstance(quantity, dict) or not isinstance(quantity.get("value"), (int, float)):
        return None
    unit = quantity.get("code") or quantity.get("unit")
    factor = term.units.get(unit_key(unit)) if isinstance(unit, str) else None
    return tidy(quantity["value"] * factor) if factor is not None else None


def can_be(number: Interval, factor: float, term: Measurement) -> bool:
    """Whether the stated ends of a number, in the term's unit, lie in its plausible range."""
    ends = (tidy(end * factor) for end in (number.low, number.high) if isfinite(end))
    read = (end if term.decimals is None else round(end, term.decimals) for end in ends)
    return all(term.plausible.low <= end <= term.plausible.high for end in read)
