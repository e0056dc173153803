"""Asking the solver: is there such a patient, can he be written down, and does the product say the same of him.

A bundle is evaluated by the product; only where all findings, the outcome, the deciding rule and the cards are what the
formulas said does it count as a witness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import z3

from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.jsontypes import Json
from cds.proof.bundles import witness_bundle
from cds.proof.decision import Decided, settling_laws
from cds.proof.patient import Patient
from cds.proof.plain import WITNESS_DAY, on_record, plain_laws, simple_laws
from cds.proof.report import Seen, Verdict, Witnesses
from cds.proof.three_valued import Bool, Model
from cds.proof.values import Variables
from cds.rulebook.model import RuleBook

MOST_WORK = 20_000_000
"""Steps of the solver for one question, about 15 seconds of a processor: what it finds out rests on no clock."""
MOST_TRIES = 20
MOST_SEEDS = 8
T = TypeVar("T")


class Search:
    """A solver that knows the laws of one patient, or of several who are compared."""

    def __init__(self, answers: Sequence[Decided], laws: Sequence[Bool] = ()) -> None:
        self.answers = tuple(answers)
        self.solver = _solver(0)
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

    def find(self, title: str, *formulas: Bool) -> Witnesses | None:
        """Patients who are such, with as little on record as can be; the product says of them what the formulas say.

        None where none was found.
        """
        return self._search(title, formulas, self._simplest)

    def find_model(self, title: str, *formulas: Bool) -> Model | None:
        """As ``find``, with all that the formulas say about the patients, who may have much on record."""
        return self._search(title, formulas, lambda _, model, found: model)

    def _search(self, title: str, formulas: Sequence[Bool], finish: Callable[[Any, Model, Witnesses], T]) -> T | None:
        """Anew from other seeds while patients come up of whom the product says something else: others may follow."""
        first = self.solver
        try:
            for seed in range(MOST_SEEDS):
                if seed:
                    self.solver = _solver(seed)
                    self.solver.add(first.assertions())
                refused = 0
                for level in ((self.plain, self.simple), (self.plain,)):
                    found = self._tried(title, [*level, *formulas], finish)
                    if not isinstance(found, int):
                        return found
                    refused += found
                if not refused:
                    return None
        finally:
            self.solver = first
        return None

    def _tried(self, title: str, asked: list[Bool], finish: Callable[[Any, Model, Witnesses], T]) -> T | int:
        """What comes of the first patient whom the product confirms; how many it refused, where there is none."""
        self.solver.push()
        try:
            for refused in range(MOST_TRIES):
                if self.solver.check(*asked) != z3.sat:
                    return refused
                model = Model(self.solver.model())
                found = self._confirmed(title, model)
                if isinstance(found, Witnesses):
                    return finish((title, asked), model, found)
                self.solver.add(self._otherwise(model, found))
        finally:
            self.solver.pop()
        return MOST_TRIES

    def _confirmed(self, title: str, model: Model) -> Witnesses | list[list[str]]:
        """The patients of a model; or the findings about which model and product differ."""
        bundles = tuple(witness_bundle(answer.patient, model, title) for answer in self.answers)
        evaluations = [_run(answer.patient, b) for answer, b in zip(self.answers, bundles, strict=True)]
        wrong = [_differences(a, model, e) for a, e in zip(self.answers, evaluations, strict=True)]
        return wrong if any(wrong) else Witnesses(bundles, tuple(map(_seen, evaluations)))

    def _simplest(self, asked: tuple[str, list[Bool]], model: Model, found: Witnesses) -> Witnesses:
        """The same with everything taken away that need not be there, where the product confirms that too."""
        title, formulas = asked
        gone: list[Bool] = []
        for formula in (f for answer in self.answers for f in on_record(answer.patient)):
            if model.is_true(formula) and self.solver.check(*formulas, *gone, z3.Not(formula)) == z3.sat:
                model = Model(self.solver.model())
            if not model.is_true(formula):
                gone.append(z3.Not(formula))
        simpler = self._confirmed(title, model)
        return simpler if isinstance(simpler, Witnesses) else found

    def _otherwise(self, model: Model, wrong: list[list[str]]) -> Bool:
        """At least one of the findings about which model and product differ is in another state."""
        other: list[Any] = []
        for answer, names in zip(self.answers, wrong, strict=True):
            states = [answer.patient.states[name] for name in names if name in answer.patient.states]
            other += [z3.Not(state.is_state(model.state(state))) for state in states]
        return z3.Or(other) if other else z3.BoolVal(False)


def _solver(seed: int) -> z3.Solver:
    solver = z3.Solver()
    solver.set("rlimit", MOST_WORK)
    solver.set("random_seed", seed)
    return solver


class Single:
    """One patient, any, and what the rulebook answers.

    ``search`` leaves what-if questions open; ``closer`` settles them, which takes longer, where the first finds nobody.
    ``shown`` are the patients that were found: each shows many things.
    """

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.answer = Decided(Patient(book, Variables()))
        self.search = Search([self.answer])
        self.shown: list[Model] = []

    @cached_property
    def closer(self) -> Search:
        """The search in which what-if questions are settled."""
        return Search([self.answer], settling_laws(self.answer.patient))

    def ask(self, title: str, says: str, rules: tuple[str, ...], *formulas: Bool) -> Verdict | None:
        """None where no patient is such; else the verdict that the rulebook is broken, or may be."""
        if self.search.is_impossible(*formulas):
            return None
        found = self.search.find(title, *formulas)
        impossible = None
        if found is None:
            impossible = self.closer.is_impossible(*formulas)
            if impossible:
                return None
            found = self.closer.find(title, *formulas)
        if found is not None:
            return Verdict(False, f"{says}.", rules, found)
        open_ = "the solver did not find out in time" if impossible is None else "possible, not confirmed"
        return Verdict(None, f"{says}: {open_}.", rules)

    def shows(self, formula: Bool) -> Model | bool | None:
        """A patient whom the product answers so; False where there is none, None where none was found."""
        for search in (self.search, self.closer):
            if (model := search.find_model("reach", formula)) is not None:
                self.shown.append(model)
                return model
            if search.is_impossible(formula):
                return False
        return None


def _run(patient: Patient, bundle: Json) -> Evaluation:
    """What the product says about a bundle."""
    return evaluate(read_record(bundle, patient.book, WITNESS_DAY), patient.book, WITNESS_DAY)


def _seen(evaluation: Evaluation) -> Seen:
    """The part of an evaluation that a proof speaks of."""
    decision = evaluation.decision
    codes = {code for said in decision.said for code in said.codes}
    return Seen(
        WITNESS_DAY.isoformat(),
        decision.outcome,
        decision.decided_by,
        tuple(sorted(said.rule for said in decision.said)),
        tuple(sorted(codes)),
    )


def _differences(decided: Decided, model: Model, evaluation: Evaluation) -> list[str]:
    """The base findings about which model and product differ; or, where there are none, what else differs."""
    patient, inferred = decided.patient, evaluation.inferred
    states = {name: model.state(patient.state(name)) for name in patient.book.findings}
    found = [name for name, state in states.items() if inferred.state(name) != state]
    if found:
        return [name for name in found if name in inferred.program.names[: inferred.program.base]] or found
    decision = evaluation.decision
    said = {(item.rule, code) for item in decision.said for code in item.codes}
    left_out = {code for pair in decision.contradictions for code in pair}
    expected = {pair for pair, formula in decided.says.items() if model.is_true(formula)}
    wrong = [f"{rule} {code}" for rule, code in expected ^ said if code not in left_out]
    if not model.is_true(decided.outcome[decision.outcome]):
        wrong.append(f"outcome {decision.outcome}")
    if not model.is_true(decided.decided_by(decision.decided_by)):
        wrong.append(f"decided by {decision.decided_by}")
    shown = {item.rule: item.text for item in decision.said}
    return wrong + [
        f"text {rule} {number}"
        for (rule, number), formula in decided.text.items()
        if model.is_true(formula) != (shown.get(rule) == number)
    ]
