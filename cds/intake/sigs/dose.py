"""The amount of one intake of a medicine: FHIR Quantity -> number and unit.

Numbers that are written as text are read, also with a decimal comma; what is no number is no dose.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from cds.intake.numbers import number_of
from cds.intake.sigs.dose_units import UNKNOWN, is_known, unit_meant
from cds.jsontypes import Json
from cds.quantity import Interval


class Dose(NamedTuple):
    """The amount of one intake: a number in a unit; ``unit`` is '' for dose forms and '?' when it is not stated."""

    number: Interval
    unit: str


ANY_NUMBER = Interval(0, math.inf)
NOT_UNDERSTOOD = Dose(ANY_NUMBER, UNKNOWN)
"""A dose that is stated and not understood: any amount."""
_SPOON = re.compile(r"(\d+) (ml|\[iu\])")


def quantity(value: Any) -> Dose | None:
    """The number and unit of a Quantity; counted dose forms have the unit ''."""
    number = number_of(value.get("value")) if isinstance(value, dict) else None
    if number is None:
        return None
    unit = unit_of(value)
    if (spoon := _SPOON.fullmatch(unit)) is not None:
        number, unit = number.times(float(spoon[1])), spoon[2]
    return Dose(_compared(number, value.get("comparator")), unit)


def _compared(number: Interval, comparator: object) -> Interval:
    if comparator in ("<", "<="):
        return Interval(0, number.high)
    return Interval(number.low, math.inf) if comparator in (">", ">=") else number


def unit_of(value: Json) -> str:
    """The unit of a Quantity by its code and by its text; '?' where there is none, or where they contradict."""
    code, text = (unit_meant(part) if isinstance(part := value.get(key), str) and part.strip() else None
                  for key in ("code", "unit"))  # fmt: skip
    if code is None or text is None or code == text:
        return next((unit for unit in (code, text) if unit is not None), UNKNOWN)
    if is_known(code) and is_known(text):
        return UNKNOWN
    return text if is_known(text) or not (is_known(code) or _is_ucum(value)) else code


def _is_ucum(value: Json) -> bool:
    return "unitsofmeasure" in str(value.get("system"))
