"""What holds for all rules: the order in which they decide, what silences what, advice codes."""

from __future__ import annotations

from cds.rulebook.model import Role
from cds.rulebook.shape import Shape
from cds.rulebook.shapes.shape import Lines, OneOrMore


class RemovalShape(Shape):
    """One entry of silencing.yaml."""

    name: str
    why: str
    when: Lines
    only_if: list[str] = []
    by: OneOrMore
    no_card_of: list[str] = []
    no_card_except_of: list[str] = []
    no_decision_of: list[str] = []
    not_said: list[str] = []


class SilencingFile(Shape):
    """rules/silencing.yaml."""

    by_the_patient: list[RemovalShape]
    by_a_rule: list[RemovalShape]
    by_the_outcome: list[RemovalShape]


class TierShape(Shape):
    """A tier of precedence.yaml."""

    tier: str
    outcome: str = ""
    guarded: bool = False
    says: str
    rules: list[str] = []


class OutcomeShape(Shape):
    """An outcome: what it says, and what it means to the engine, where it means something of its own."""

    says: str
    means: Role | None = None


class PrecedenceFile(Shape):
    """rules/precedence.yaml: the outcomes stand from the strictest to the most permissive."""

    outcomes: dict[str, OutcomeShape]
    tiers: list[TierShape]
    default: str
