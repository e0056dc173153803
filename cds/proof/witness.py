"""What the product itself says about the patients of a model of the solver.

A bundle is evaluated by the product; only where all findings, the outcome, the deciding rule and the cards are what the
formulas said does it count as a witness.
"""

from __future__ import annotations

from cds.evaluation import Evaluation, evaluate
from cds.intake.elements import Json
from cds.intake.reading import read_record
from cds.proof.decision import Decided
from cds.proof.model import Model
from cds.proof.patient import Patient
from cds.proof.plain import WITNESS_DAY
from cds.proof.report import Seen


def run(patient: Patient, bundle: Json) -> Evaluation:
    """What the product says about a bundle."""
    return evaluate(read_record(bundle, patient.book, WITNESS_DAY), patient.book, WITNESS_DAY)


def seen(evaluation: Evaluation) -> Seen:
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


def differences(decided: Decided, model: Model, evaluation: Evaluation) -> list[str]:
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
