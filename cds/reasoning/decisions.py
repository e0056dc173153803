"""Decisions, remembered by all that they rest on: hardly two patients have one pattern, and many have one decision.

A decision rests on the rules that fire, and on the findings that their votes, their cards and the entries of
silencing.yaml about them look at. No other finding can change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from cds.reasoning.conditions import Condition, Entry, entries_of, speeches_of
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
        self.book, self.numbers = book, program_of(book).numbers
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
            numbers = {number for condition in self._conditions(rules) for number, _ in condition.findings}
            votes = (vote.finding for rule in rules for vote in self.book.rules[rule].votes if vote.finding)
            found = self.looked_at[rules] = tuple(sorted(numbers.union(map(self.numbers.__getitem__, votes))))
        return found

    def _conditions(self, rules: Rules) -> Iterator[Condition]:
        """What the cards of these rules look at, and the entries that take something away from one of them."""
        for rule in rules:
            codes, texts, indicators = speeches_of(self.book)[rule]
            yield from (condition for _, condition in (*codes, *indicators))
            yield from (line for text in texts for line in text)
        for listed in entries_of(self.book).values():
            yield from (condition for entry in listed if _touches(entry, rules) for condition in entry[1:])


def _touches(entry: Entry, rules: Rules) -> bool:
    cards, votes, codes = entry.removal.cards, entry.removal.votes, entry.removal.codes.values()
    return any(not rules.isdisjoint(touched) for touched in (cards, votes, *codes))
