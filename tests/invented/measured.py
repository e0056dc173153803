"""What is measured, in which code and unit, and how the values are spread: most are normal or nearly so."""

from __future__ import annotations

from typing import NamedTuple

from invented.person import Person

# Name; share of people; mean and spread; least and most; limits of the laboratory; unit and digits; LOINC.
TABLE = """
calcium | 0.48 | 9.4 0.4 | 6.5 14 | 8.6 10.3 | mg/dL 1 | 17861-6 Calcium [Mass/volume] in Serum or Plasma
albumin | 0.38 | 4.2 0.3 | 1.8 5.6 | 3.5 5.0 | g/dL 1 | 1751-7 Albumin [Mass/volume] in Serum or Plasma
creatinine | 0.65 | 0.9 0.2 | 0.4 9 | 0.6 1.2 | mg/dL 2 | 2160-0 Creatinine [Mass/volume] in Serum or Plasma
eGFR | 0.45 | 90 15 | 8 125 | 60 999 | mL/min/{1.73_m2} 0 | 98979-8 GFR/1.73 sq M.predicted by CKD-EPI 2021
25-OH vitamin D | 0.3 | 26 10 | 5 110 | 30 100 | ng/mL 1 | 62292-8 25-hydroxyvitamin D3+D2 [Mass/volume] in Serum
PTH | 0.04 | 45 15 | 6 400 | 15 65 | pg/mL 0 | 2731-8 Parathyrin.intact [Mass/volume] in Serum or Plasma
phosphate | 0.1 | 3.5 0.5 | 1.5 8 | 2.5 4.5 | mg/dL 1 | 2777-1 Phosphate [Mass/volume] in Serum or Plasma
magnesium | 0.1 | 2.05 0.18 | 1 3.4 | 1.7 2.4 | mg/dL 1 | 19123-9 Magnesium [Mass/volume] in Serum or Plasma
INR | 0.03 | 1.05 0.1 | 0.8 6 | 0.9 1.1 | {INR} 1 | 6301-6 INR in Platelet poor plasma by Coagulation assay
T-score | 0.07 | -1.2 0.9 | -5 2.5 | -1 9 | {T-score} 1 | 38263-0 DXA Femur [T-score] Bone density
coronary calcium | 0.02 | 90 120 | 0 2600 | 0 1 | {Agatston'U} 0 | 450360000 Coronary artery calcium score
HbA1c | 0.3 | 5.5 0.35 | 4.2 13 | 4.0 5.6 | % 1 | 4548-4 Hemoglobin A1c/Hemoglobin.total in Blood
LDL | 0.35 | 112 32 | 30 260 | 0 130 | mg/dL 0 | 13457-7 Cholesterol in LDL [Mass/volume] by calculation
hemoglobin | 0.4 | 13.8 1.3 | 6 19 | 12.0 16.5 | g/dL 1 | 718-7 Hemoglobin [Mass/volume] in Blood
sodium | 0.35 | 139.5 2.6 | 120 156 | 135 145 | mmol/L 0 | 2951-2 Sodium [Moles/volume] in Serum or Plasma
potassium | 0.35 | 4.2 0.4 | 2.6 6.5 | 3.5 5.1 | mmol/L 1 | 2823-3 Potassium [Moles/volume] in Serum or Plasma
TSH | 0.15 | 2.2 1.1 | 0.1 18 | 0.4 4.2 | m[IU]/L 2 | 3016-3 Thyrotropin [Units/volume] in Serum or Plasma
glucose | 0.25 | 98 14 | 55 340 | 70 100 | mg/dL 0 | 2345-7 Glucose [Mass/volume] in Serum or Plasma
weight | 0.4 | 76 15 | 38 170 | 0 999 | kg 1 | 29463-7 Body weight
height | 0.2 | 168 9 | 140 205 | 0 999 | cm 0 | 8302-2 Body height
"""
# In the other units: name; factor; unit and digits; LOINC.
OTHER_UNITS = """
calcium | 0.2495 | mmol/L 2 | 2000-8 Calcium [Moles/volume] in Serum or Plasma
albumin | 10 | g/L 0 | 1751-7 Albumin [Mass/volume] in Serum or Plasma
creatinine | 88.4 | umol/L 0 | 14682-9 Creatinine [Moles/volume] in Serum or Plasma
25-OH vitamin D | 2.496 | nmol/L 0 | 60493-4 25-hydroxyvitamin D3+D2 [Moles/volume] in Serum or Plasma
PTH | 0.106 | pmol/L 1 | 14866-8 Parathyrin.intact [Moles/volume] in Serum or Plasma
phosphate | 0.3229 | mmol/L 2 | 14879-1 Phosphate [Moles/volume] in Serum or Plasma
magnesium | 0.4114 | mmol/L 2 | 2601-3 Magnesium [Moles/volume] in Serum or Plasma
LDL | 0.02586 | mmol/L 1 | 22748-8 Cholesterol in LDL [Moles/volume] in Serum or Plasma
hemoglobin | 10 | g/L 0 | 718-7 Hemoglobin [Mass/volume] in Blood
glucose | 0.0555 | mmol/L 1 | 14749-6 Glucose [Moles/volume] in Serum or Plasma
"""
# What moves a mean: the result, the diagnosis, by how much.
SHIFTS: dict[str, dict[str, float]] = {
    "calcium": {"primary hyperparathyroidism": 1.3, "sarcoidosis": 0.4},
    "PTH": {"primary hyperparathyroidism": 60, "CKD stage 3": 20, "CKD stage 4": 70},
    "phosphate": {"CKD stage 4": 0.9, "primary hyperparathyroidism": -0.7},
    "HbA1c": {"diabetes": 1.7},
    "glucose": {"diabetes": 45},
    "T-score": {"osteoporosis": -1.7, "low bone mass": -0.5, "hip fracture": -1.2},
    "INR": {"atrial fibrillation": 0.6},
    "coronary calcium": {"coronary disease": 330},
    "hemoglobin": {"CKD stage 4": -2},
    "TSH": {"hypothyroidism": 1.2},
}
# Who is tested more often: the result, the diagnosis, the share of those who have it.
SOUGHT: dict[str, dict[str, float]] = {
    "PTH": {"primary hyperparathyroidism": 0.9, "CKD stage 4": 0.6, "CKD stage 3": 0.1},
    "phosphate": {"CKD stage 3": 0.3, "CKD stage 4": 0.8},
    "INR": {"atrial fibrillation": 0.4},
    "T-score": {"osteoporosis": 0.7, "low bone mass": 0.8},
    "coronary calcium": {"coronary disease": 0.1},
    "HbA1c": {"diabetes": 0.95},
    "25-OH vitamin D": {"osteoporosis": 0.6, "low bone mass": 0.45},
    "TSH": {"hypothyroidism": 0.9},
}
# Of those on calcium who would not be tested else, so many are.
WATCHED = {"calcium": 0.4, "creatinine": 0.3, "25-OH vitamin D": 0.25}


class Measured(NamedTuple):
    """A test. ``share``: of everybody; ``digits``: behind the point; ``low``, ``high``: of the laboratory."""

    name: str
    share: float
    mean: float
    spread: float
    least: float
    most: float
    low: float
    high: float


class Written(NamedTuple):
    """How a site writes a result; its values are those of ``TABLE`` times the factor."""

    factor: float
    unit: str
    digits: int
    code: str
    display: str


def _written(factor: str, unit: str, code: str) -> Written:
    (name, digits), (number, _, display) = unit.split(), code.partition(" ")
    return Written(float(factor), name, int(digits), number, display)


def _rows(table: str) -> list[list[str]]:
    return [row.split(" | ") for row in table.strip().splitlines()]


MEASURED = [Measured(row[0], *(float(number) for cell in row[1:5] for number in cell.split())) for row in _rows(TABLE)]
MASS = {name: _written("1", *row[-2:]) for name, *row in _rows(TABLE)}
MOLES = MASS | {name: _written(*row) for name, *row in _rows(OTHER_UNITS)}


def is_tested(person: Person, test: Measured) -> bool:
    """Whether the person has a result of the test."""
    share = test.share
    if test.name in SOUGHT:
        share = max([share, *(often for name, often in SOUGHT[test.name].items() if name in person.has)])
    if person.on_calcium and test.name in WATCHED:
        share = WATCHED[test.name] + (1 - WATCHED[test.name]) * share
    return person.random() < share


def value_of(person: Person, test: Measured) -> float:
    """A value of the test for the person, in the unit of ``TABLE``."""
    if test.name == "eGFR":
        value = person.gfr + person.chance.gauss(0, 3)
    elif test.name == "creatinine":
        value = creatinine_for(person) * person.chance.gauss(1, 0.04)
    else:
        moved = sum(by for name, by in SHIFTS.get(test.name, {}).items() if name in person.has)
        value = person.chance.gauss(test.mean + moved, test.spread)
    return min(test.most, max(test.least, value))


def gfr_of(person: Person) -> float:
    """The kidney function of the person, in mL/min/1.73 m2: it falls with age, and is low with a CKD."""
    usual = {"CKD stage 4": (22, 4), "CKD stage 3": (46, 8)}
    mean, spread = next((usual[name] for name in usual if name in person.has), (118 - 0.62 * person.age, 12))
    return min(122, max(9, person.chance.gauss(mean, spread)))


def creatinine_for(person: Person) -> float:
    """The creatinine from which CKD-EPI 2021 works out the person's kidney function, in mg/dL."""
    usual, power = (0.7, -0.241) if person.female else (0.9, -0.302)
    ratio = person.gfr / (142 * 0.9938**person.age * (1.012 if person.female else 1))
    return float(usual * ratio ** (-1 / 1.2 if ratio < 1 else 1 / power))
