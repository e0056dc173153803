"""What the conditions on an answer look at, worked out once for a rulebook: findings by number, rules by name.

Most clauses are about findings, and which states of a finding make one true is known before any patient is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple, TypeAlias

from cds.quantity import PRESENT, State
from cds.reasoning.program import program_of
from cds.rulebook.model import Clause, Removal, Rule, RuleBook, Sense

Look: TypeAlias = tuple[int, tuple[bool, ...]]
"""The number of a finding, and for each of its states whether that is what is asked for."""


class Condition(NamedTuple):
    """Some clauses: those about findings, the rules that have to fire, and those about what is left of the answer."""

    findings: tuple[Look, ...]
    fires: frozenset[str]
    others: tuple[Clause, ...]


class Entry(NamedTuple):
    """An entry of silencing.yaml: it acts while any clause of ``when`` holds and all of ``only_if``."""

    removal: Removal
    when: Condition
    only_if: Condition


class Speech(NamedTuple):
    """When a rule says what: its codes, its texts (one without a line always holds) and its indicators."""

    codes: tuple[tuple[str, Condition], ...]
    texts: tuple[tuple[Condition, ...], ...]
    indicators: tuple[tuple[str, Condition], ...]


@lru_cache(maxsize=32)
def entries_of(book: RuleBook) -> dict[str, tuple[Entry, ...]]:
    """The entries of a rulebook by stage, in their order."""
    numbers = program_of(book).numbers
    entries: dict[str, list[Entry]] = {}
    for one in book.removals:
        entry = Entry(one, _condition(one.when, numbers), _condition(one.only_if, numbers))
        entries.setdefault(one.stage, []).append(entry)
    return {stage: tuple(listed) for stage, listed in entries.items()}


@lru_cache(maxsize=32)
def speeches_of(book: RuleBook) -> dict[str, Speech]:
    """What each rule of a rulebook may say."""
    numbers = program_of(book).numbers
    return {name: _speech(rule, numbers) for name, rule in book.rules.items()}


def _speech(rule: Rule, numbers: Mapping[str, int]) -> Speech:
    return Speech(
        tuple((code, _condition(clauses, numbers)) for code, clauses in rule.advice),
        tuple(tuple(_condition(line, numbers) for line in text.when) for text in rule.card.texts),
        tuple((word, _condition(clauses, numbers)) for word, clauses in rule.card.indicators),
    )


def _condition(clauses: tuple[Clause, ...], numbers: Mapping[str, int]) -> Condition:
    looks = tuple(_look(clause, numbers) for clause in clauses if clause.kind == "finding")
    firing = {clause for clause in clauses if clause.kind == "fires" and not clause.negated}
    others = (clause for clause in clauses if clause.kind != "finding" and clause not in firing)
    return Condition(looks, frozenset(clause.value for clause in firing), tuple(others))


def _look(clause: Clause, numbers: Mapping[str, int]) -> Look:
    return numbers[clause.value], _truth(clause.sense, clause.negated)


@cache
def _truth(sense: Sense, negated: bool) -> tuple[bool, ...]:
    """For a finding that is absent, unknown and present, whether a clause about it holds."""
    return tuple((sense.table[state] == PRESENT) is not negated for state in State)
