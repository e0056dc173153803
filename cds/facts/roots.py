"""Which parts of a record each finding rests on: where a record has none of them, the finding is as in an empty record.

A rulebook has some hundred findings and a patient has results for few of them; only those few are worked out.
"""

from __future__ import annotations

from functools import lru_cache
from graphlib import TopologicalSorter
from typing import TypeAlias

from cds.intake.record import Record
from cds.rulebook.model import (
    BIRTH_DATE,
    GENDER,
    Computed,
    Demographic,
    Dose,
    GoalTerm,
    Joined,
    ProductTerm,
    RuleBook,
    finding_names_in,
)
from cds.rulebook.sentences import NoneRecorded, OutsideLimits, ResultUnused, sentence_terms

Root: TypeAlias = str
"""A part of a record: the name of a term with readings, mentions, courses or a target, or one of the words below."""
PRODUCTS, ISSUES = "products", "issues"
Node: TypeAlias = tuple[str, str]
"""A finding, a term or a root, with its name."""
FINDING, TERM, ROOT = "finding", "term", "root"


def roots_in(record: Record) -> frozenset[Root]:
    """The parts that a record has."""
    parts = {*record.readings, *record.mentions, *record.courses, *(f"target of {name}" for name in record.targets)}
    parts.update(
        name
        for name, there in (
            (PRODUCTS, record.products), (BIRTH_DATE, record.birth), (GENDER, record.sex), (ISSUES, record.issues)
        )
        if there
    )  # fmt: skip
    return frozenset(parts)


@lru_cache(maxsize=8)
def needs_of(book: RuleBook) -> dict[Node, frozenset[Node]]:
    """For each finding and term, what it is worked out from."""
    needs = {(TERM, name): _needs_of_term(book, name) for name in book.terms}
    needs |= {(FINDING, name): _needs_of_finding(book, name) for name in book.findings}
    return {node: frozenset(need) for node, need in needs.items()}


@lru_cache(maxsize=8)
def roots_of(book: RuleBook) -> dict[str, frozenset[Root]]:
    """For each finding, the parts of a record that can change its state."""
    needs = needs_of(book)
    roots: dict[Node, frozenset[Root]] = {}
    for node in TopologicalSorter(needs).static_order():
        if node[0] == ROOT:
            roots[node] = frozenset({node[1]})
        else:
            roots[node] = frozenset().union(*(roots[need] for need in needs[node]))
    return {name: roots[FINDING, name] for name in book.findings}


def _needs_of_term(book: RuleBook, name: str) -> set[Node]:
    term = book.terms[name]
    needs = {(FINDING, finding) for finding in finding_names_in(term)}
    match term:
        case Computed():
            named = (*term.inputs, *(item.term for item in term.instead))
            needs |= {(TERM, n) for n in named if n in book.terms}
        case Demographic():
            needs.add((ROOT, term.element))
        case Dose() | ProductTerm():
            needs.add((ROOT, PRODUCTS))
        case GoalTerm():
            needs |= {(ROOT, f"target of {term.of}"), (TERM, term.of)}
        case _:
            needs.add((ROOT, name))
    return needs


def _needs_of_finding(book: RuleBook, name: str) -> set[Node]:
    definition = book.findings[name].definition
    if isinstance(definition, Joined):
        return {(FINDING, part.finding) for part in definition.parts}
    if isinstance(definition, NoneRecorded):
        named = {(FINDING, n) for n in definition.findings}
        # What was not used or not recognised stands among the issues too.
        return named | {(TERM, t) for n in definition.findings for t in _terms(book, n)} | {(ROOT, ISSUES)}
    if isinstance(definition, ResultUnused):
        return {(ROOT, ISSUES)}
    needs = {(TERM, term) for term in sentence_terms(definition)}
    if isinstance(definition, OutsideLimits):
        needs |= {
            (TERM, t.name) for t in book.terms.values() if isinstance(t, Computed) and definition.term in t.inputs
        }
    return needs


def _terms(book: RuleBook, finding: str) -> tuple[str, ...]:
    definition = book.findings[finding].definition
    return () if isinstance(definition, Joined) else sentence_terms(definition)
