"""Small changes to the rules, one at a time.

Every threshold moved by one step up and down, every *at least* turned into *above* (and so on), every condition
dropped, every deciding rule moved to the tier before or after its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from cds.review.moved_numbers import moved_numbers
from cds.rulebook.graph import FINDING, TERM, Node
from cds.rulebook.model import Computed, Finding, Form, Frozen, Rule, RuleBook, Spot, Vote

Alteration: TypeAlias = Callable[[RuleBook], RuleBook]


class Mutant(NamedTuple):
    """One change: what it does in words, where, how to make it, and the finding, term or rule that it touches."""

    what: str
    spot: Spot
    change: Alteration
    finding: str = ""
    rule: str = ""
    term: str = ""

    @property
    def node(self) -> Node:
        """The finding or the term in the graph of the rulebook."""
        return (TERM, self.term) if self.term else (FINDING, self.finding)


def mutants(book: RuleBook) -> list[Mutant]:
    """All changes that are tried, in the order of files."""
    found = [m for finding in book.findings.values() if finding.chapter for m in _of_finding(book, finding)]
    found += [m for rule in book.rules.values() for m in (*_of_rule(rule), *_of_votes(book, rule))]
    found += _of_replaced_terms(book)
    return sorted(found, key=lambda mutant: (mutant.spot, mutant.what))


def _of_replaced_terms(book: RuleBook) -> Iterator[Mutant]:
    """The numbers that an overlay replaced in a term, each a step up and down: it shows both sides of each."""
    for name, term in book.terms.items() if book.overlay else ():
        base = book.overlay.base.terms.get(name) if book.overlay else None
        if isinstance(term, Computed) and isinstance(base, Computed):
            for what, changed in moved_numbers(term, base):
                yield _term_changed(term, what, changed)


def _term_changed(term: Computed, what: str, changed: Computed) -> Mutant:
    def change(book: RuleBook) -> RuleBook:
        return replace(book, terms=Frozen({**book.terms, term.name: changed}))

    return Mutant(f"'{term.name}' {what}", term.spot, change, term=term.name)


def _of_finding(book: RuleBook, finding: Finding) -> Iterator[Mutant]:
    for what, definition in finding.definition.mutants(book):
        yield _changed(finding, f"'{finding.name}'{what}", definition)


def _changed(finding: Finding, what: str, definition: Form) -> Mutant:
    changed = finding._replace(definition=definition)

    def change(book: RuleBook) -> RuleBook:
        return replace(book, findings=Frozen({**book.findings, finding.name: changed}))

    return Mutant(what, finding.spot, change, finding=finding.name)


def _of_rule(rule: Rule) -> Iterator[Mutant]:
    for part, rest in rule.when.without_each():
        yield _rule_changed(rule, f"without '{part}'", when=rest)
    for place, saying in enumerate(rule.advice):
        for clause in saying.conditions:
            rest_of = tuple(other for other in saying.conditions if other is not clause)
            advice = (*rule.advice[:place], saying._replace(conditions=rest_of), *rule.advice[place + 1 :])
            what = f"says '{saying.code}' also without '{clause.value or clause.kind}'"
            yield _rule_changed(rule, what, advice=advice)
    for place, vote in enumerate(rule.votes):
        if vote.finding:
            votes = (*rule.votes[:place], vote._replace(finding=""), *rule.votes[place + 1 :])
            yield _rule_changed(rule, f"decides in '{vote.tier}' also without '{vote.finding}'", votes=votes)


def _rule_changed(rule: Rule, what: str, **changes: Any) -> Mutant:
    changed = rule._replace(**changes)

    def change(book: RuleBook) -> RuleBook:
        return replace(book, rules=Frozen({**book.rules, rule.id: changed}))

    return Mutant(f"{rule.id} {what}", rule.spot, change, rule=rule.id)


def _of_votes(book: RuleBook, rule: Rule) -> Iterator[Mutant]:
    """The rule decides in the tier before, or after, its own."""
    deciding = [tier.name for tier in book.tiers if tier.outcome]
    for place, vote in enumerate(rule.votes):
        own = deciding.index(vote.tier)
        for other in deciding[max(0, own - 1) : own] + deciding[own + 1 : own + 2]:
            yield _tier_changed(rule, place, vote, other)


def _tier_changed(rule: Rule, place: int, vote: Vote, other: str) -> Mutant:
    votes = (*rule.votes[:place], vote._replace(tier=other), *rule.votes[place + 1 :])
    changed = rule._replace(votes=votes)

    def change(book: RuleBook) -> RuleBook:
        tiers = tuple(
            tier._replace(rules=(*tier.rules, rule.id)) if tier.name == other and rule.id not in tier.rules else tier
            for tier in book.tiers
        )
        return replace(book, rules=Frozen({**book.rules, rule.id: changed}), tiers=tiers)

    return Mutant(f"{rule.id} decides in '{other}' instead of '{vote.tier}'", rule.spot, change, rule=rule.id)
