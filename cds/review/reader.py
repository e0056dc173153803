"""Reads the texts of a rulebook for numbers, and knows the numbers that each text may state.

What a text speaks of lies near or far: the findings of its rule with their thresholds; the terms that they read; and
whatever says how long a value is usable. The nearest that has a number of the unit decides, so that a threshold that
changed is not covered by a number of the same unit far off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from cds.facts.roots import FINDING, TERM, Node
from cds.review.numbers import Number, all_factors, numbers_of, says
from cds.review.periods import base_unit
from cds.review.prose import DAY, YEAR_OF_A_SOURCE, YEAR_OF_AGE, Mention, Wordlist, mentions
from cds.review.reach import rings_from
from cds.review.sentence import Text
from cds.review.texts import nodes_of_condition, nodes_of_rule
from cds.rulebook.model import OtherNumber, RuleBook
from cds.rulebook.nutrients import NUTRIENTS
from cds.rulebook.scales import scales_of

_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")


class Known(NamedTuple):
    """Whether a number of a text is known, and the declarations of its rules that it needs for that."""

    is_known: bool
    needs: tuple[OtherNumber, ...] = ()


class Reader:
    """Reads the texts of one rulebook; the numbers of each rule are gathered once."""

    def __init__(self, book: RuleBook) -> None:
        self.book, self.words = book, wordlist(book)
        self.years = {year for s in book.sources.values() for year in _YEAR.findall(f"{s.id} {s.citation}")}
        self.gathered: dict[tuple[Node, ...], tuple[set[Number], ...]] = {}

    def known(self, mention: Mention, text: Text) -> Known:
        """Whether a number is one of what the text speaks of, or one that a rule of the text declares."""
        if text.has_own_times and mention.unit in ("", DAY, YEAR_OF_A_SOURCE):
            return Known(True)
        if mention.unit == YEAR_OF_A_SOURCE:
            return Known(mention.words in self.years)
        if self.is_own(mention, text):
            return Known(True)
        declared = (item for name in text.rules for item in self.book.rules[name].other_numbers)
        needed = tuple(item for item in declared if self.is_one_of(mention, self.amounts(item)))
        return Known(bool(needed), needed)

    def is_own(self, mention: Mention, text: Text) -> bool:
        """Whether it is a number of what the text speaks of: the nearest that has its unit decides."""
        near = self.near(mention, text)
        return any(self.is_one_of(mention, numbers) for numbers in (*near, self.of(text.named)[0]))

    def near(self, mention: Mention, text: Text) -> list[set[Number]]:
        """The numbers of what a text speaks of, up to the nearest that has the unit of one of its numbers."""
        rings = self.rings(text)
        last = next((place for place, numbers in enumerate(rings) if _decides(numbers, mention)), len(rings))
        return rings[: last + 1]

    def is_one_of(self, mention: Mention, numbers: Iterable[Number]) -> bool:
        """Whether it is one of some numbers, in whichever unit."""
        terms = self.book.terms
        return any(says(mention, number, all_factors(terms, number.unit)) for number in numbers)

    def rings(self, text: Text) -> list[set[Number]]:
        """The numbers of what a text speaks of, from near to far.

        Thresholds of all findings of a rule come first, then the terms behind those that make it fire, then the others.
        """
        near, read, far = self.of(text.nodes)
        rings = [(near, read, read, far)]
        for rule in (self.book.rules[name] for name in text.rules):
            near, read, far = self.of(nodes_of_rule(rule))
            rings.append((near, self.of(nodes_of_condition(rule))[1], read, far))
        return [set().union(*sets) for sets in zip(*rings, strict=True)]

    def starts(self, text: Text) -> list[tuple[Node, ...]]:
        """What a text speaks of: the findings of its rules, and its own nodes."""
        return [*(nodes_of_rule(self.book.rules[name]) for name in text.rules), text.nodes]

    def of(self, nodes: tuple[Node, ...]) -> tuple[set[Number], ...]:
        """The numbers of findings and terms, and of what they rest on, from near to far."""
        if nodes not in self.gathered:
            self.gathered[nodes] = tuple(numbers_of(self.book, ring) for ring in rings_from(self.book, nodes))
        return self.gathered[nodes]

    def holder(self, mention: Mention, text: Text) -> str:
        """A finding or a term far behind a text that has its number; nothing where there is none."""
        nodes = set().union(*(rings_from(self.book, start)[-1] for start in self.starts(text)))
        found = (name for kind, name in sorted(nodes) if self.is_one_of(mention, numbers_of(self.book, [(kind, name)])))
        return next(found, "")

    def amounts(self, item: OtherNumber) -> Iterator[Number]:
        """The numbers that a declaration names, times in days and as they are written."""
        for mention in mentions(item.amount, self.words):
            yield Number(mention.number, mention.unit, mention.per)
            if mention.time:
                yield Number(mention.written, YEAR_OF_AGE if mention.time == "year" else mention.time)

    def stranger_in(self, item: OtherNumber) -> Mention | None:
        """The first number of a declaration that the finding or term it names does not have."""
        text = self.declaration(item)
        return next((m for m in mentions(item.amount, self.words) if not self.is_own(m, text)), None)

    def declaration(self, item: OtherNumber) -> Text:
        """A declaration as a text that speaks of the finding or term that it names."""
        kind = FINDING if item.of in self.book.findings else TERM
        return Text("", item.amount, item.spot, item.of, nodes=((kind, item.of),))


def _decides(numbers: Iterable[Number], mention: Mention) -> bool:
    """Whether one of the numbers has the unit of the text; any but a time where the text has no unit."""
    if not mention.unit:
        return any(number.unit != DAY for number in numbers)
    return any(mention.unit in (number.unit, *dict(number.factors)) for number in numbers)


@lru_cache(maxsize=8)
def wordlist(book: RuleBook) -> Wordlist:
    """The units and terms of a rulebook, as prose is read with them."""
    scales = [scale for term in book.terms.values() for scale in scales_of(term, book.terms)]
    units = {base_unit(unit)[0] for scale in scales for unit in (scale.unit, *scale.factors)}
    units |= {unit for listed in NUTRIENTS.values() for unit in listed} | {"%"}
    identifiers = frozenset((*book.rules, *book.sources))
    return Wordlist(frozenset(units - {"1", "a", "d"}), tuple(_names_and_units(book)), identifiers)


def _names_and_units(book: RuleBook) -> Iterator[tuple[str, str]]:
    """The names of terms; those without a unit are also called by their last word (``a score of 100``)."""
    for term in book.terms.values():
        if unit := getattr(term, "unit", ""):
            yield term.name, unit
            if unit == "1" or unit.startswith("{"):
                yield term.name.rsplit(" ", 1)[-1], unit
