"""Where safety.yaml lets an answer become more permissive although the patient got worse, or a result was lost."""

from __future__ import annotations

from collections.abc import Iterable

import z3

from cds.proof.decision import Decided
from cds.proof.three_valued import Bool, disjunction
from cds.rulebook.model import AtTime, Occurrence, SafetyException, Statement


def more_permissive(before: Decided, after: Decided) -> Bool:
    """The answer after is more permissive than the one before, by the order of the outcomes in precedence.yaml."""
    order = before.book.compared
    pairs = ((one, other) for place, one in enumerate(order) for other in order[place + 1 :])
    return disjunction(z3.And(before.outcome[one], after.outcome[other]) for one, other in pairs)


def excused(exceptions: Iterable[SafetyException], before: Decided, after: Decided) -> Bool:
    """One of the exceptions applies."""
    return z3.Or([occurs(exception.when, before, after) for exception in exceptions])


def occurs(when: Occurrence, before: Decided, after: Decided) -> Bool:
    """A condition is true of the answers before and after a change."""
    if isinstance(when, AtTime):
        formula = holds(when.statement, after if when.after else before)
        return z3.Not(formula) if when.negated else formula
    parts = [occurs(part, before, after) for part in when.parts]
    return z3.And(parts) if when.how == "all" else z3.Or(parts)


def holds(statement: Statement, answer: Decided) -> Bool:
    """A statement is true of an answer."""
    name = statement.name
    match statement.says:
        case "decides":
            return answer.decided_by(name)
        case "fires":
            return answer.fires[name]
        case "present":
            return answer.patient.state(name).sure
        case "possible":
            return answer.patient.state(name).maybe
        case "known":
            return answer.patient.value(name).known
        case "acts":
            return answer.acts[name]
        case "outcome":
            return answer.outcome[name]
