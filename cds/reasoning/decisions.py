"""Decisions, remembered by all that they rest on: hardly two patients have one pattern, and many have one decision.

A decision rests on the rules that fire, and on the findings that their votes, their cards and the entries of
silencing.yaml about them look at. No other finding can change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from cds.reasoning.conditions import Condition, Entry, Speech, entries_of, speeches_of
from cds.reasoning.decision import Decision
from cds.reasoning.inference import Inferred
from cds.reasoning.program import program_of
from cds.reasoning.switched_off import decide
from cds.rulebook.model import RuleBook

MOST_REMEMBERED = 4096
Rules: TypeAlias = frozenset[str]
RestsOn: TypeAlias = tuple[Rules, Rules, Rules, bytes]
"""The rules that fire, are withheld and are in shadow; the states of the findings that are looked at."""


class Decisions:
    """The decisions of one rulebook."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.of_rule: dict[str, frozenset[int]] = {}
        self.looked_at: dict[Rules, tuple[int, ...]] = {}
        self.known: dict[RestsOn, Decision] = {}

    def of(self, inferred: Inferred) -> Decision:
        """The decision that follows from what was inferred."""
        states = inferred.states
        looked_at = bytes([states[number] for number in self._looked_at(inferred.fired | inferred.withheld)])
        key = inferred.fired, inferred.withheld, inferred.shadowed, looked_at
        found = self.known.get(key)
        if found is None:
            found = decide(self.book, inferred)
            if len(self.known) >= MOST_REMEMBERED:
                self.forget()
            self.known[key] = found
        return found

    def forget(self) -> None:
        """Forget the decisions."""
        self.looked_at.clear()
        self.known.clear()

    def _looked_at(self, rules: Rules) -> tuple[int, ...]:
        """The numbers of the findings that can change the decision while these rules fire."""
        found = self.looked_at.get(rules)
        if found is None:
            numbers: frozenset[int] = frozenset().union(*map(self._of_rule, rules))
            found = self.looked_at[rules] = tuple(sorted(numbers))
        return found

    def _of_rule(self, rule: str) -> frozenset[int]:
        if rule not in self.of_rule:
            self.of_rule[rule] = _that_change(self.book, rule)
        return self.of_rule[rule]


def _that_change(book: RuleBook, rule: str) -> frozenset[int]:
    """The numbers of the findings that can change what becomes of a rule that fires."""
    numbers = program_of(book).numbers
    entries = chain(*entries_of(book.removals, numbers).values())
    spoken = speeches_of(book, numbers)[rule]
    conditions = [*_of_card(spoken), *(one for entry in entries if _touches(entry, rule) for one in entry[1:])]
    looks = (number for condition in conditions for number, _ in condition.findings)
    return frozenset((*looks, *(numbers[vote.finding] for vote in book.rules[rule].votes if vote.finding)))


def _of_card(speech: Speech) -> Iterator[Condition]:
    """What its codes, its texts and its indicators look at."""
    codes, texts, indicators = speech
    yield from (condition for _, condition in (*codes, *indicators))
    yield from chain(*texts)


def _touches(entry: Entry, rule: str) -> bool:
    """Whether an entry can take something away from a rule."""
    cards, votes, codes = entry.removal.cards, entry.removal.votes, entry.removal.codes.values()
    return any(rule in touched for touched in (cards, votes, *codes))
