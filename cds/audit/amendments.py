"""The amendments of the specification as a table: what carries each of them, and how many cases try it."""

from __future__ import annotations

from typing import NamedTuple

from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import Amendment, Case, RuleBook


class AmendmentRow(NamedTuple):
    """An amendment, and how many cases of the rules that it names are about it."""

    amendment: Amendment
    cases: int


def amendment_rows(book: RuleBook) -> tuple[AmendmentRow, ...]:
    """The amendments in the order of their file; of one that names no rule the cases of all rules are looked at."""
    return tuple(AmendmentRow(item, _cases(book, item)) for item in book.amendments)


def amendments_of(book: RuleBook, rule: str) -> tuple[Amendment, ...]:
    """The amendments that a rule carries."""
    return tuple(item for item in book.amendments if rule in item.rules)


def _cases(book: RuleBook, item: Amendment) -> int:
    """The cases that give a term behind it, or expect one of its codes; all of its rules where it names neither."""
    rules = item.rules or (tuple(book.rules) if item.findings or item.terms or item.codes else ())
    cases = [case for rule in rules for case in book.rules[rule].cases]
    behind = {*item.terms, *_terms_behind(book, item)}
    if not behind and not item.codes:
        return len(cases)
    return sum(_is_about(case, behind, {*item.codes}) for case in cases)


def _terms_behind(book: RuleBook, item: Amendment) -> set[str]:
    nodes = graph_of(book).behind_findings(item.findings)
    return {name for kind, name in nodes if kind != FINDING}


def _is_about(case: Case, terms: set[str], codes: set[str]) -> bool:
    return not terms.isdisjoint(name for name, _ in case.given) or not codes.isdisjoint((*case.says, *case.not_says))
