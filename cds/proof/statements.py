"""Statements about an answer, or about the answers before and after a change, that know which names they look up.

A statement that looks up a name which the rulebook does not define says nothing: a part of it that is never true would
make its opposite always true. Whoever uses one asks for its names first (``cds.proof.names.undefined``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from cds.proof.names import Name
from cds.proof.rails import Bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A formula over one answer, or over two (before and after), and the names that it looks up in the rulebook."""

    names: frozenset[Name]
    formula: Callable[..., Bool]

    def __and__(self, other: Statement) -> Statement:
        return Statement(self.names | other.names, lambda *said: z3.And(self.formula(*said), other.formula(*said)))

    def __or__(self, other: Statement) -> Statement:
        return Statement(self.names | other.names, lambda *said: z3.Or(self.formula(*said), other.formula(*said)))

    def __invert__(self) -> Statement:
        return Statement(self.names, lambda *said: z3.Not(self.formula(*said)))


def decided_by(rule: str) -> Statement:
    """The rule decides."""
    return _about("rule", rule, lambda answer: answer.decided_by(rule))


def fires(rule: str) -> Statement:
    """The rule fires."""
    return _about("rule", rule, lambda answer: answer.fires[rule])


def present(finding: str) -> Statement:
    """The finding is present."""
    return _about("finding", finding, lambda answer: answer.patient.state(finding).sure)


def possible(finding: str) -> Statement:
    """The finding is not absent."""
    return _about("finding", finding, lambda answer: answer.patient.state(finding).maybe)


def known(term: str) -> Statement:
    """The term has a usable value."""
    return _about("term", term, lambda answer: answer.patient.value(term).known)


def acts(entry: str) -> Statement:
    """The entry of silencing.yaml acts."""
    return _about("entry of silencing.yaml", entry, lambda answer: answer.acts[entry])


def outcome_is(outcome: str) -> Statement:
    """The outcome is this one."""
    return _about("outcome", outcome, lambda answer: answer.outcome[outcome])


def _about(kind: str, name: str, formula: Callable[..., Bool]) -> Statement:
    return Statement(frozenset({Name(kind, name)}), formula)


def before(statement: Statement) -> Statement:
    """It is true of the answer before."""
    return Statement(statement.names, lambda before, _: statement.formula(before))


def after(statement: Statement) -> Statement:
    """It is true of the answer after."""
    return Statement(statement.names, lambda _, after: statement.formula(after))


def begins(statement: Statement) -> Statement:
    """It is true after and was not before."""
    return after(statement) & ~before(statement)


def ends(statement: Statement) -> Statement:
    """It was true before and is not after."""
    return before(statement) & ~after(statement)
