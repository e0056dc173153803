"""What the conditions on an answer look at, worked out once for a rulebook: findings by number, rules by name.

Most clauses are about findings, and which states of a finding make one true is known before any patient is.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple, TypeAlias

from cds.quantity import PRESENT, State
from cds.rulebook.model import Clause, Frozen, Removal, Rule, RuleBook, Sense

Numbers: TypeAlias = Frozen[str, int]
"""The numbers of findings and rules, as a program has them; those of a rulebook with a small change are the same."""
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
def entries_of(removals: tuple[Removal, ...], numbers: Numbers) -> dict[str, tuple[Entry, ...]]:
    """The entries of a rulebook by stage, in their order."""
    entries: dict[str, list[Entry]] = {}
    for one in removals:
        entry = Entry(one, _condition(one.when, numbers), _condition(one.only_if, numbers))
        entries.setdefault(one.stage, []).append(entry)
    return {stage: tuple(listed) for stage, listed in entries.items()}


class Speeches(dict[str, Speech]):
    """What each rule of a rulebook may say, worked out when it is asked for: few rules speak at a time."""

    def __init__(self, book: RuleBook, numbers: Numbers) -> None:
        super().__init__()
        self.rules, self.numbers = book.rules, numbers

    def __missing__(self, rule: str) -> Speech:
        found = self[rule] = _speech(self.rules[rule], self.numbers)
        return found


@lru_cache(maxsize=32)
def speeches_of(book: RuleBook, numbers: Numbers) -> Speeches:
    """What each rule of a rulebook may say."""
    return Speeches(book, numbers)


def _speech(rule: Rule, numbers: Numbers) -> Speech:
    return Speech(
        tuple((code, _condition(clauses, numbers)) for code, clauses in rule.advice),
        tuple(tuple(_condition(line, numbers) for line in text.when) for text in rule.card.texts),
        tuple((word, _condition(clauses, numbers)) for word, clauses in rule.card.indicators),
    )


def _condition(clauses: tuple[Clause, ...], numbers: Numbers) -> Condition:
    looks = tuple(_look(clause, numbers) for clause in clauses if clause.kind == "finding")
    firing = {clause for clause in clauses if clause.kind == "fires" and not clause.negated}
    others = (clause for clause in clauses if clause.kind != "finding" and clause not in firing)
    return Condition(looks, frozenset(clause.value for clause in firing), tuple(others))


def _look(clause: Clause, numbers: Numbers) -> Look:
    return numbers[clause.value], _truth(clause.sense, clause.negated)


@cache
def _truth(sense: Sense, negated: bool) -> tuple[bool, ...]:
    """For a finding that is absent, unknown and present, whether a clause about it holds."""
    return tuple((sense.table[state] == PRESENT) is not negated for state in State)
