"""Asking the solver: is there such a patient, can he be written down, and does the product say the same of him."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import z3

from cds.intake.record import Json
from cds.proof.decision import Decided
from cds.proof.plain import plain_laws, simple_laws
from cds.proof.rails import Bool
from cds.proof.witness import Model, Seen, bundle_of, differences, run, seen

MOST_MILLISECONDS = 20_000
MOST_TRIES = 8


class Found(NamedTuple):
    """Patients who show something: their bundles and what the product says about each."""

    bundles: tuple[Json, ...]
    seen: tuple[Seen, ...]


class Search:
    """A solver that knows the laws of one patient, or of several who are compared."""

    def __init__(self, answers: Sequence[Decided], laws: Sequence[Bool] = ()) -> None:
        self.answers = tuple(answers)
        self.solver = z3.Solver()
        self.solver.set("timeout", MOST_MILLISECONDS)
        self.solver.set("random_seed", 0)
        self.plain, self.simple = z3.Bools("(plain) (simple)")
        for answer in self.answers:
            self.solver.add(answer.patient.laws)
            self.solver.add(z3.Implies(self.plain, z3.And(plain_laws(answer.patient))))
            self.solver.add(z3.Implies(self.simple, z3.And(simple_laws(answer.patient))))
        self.solver.add(*laws)

    def is_impossible(self, *formulas: Bool) -> bool | None:
        """Whether no patient is such; None when the solver did not find out in time."""
        answer = self.solver.check(*formulas)
        return None if answer == z3.unknown else bool(answer == z3.unsat)

    def find(self, title: str, *formulas: Bool) -> Found | None:
        """Patients who are such and of whom the product says what the formulas say; None where none was found."""
        for level in ((self.plain, self.simple), (self.plain,)):
            self.solver.push()
            try:
                found = self._tries(title, [*level, *formulas])
            finally:
                self.solver.pop()
            if found is not None:
                return found
        return None

    def _tries(self, title: str, formulas: list[Bool]) -> Found | None:
        for _ in range(MOST_TRIES):
            if self.solver.check(*formulas) != z3.sat:
                return None
            model = self._sparse(formulas)
            bundles = tuple(bundle_of(answer.patient, model, title) for answer in self.answers)
            evaluations = [run(answer.patient, b) for answer, b in zip(self.answers, bundles, strict=True)]
            wrong = [differences(a, model, e) for a, e in zip(self.answers, evaluations, strict=True)]
            if not any(wrong):
                return Found(bundles, tuple(map(seen, evaluations)))
            self.solver.add(self._otherwise(model, wrong))
        return None

    def _sparse(self, formulas: list[Bool]) -> Model:
        """The model that was found."""
        return Model(self.solver.model())

    def _otherwise(self, model: Model, wrong: list[list[str]]) -> Bool:
        """At least one of the findings about which model and product differ is in another state."""
        other: list[Any] = []
        for answer, names in zip(self.answers, wrong, strict=True):
            states = [answer.patient.states[name] for name in names if name in answer.patient.states]
            other += [z3.Not(state.is_state(model.state(state))) for state in states]
        return z3.Or(other) if other else z3.BoolVal(False)
