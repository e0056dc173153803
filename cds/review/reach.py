"""What a rule or a removal reads, directly and through everything that this is worked out from."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cds.facts.roots import FINDING, TERM, Node, needs_of
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
    return reached_from(book, ((FINDING, name) for name in findings))


def rings_from(book: RuleBook, nodes: Iterable[Node]) -> tuple[set[Node], set[Node], set[Node]]:
    """What these findings and terms rest on, from near to far.

    First they and the findings that they are defined by; then the terms that those read, with their inputs; then also
    the findings that say how long a value is usable and what stands in its place, and whatever those read.
    """
    needs = needs_of(book)
    defined = _closure(nodes, lambda node: {n for n in needs.get(node, ()) if node[0] == n[0] == FINDING})
    read = _closure(defined, lambda node: {n for n in needs.get(node, ()) if n[0] == TERM})
    return defined, read, _closure(read, lambda node: needs.get(node, frozenset()))


def reached_from(book: RuleBook, nodes: Iterable[Node]) -> set[Node]:
    """These findings and terms, and everything that they are worked out from."""
    needs = needs_of(book)
    return _closure(nodes, lambda node: needs.get(node, frozenset()))


def _closure(nodes: Iterable[Node], next_to: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """These nodes, what is next to them, what is next to that, and so on."""
    found, todo = set[Node](), list(nodes)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += next_to(node)
    return found
