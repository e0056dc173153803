"""Every factor between units in the rulebook is the one that pint works out from the UCUM expressions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from pint import DimensionalityError
from ucumvert import PintUcumRegistry

from cds.quantity import unit_key
from cds.rulebook.model import Measurement, RuleBook

# g/mol; the 25-OH-D3 mass also stands for totals, PTH is the intact hormone of 84 amino acids.
MOLAR = {
    "calcium": 40.08, "creatinine": 113.12, "25-OH vitamin D2": 412.65, "25-OH vitamin D": 400.6, "magnesium": 24.305,
    "phosphate": 30.97, "PTH": 9425.0, "1,25-(OH)2 vitamin D": 416.64,
}  # fmt: skip
VALENCE = 2
SINGLE = ("bicarbonate",)
"""Ions of one charge."""
NO_UCUM = {
    "ml/min/1.73.m2": "UCUM would read the area as a factor (the numeral is no unit)",
    "{agatston}": "a score has no unit", "{agatston'u}": "a score has no unit", "{score}": "a score has no unit",
    "{inr}": "an arbitrary unit", "{t-score}": "an arbitrary unit", "{tscore}": "an arbitrary unit",
    "{sd}": "an arbitrary unit", "[iu]/l": "an arbitrary unit; of an enzyme it is U/L", "1": "an arbitrary unit",
}  # fmt: skip
WRONG_MASS = {("25-OH vitamin D2", "nmol/l")}
"""25-OH-D2 weighs 412.65 g/mol; the factor is that of 25-OH-D3."""


@lru_cache(maxsize=1)
def registry() -> Any:
    return PintUcumRegistry()


def converted(unit: str, target: str, molar: float | None, valence: int = VALENCE) -> float:
    """How many of the target are one of the unit."""
    ureg = registry()
    amount, goal = 1.0 * ureg.from_ucum("U/L" if unit == "u/l" else unit), 1.0 * ureg.from_ucum(target)
    if "eq" in unit:
        amount = amount / valence
    try:
        return float((amount / goal).to("").magnitude)
    except DimensionalityError:
        if molar is None:
            raise
        mass = molar * ureg.from_ucum("g/mol")
        ratio = amount * mass / goal if "mol" in unit or "eq" in unit else amount / mass / goal
        return float(ratio.to("").magnitude)


def measurements(book: RuleBook) -> list[Measurement]:
    return [term for term in book.terms.values() if isinstance(term, Measurement)]


def molar_mass(name: str) -> float | None:
    return next((mass for word, mass in MOLAR.items() if word in name), None)


def as_pint_says(term: Measurement, unit: str) -> Any:
    """The factor of a unit, or about that."""
    valence = 1 if term.name in SINGLE else VALENCE
    factor = 1 if unit in NO_UCUM else converted(unit, term.unit, molar_mass(term.name), valence)
    return pytest.approx(factor, rel=0.005)


def test_every_factor_but_one_is_what_pint_says(book: RuleBook) -> None:
    wrong = {
        (term.name, unit)
        for term in measurements(book)
        for unit, factor in term.units.items()
        if factor != as_pint_says(term, unit)
    }
    assert wrong == WRONG_MASS


def test_no_measurement_is_left_out_and_each_reads_its_own_unit_as_it_is(book: RuleBook) -> None:
    terms = measurements(book)
    assert len(terms) > 15
    assert all(term.units[unit_key(term.unit)] == 1 for term in terms)


def test_a_nutrient_counts_in_its_unit_as_pint_says(book: RuleBook) -> None:
    counted = [(one.name, unit, one.unit) for one in book.products.nutrients.values() for unit in one.units]
    assert len(counted) > 10
    for nutrient, unit, own in counted:
        factor, target = book.products.nutrients[nutrient].units[unit], unit_key(own)
        if target == "[iu]":
            assert factor == {"[iu]": 1, "ug": 40, "mg": 40_000}[unit]  # 1 ug of vitamin D is 40 IU
        else:
            assert factor == pytest.approx(converted(unit, target, molar_mass(nutrient)), rel=0.005), (nutrient, unit)
