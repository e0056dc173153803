"""What safety.yaml says of two answers, tried on two patients: the counterpart of ``cds.proof.safety`` over answers."""

from __future__ import annotations

from collections.abc import Iterable

from cds.quantity import ABSENT, PRESENT
from cds.review.quick_proofs.patients import Whole
from cds.rulebook.model import AtTime, Occurrence, SafetyException, Statement


def excused_by(exceptions: Iterable[SafetyException], before: Whole, after: Whole) -> SafetyException | None:
    """The first exception that applies; None where there is none."""
    return next((item for item in exceptions if occurs(item.when.occurs, before, after)), None)


def occurs(when: Occurrence, before: Whole, after: Whole) -> bool:
    """Whether a condition is true of the answers before and after a change."""
    if isinstance(when, AtTime):
        return statement_holds(when.statement, after if when.after else before) is not when.negated
    parts = (occurs(part, before, after) for part in when.parts)
    return all(parts) if when.how == "all" else any(parts)


def statement_holds(statement: Statement, answer: Whole) -> bool:
    """Whether a statement is true of an answer."""
    name = statement.name
    match statement.says:
        case "decides":
            return answer.decided_by == name
        case "fires":
            return name in answer.fired
        case "present":
            return answer.evaluation.inferred.state(name) == PRESENT
        case "possible":
            return answer.evaluation.inferred.state(name) != ABSENT
        case "known":
            return answer.evaluation.chart.value(name) is not None
        case "acts":
            return name in answer.acting
        case "outcome":
            return answer.outcome == name
