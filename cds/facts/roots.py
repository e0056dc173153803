"""Which parts of a record each finding rests on: where a record has none of them, the finding is as in an empty record.

A rulebook has some hundred findings and a patient has results for few of them; only those few are worked out.
"""

from __future__ import annotations

from functools import lru_cache
from graphlib import TopologicalSorter
from typing import TypeAlias

from cds.facts.formulas import FORMULAS
from cds.intake.record import Record
from cds.rulebook.model import (
    Computed,
    Demographic,
    Dose,
    GoalTerm,
    Joined,
    Measurement,
    ProductTerm,
    RuleBook,
    finding_names_in,
)
from cds.rulebook.sentences import NoneRecorded, OutsideLimits, ResultUnused, sentence_terms

Root: TypeAlias = str
"""A part of a record: the name of a term with readings, mentions, courses or a target, or one of the words below."""
PRODUCTS, AGE, SEX, ISSUES = "products", "age", "sex", "issues"


def roots_in(record: Record) -> frozenset[Root]:
    """The parts that a record has."""
    parts = {*record.readings, *record.mentions, *record.courses, *(f"target of {name}" for name in record.targets)}
    parts.update(
        name
        for name, there in (
            (PRODUCTS, record.products), (AGE, record.birth), (SEX, record.sex), (ISSUES, record.issues)
        )
        if there
    )  # fmt: skip
    return frozenset(parts)


@lru_cache(maxsize=8)
def roots_of(book: RuleBook) -> dict[str, frozenset[Root]]:
    """For each finding, the parts of a record that can change its state."""
    needs = {("term", name): _needs_of_term(book, name) for name in book.terms}
    needs |= {("finding", name): _needs_of_finding(book, name) for name in book.findings}
    roots: dict[tuple[str, str], frozenset[Root]] = {}
    above = {key: {need for need in value if need[0] != "root"} for key, value in needs.items()}
    for node in TopologicalSorter(above).static_order():
        own = {name for kind, name in needs[node] if kind == "root"}
        roots[node] = frozenset(own.union(*(roots[need] for need in above[node])))
    return {name: roots["finding", name] for name in book.findings}


def _needs_of_term(book: RuleBook, name: str) -> set[tuple[str, str]]:
    term = book.terms[name]
    needs = {("finding", finding) for finding in finding_names_in(term)}
    match term:
        case Computed():
            also = FORMULAS[term.formula].also_reads
            named = (*term.inputs, *(item.term for item in term.instead), *also)
            needs |= {("root", n) if n == PRODUCTS else ("term", n) for n in named if n in book.terms or n == PRODUCTS}
        case Dose() | ProductTerm():
            needs.add(("root", PRODUCTS))
        case GoalTerm():
            needs.add(("root", f"target of {term.of}"))
        case Measurement() | Demographic():
            needs.add(("root", name))
        case _:
            needs |= {("root", name)}
    return needs


def _needs_of_finding(book: RuleBook, name: str) -> set[tuple[str, str]]:
    definition = book.findings[name].definition
    if isinstance(definition, Joined):
        return {("finding", part.finding) for part in definition.parts}
    if isinstance(definition, NoneRecorded):
        named = {("finding", n) for n in definition.findings}
        return named | {("term", t) for n in definition.findings for t in _terms(book, n)}
    if isinstance(definition, ResultUnused):
        return {("root", ISSUES)}
    needs = {("term", term) for term in sentence_terms(definition)}
    if isinstance(definition, OutsideLimits):
        needs |= {
            ("term", t.name) for t in book.terms.values() if isinstance(t, Computed) and definition.term in t.inputs
        }
    return needs


def _terms(book: RuleBook, finding: str) -> tuple[str, ...]:
    definition = book.findings[finding].definition
    return () if isinstance(definition, Joined) else sentence_terms(definition)
