"""What a rule or a removal reads, directly and through everything that this is worked out from."""

from __future__ import annotations

from collections.abc import Iterable

from cds.facts.roots import FINDING, Node, needs_of
from cds.rulebook.model import Removal, Rule, RuleBook


def findings_of_rule(rule: Rule) -> list[str]:
    """The findings that a rule names in its conditions, votes, advice and card."""
    names = [part.finding for part in rule.when.parts] + [vote.finding for vote in rule.votes if vote.finding]
    clauses = [clause for saying in rule.advice for clause in saying.conditions]
    clauses += [clause for text in rule.card.texts for line in text.when for clause in line]
    clauses += [clause for _, line in rule.card.indicators for clause in line]
    return names + [clause.value for clause in clauses if clause.kind == "finding"]


def findings_of_removal(entry: Removal) -> list[str]:
    """The findings that an entry of silencing.yaml names."""
    return [clause.value for clause in (*entry.when, *entry.only_if) if clause.kind == "finding"]


def reached(book: RuleBook, findings: Iterable[str]) -> set[Node]:
    """The findings, terms and parts of a record that can change the states of these findings."""
    return behind(book, ((FINDING, name) for name in findings))


def behind(book: RuleBook, nodes: Iterable[Node]) -> set[Node]:
    """These findings and terms, and everything that they are worked out from."""
    needs, found = needs_of(book), set[Node]()
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += needs.get(node, ())
    return found
