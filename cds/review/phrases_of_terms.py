"""The kinds of terms: an entry of each as a file of ``terms/`` has it, its keys, and the formulas of computed terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from cds.facts.formulas import FORMULAS
from cds.review.phrases_of_lines import Phrase
from cds.rulebook.declared import NAME, fields_of
from cds.rulebook.model import (
    AnyTerm,
    Computed,
    Condition,
    Demographic,
    Dose,
    GoalTerm,
    Measurement,
    Medication,
    ProductTerm,
)
from cds.rulebook.model.term import LIST
from cds.rulebook.takes import Role

ENTRIES: Mapping[type, str] = {
    Measurement: """\
RESULT:
  kind: measurement
  says: What is measured, in a sentence.
  codes:
    - LOINC 2160-0 NAME OF THE TEST
  unit: mg/dL
  also accepted:
    - mmol/L x 4.008
  plausible: 4 to 20
  usual: 9.4
  step: 0.1
  choose: newest
  conflict above: 15 %""",
    Condition: """\
CONDITION:
  kind: condition
  says: What is meant, in a sentence.
  codes:
    - SNOMED 90560007 NAME OF THE DIAGNOSIS
  named:
    - how people write it""",
    Medication: """\
MEDICINE:
  kind: medication
  says: Which medicines are meant.
  codes:
    - ATC M04AA NAME OF THE GROUP
  named:
    - name of the medicine
  route: systemic""",
    ProductTerm: """\
PRODUCT:
  kind: product
  says: Which products are meant.
  holds: NUTRIENT""",
    Dose: """\
DOSE:
  kind: dose
  says: Of which products, in a sentence.
  nutrient: NUTRIENT
  unit: mg/d
  plausible: 0 to 10000
  step: 10""",
    Demographic: """\
age:
  kind: demographic
  says: Completed years.
  element: birthDate
  unit: a""",
    GoalTerm: """\
TARGET:
  kind: goal
  says: The range that a Goal on record wants.
  of: RESULT""",
    Computed: """\
VALUE:
  kind: computed
  says: What is worked out, in a sentence.
  formula: the same while usable
  from:
    - RESULT
  unit: mg/dL
  usable for:
    - 365 days
    - 90 days, if FINDING""",
}
"""An entry of each kind of term."""


def kinds_of_terms() -> Iterator[Phrase]:
    """Each kind of term, with what it is, the keys that it needs and those that it may have."""
    for kind in get_args(AnyTerm):
        fields = [field for field in fields_of(kind) if field.is_written and NAME not in field.marks]
        needed = ", ".join(field.key for field in fields if field.required)
        free = ", ".join(field.key for field in fields if not field.required)
        says = f"{first_line(kind)} Needed: {needed}."
        yield Phrase(ENTRIES[kind], f"{says} May be given: {free}." if free else says)


def formulas() -> Iterator[Phrase]:
    """Each formula, with what it works out, and what stands under ``from`` and ``numbers``."""
    for name, formula in FORMULAS.items():
        takes = formula.takes
        inputs = " and ".join(_role(role) for role in takes.roles)
        numbers = [*takes.numbers, *(f"{number} (may be left out)" for number in takes.optional)]
        more = f" Numbers: {', '.join(numbers)}." if numbers else ""
        more += f" Also read: {', '.join(takes.keys)}." if takes.keys else ""
        yield Phrase(f"formula: {name}", f"{first_line(formula.compute)} From: {inputs}.{more}")


def _role(role: Role) -> str:
    kinds = " or ".join(role.kinds) if len(role.kinds) < len(get_args(AnyTerm)) - 2 else "any value"
    several = "several of" if role.several else "one"
    return f"{several} {kinds}" if role.name == LIST else f"'{role.name}' ({several} {kinds})"


def first_line(documented: object) -> str:
    """The first line of a docstring, as a sentence of the documentation."""
    line = (documented.__doc__ or "").strip().partition("\n")[0]
    return line.replace("``", "'").replace("None ", "no value ").replace("; 'factors' are those of its units", "")
