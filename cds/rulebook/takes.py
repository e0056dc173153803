"""What formulas take: inputs by their roles, numbers, and further keys; declared beside each formula.

Nothing here needs the libraries that read rule files: an evaluation starts without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from cds.rulebook.model import BIRTH_DATE, GENDER
from cds.rulebook.model.term import LIST, Computed, Condition, Dose, GoalTerm, Measurement, Medication, ProductTerm

MEASUREMENT, COMPUTED, DOSE, GOAL, PRODUCT = "measurement", "computed", "dose", "goal", "product"
CONDITION = "condition"
KINDS: Mapping[type, str] = {
    Measurement: MEASUREMENT,
    Computed: COMPUTED,
    Dose: DOSE,
    GoalTerm: GOAL,
    ProductTerm: PRODUCT,
    Condition: CONDITION,
    Medication: "medication",
}
"""The kind of each term."""
RESULTS = (MEASUREMENT, COMPUTED)
ANY_VALUE = (*RESULTS, DOSE, GOAL, BIRTH_DATE, GENDER)
"""The kinds of terms that have a value."""
NOTHING = "nothing"
"""Stands in place of a term that has no value while a finding is present."""
TABLE, INSTEAD, USABLE_FOR, NOTE = "table", "instead", "usable for", "note"
NEEDED = (TABLE, NOTE)
"""The keys that a term has to give when its formula reads them; the others may be left out."""


class Role(NamedTuple):
    """An input of a formula: what it is called under ``from``, the kinds of terms that it takes, one or several."""

    name: str
    kinds: tuple[str, ...] = ANY_VALUE
    several: bool = False


class Takes(NamedTuple):
    """What a computed term gives its formula, and what it may give besides.

    A formula whose only role is ``LIST`` takes a plain list. ``scaled`` says that all numbers may be given once more
    for each scale of the topic, with its name before theirs. ``keys`` are the further keys of the term that it reads;
    with ``NOTHING`` the only exception is that there is no value.
    """

    roles: tuple[Role, ...]
    numbers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scaled: bool = False
    keys: tuple[str, ...] = ()

    @property
    def listed(self) -> bool:
        """Whether the inputs stand in a plain list."""
        return [role.name for role in self.roles] == [LIST]


class Declared(Protocol):
    """A formula, as far as the rule files are concerned."""

    @property
    def takes(self) -> Takes:
        """What it takes."""


Formulas = Mapping[str, Declared]
"""The formulas that computed terms may name."""


def one_input(*kinds: str) -> tuple[Role, ...]:
    """The roles of a formula with one input, which needs no name."""
    return (Role(LIST, kinds or ANY_VALUE),)


def inputs_alike(*kinds: str) -> tuple[Role, ...]:
    """The roles of a formula whose inputs are alike."""
    return (Role(LIST, kinds or ANY_VALUE, several=True),)
