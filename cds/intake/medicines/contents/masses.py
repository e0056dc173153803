"""How much of a nutrient a mass of a substance, or of a product that is named by its element, holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from cds.intake.medicines.contents.salts import element, salts_of, salts_or_element
from cds.intake.sigs.dose import Dose
from cds.quantity import Interval, tidy
from cds.rulebook.model import UNSTATED, Contents, RuleBook
from cds.rulebook.model import Dose as DoseTerm

_AMOUNTS_OF_SUBSTANCE = ("mol", "eq")
"""The ends of units that count an element, not the mass of its salt."""
PER_ML = "1 mL"
"""The measure of contents whose ingredients are stated per volume: how much a dose form is, is not known."""


@lru_cache(maxsize=64)
def most_of(nutrient: str, book: RuleBook) -> float:
    """The most of a nutrient that is plausible in a day, by the terms of the rulebook; without one, any amount."""
    terms = (t for t in book.terms.values() if isinstance(t, DoseTerm) and t.nutrient == nutrient and not t.single)
    return max((term.plausible.high for term in terms), default=math.inf)


def _is_of_units(mass: Interval, unit: Interval | None) -> bool:
    """Whether a mass is so many times the element that one unit is known to hold."""
    if unit is None or not unit.is_point or not unit.low:
        return False
    return all(tidy(end / unit.low).is_integer() for end in (mass.low, mass.high))


def mass_of(dose: Dose, contents: Contents, nutrient: str, book: RuleBook) -> Interval:
    """The nutrient in a mass (or IU, mmol) of a substance or of a product named by its element."""
    main = book.products.main.name
    factor = book.products.nutrients[nutrient].units.get(dose.unit)
    if factor is None:
        return UNSTATED
    mass = dose.number.times(factor)
    if dose.unit.endswith(_AMOUNTS_OF_SUBSTANCE):
        return mass
    if nutrient != main:
        return mass.times(contents.fractions.get(nutrient, 1.0))
    if _is_of_units(mass, contents.amounts.get(main)):
        return mass
    salts = [salt.name for salt in salts_of(contents.salt, book.products)]
    ends = [_of_mass(m, salts, book) for m in (mass.low, mass.high)]
    return Interval(ends[0].low, ends[1].high)


def _of_mass(milligrams: float, salts: Sequence[str], book: RuleBook) -> Interval:
    return salts_or_element(milligrams, salts, book.products) if salts else element(milligrams, book.products)
