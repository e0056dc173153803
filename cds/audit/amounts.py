"""Numbers in both systems of units: mg/dL and mmol/L, by the units and factors that the terms accept."""

from __future__ import annotations

from typing import NamedTuple

from cds.cards.wording import unit_text
from cds.quantity import spelled, unit_key
from cds.rulebook.graph import measured_by
from cds.rulebook.model import Dose, Measurement, Nutrient, RuleBook


class Unit(NamedTuple):
    """A unit as people write it, and what one of it is worth in the unit of its term."""

    name: str
    factor: float


def spoken_unit(key: str) -> str:
    """A unit that a term accepts (kept in small letters) as people write it."""
    return unit_text(spelled(key).replace("(24.h)", "d")).replace("ug", "µg").replace("umol", "µmol")


def number(value: float) -> str:
    """A number with three significant digits; whole numbers stay whole."""
    return f"{value:.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.3g}"


def shown(value: float, unit: str) -> str:
    """A number with its unit: ``7.5 mg/dL``."""
    return f"{value:g} {unit_text(unit)}".strip()


def both(book: RuleBook, term: str, value: float, unit: str) -> str:
    """A number of a term in its own unit and in the other system, where there is one: ``12 mg/dL (2.99 mmol/L)``."""
    other = other_unit(book, term, unit)
    return shown(value, unit) + (f" ({number(value / other.factor)} {other.name})" if other else "")


def other_unit(book: RuleBook, term: str, unit: str) -> Unit | None:
    """The unit of the other system for a term whose numbers are in ``unit``; None where there is one system only."""
    for found in measured_by(term, book.terms):
        if isinstance(found, Dose) and book.products.nutrients[found.nutrient].other_unit:
            return _of_dose(found, book.products.nutrients[found.nutrient])
        if isinstance(found, Measurement) and unit_key(found.unit) == unit_key(unit):
            return _of_measurement(found)
    return None


def _of_dose(dose: Dose, nutrient: Nutrient) -> Unit:
    word = nutrient.other_unit
    per_day = "" if dose.single else "/day"
    return Unit(word.replace("ug", "µg") + per_day, nutrient.units[unit_key(word)])


def _of_measurement(measurement: Measurement) -> Unit | None:
    molar = "mol" not in measurement.unit
    for key, factor in measurement.units.items():
        if ("mol" in key) is molar and (molar or key.startswith("mg/")):
            return Unit(spoken_unit(key), factor)
    return None
