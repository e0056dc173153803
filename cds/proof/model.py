"""What a model of the solver says in the words of the product."""

from __future__ import annotations

from typing import Any

import z3

from cds.proof.three_valued import ThreeValued
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State


class Model:
    """The answers of a model of the solver, in the words of the product."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def is_true(self, formula: Any) -> bool:
        """Whether a formula holds."""
        return bool(z3.is_true(self.model.eval(formula, model_completion=True)))

    def number(self, term: Any) -> float:
        """The number of a term."""
        found = self.model.eval(term, model_completion=True)
        return float(found.as_fraction()) if z3.is_rational_value(found) else float(found.as_long())

    def state(self, statement: ThreeValued) -> State:
        """The state of a statement."""
        if self.is_true(statement.sure):
            return PRESENT
        return UNKNOWN if self.is_true(statement.maybe) else ABSENT
