"""Decision tables: for each rule, the combinations of findings under which it fires, and what it then decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.rulebook.model import Part, Rule, RuleBook


class Then(NamedTuple):
    """What a rule decides: the tier and its outcome, and the finding under which it does (empty: always)."""

    tier: str
    outcome: str
    finding: str


class Row(NamedTuple):
    """One combination of findings under which a rule fires (all of them), and what it decides."""

    rule: Rule
    parts: tuple[Part, ...]
    then: tuple[Then, ...]


def rows_of(book: RuleBook, rule: Rule) -> tuple[Row, ...]:
    """The rows of a rule: one for each finding that is enough by itself, or one for all together."""
    then = then_of(book, rule)
    if rule.when.how == "any":
        return tuple(Row(rule, (part,), then) for part in rule.when.parts)
    return (Row(rule, rule.when.parts, then),)


def then_of(book: RuleBook, rule: Rule) -> tuple[Then, ...]:
    """Where a rule decides; nothing for a rule that never does."""
    outcomes = {tier.name: tier.outcome for tier in book.tiers}
    return tuple(Then(vote.tier, outcomes[vote.tier], vote.finding) for vote in rule.votes)


def table(book: RuleBook, rules: Iterable[Rule]) -> tuple[Row, ...]:
    """The rows of several rules."""
    return tuple(row for rule in rules for row in rows_of(book, rule))


def look_of(book: RuleBook, outcome: str) -> str:
    """The class by which a page colours an outcome: its role, ``other`` without one, ``inform`` for no outcome."""
    role = book.role_of(outcome) or ("other" if outcome else "inform")
    return f"is-{role.replace(' ', '-')}"
