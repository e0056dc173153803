"""On which numbers a rule turns: the thresholds of all findings that it reads."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit.words import numbers
from cds.rulebook.graph import FINDING, findings_of_rule, graph_of
from cds.rulebook.model import Finding, Rule, RuleBook


class Turning(NamedTuple):
    """A finding with a number, its numbers in both systems, and whether it decides that the rule fires."""

    finding: Finding
    numbers: tuple[str, ...]
    fires: bool


def turning_points(book: RuleBook, rule: Rule) -> tuple[Turning, ...]:
    """The findings with numbers that a rule reads: first those of its condition, then those of its advice and card."""
    condition = list(graph_of(book).made_of(part.finding for part in rule.when.parts))
    others = [name for name in graph_of(book).made_of(findings_of_rule(rule)) if name not in condition]
    found = [(name, True) for name in condition] + [(name, False) for name in others]
    return tuple(
        Turning(book.findings[name], numbers(book, book.findings[name]), fires)
        for name, fires in found
        if has_number(book.findings[name])
    )


def aged_terms(book: RuleBook, rule: Rule) -> tuple[str, ...]:
    """The terms with a limit of age that a rule reads."""
    names = {name for kind, name in graph_of(book).behind_rule(rule) if kind != FINDING}
    return tuple(name for name, term in book.terms.items() if name in names and len(getattr(term, "windows", ())))


def has_number(finding: Finding) -> bool:
    """Whether a finding rests on a threshold of a value or of time."""
    definition = finding.definition
    return bool(definition.thresholds or definition.time)


def readers(book: RuleBook) -> dict[str, tuple[str, ...]]:
    """For each finding, the rules that read it, directly or through others."""
    found: dict[str, list[str]] = {name: [] for name in book.findings}
    for rule in book.rules.values():
        for name in graph_of(book).made_of(findings_of_rule(rule)):
            found[name].append(rule.id)
    return {name: tuple(rules) for name, rules in found.items()}


def term_readers(book: RuleBook) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each term, the findings whose sentences read it and the terms that are worked out from it."""
    findings: dict[str, list[str]] = {name: [] for name in book.terms}
    terms: dict[str, list[str]] = {name: [] for name in book.terms}
    for finding in book.findings.values():
        if finding.chapter:
            for name in finding.definition.terms:
                findings[name].append(finding.name)
    for term in book.terms.values():
        for name in dict.fromkeys((*getattr(term, "inputs", ()), getattr(term, "of", ""))):
            if name in terms:
                terms[name].append(term.name)
    return {name: (tuple(findings[name]), tuple(terms[name])) for name in book.terms}
