"""Reads the texts of a rulebook for numbers, and knows the numbers that each text may state.

What a text speaks of lies near or far: the findings under which it is said, with their thresholds; the other findings
of its rule; the terms that they read; and whatever says how long a value is usable. The nearest that has a number of
the unit decides, so that a threshold that changed is not covered by a number of the same unit far off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.forms.results import Dated
from cds.review.number_words import wordlist
from cds.review.numbers import RuleNumber, all_factors, numbers_of, says
from cds.review.texts import RuleText, nodes_of_condition, nodes_of_rule
from cds.review.written_numbers import YEAR_OF_A_SOURCE, YEAR_OF_AGE, WrittenNumber, written_numbers
from cds.rulebook.graph import FINDING, TERM, Node, graph_of
from cds.rulebook.model import OtherNumber, Rule, RuleBook
from cds.rulebook.model.form import DAY

_END = re.compile(r"[.;](?=\s)")
_FROM_AN_EVENT = re.compile(r"\s+(?:after|before|away|apart|later)\b")
_NEWEST = "newest "


def times_of_subjects(
    book: RuleBook, mention: WrittenNumber, text: str, nodes: Iterable[Node]
) -> Iterator[set[RuleNumber]]:
    """The days within which each value must be dated that a sentence names before a time; nothing for other numbers.

    A time that is counted from something else (``the 14 days after a dose``) is of nobody.
    """
    if mention.unit == DAY and not _FROM_AN_EVENT.match(text, mention.at + len(mention.words)):
        before = _END.split(text[: mention.at])[-1].lower()
        days = _days_by_term(book, nodes)
        yield from (times for term, times in days.items() if _is_named(term.removeprefix(_NEWEST), before))


def _days_by_term(book: RuleBook, nodes: Iterable[Node]) -> dict[str, set[RuleNumber]]:
    found: dict[str, set[RuleNumber]] = {}
    for kind, name in nodes:
        definition = book.findings[name].definition if kind == FINDING else None
        if isinstance(definition, Dated):
            found.setdefault(definition.term, set()).update(numbers_of(book, [(kind, name)]))
    return found


def _is_named(name: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name.lower())}\b", words) is not None


_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")


class KnownNumber(NamedTuple):
    """Whether a number of a text is known, and the declarations of its rules that it needs for that."""

    is_known: bool
    needs: tuple[OtherNumber, ...] = ()


class Reader:
    """Reads the texts of one rulebook; the numbers of each rule are gathered once."""

    def __init__(self, book: RuleBook) -> None:
        self.book, self.words = book, wordlist(book)
        self.years = {year for s in book.sources.values() for year in _YEAR.findall(f"{s.id} {s.citation}")}
        self.gathered: dict[tuple[Node, ...], tuple[set[Node], ...]] = {}
        self.numbers: dict[Node, set[RuleNumber]] = {}
        self.named: dict[str, tuple[Node, ...]] = {}

    def known(self, mention: WrittenNumber, text: RuleText) -> KnownNumber:
        """Whether a number is one of what the text speaks of, or one that a rule of the text declares."""
        if text.has_own_times and mention.unit in ("", DAY, YEAR_OF_A_SOURCE):
            return KnownNumber(True)
        if mention.unit == YEAR_OF_A_SOURCE:
            return KnownNumber(mention.words in self.years)
        if self.is_own(mention, text):
            return KnownNumber(True)
        declared = (item for name in text.rules for item in self.book.rules[name].other_numbers)
        needed = tuple(item for item in declared if self.is_one_of(mention, self.amounts(item)))
        return KnownNumber(bool(needed), needed)

    def is_own(self, mention: WrittenNumber, text: RuleText) -> bool:
        """Whether it is a number of what the text speaks of: the nearest that has its unit decides.

        Where the sentence names whose time it is (``no calcium in 90 days``), it must be a time of that.
        """
        near = self.near_nodes(mention, text)
        is_near = any(self.is_one_of(mention, self.of(nodes)) for nodes in (*near, self.around(text.named)[0]))
        return is_near and not self.others_times(mention, text, near)

    def others_times(self, mention: WrittenNumber, text: RuleText, near: Iterable[set[Node]]) -> set[RuleNumber]:
        """The times of what a sentence names as that whose time it states, where the time is none of these."""
        nodes = set().union(*near)
        listed = times_of_subjects(self.book, mention, text.text, nodes)
        return next((times for times in listed if not self.is_one_of(mention, times)), set())

    def near(self, mention: WrittenNumber, text: RuleText) -> set[RuleNumber]:
        """The numbers of the nearest that a text speaks of and that has the unit of one of its numbers."""
        near = self.near_nodes(mention, text)
        return self.others_times(mention, text, near) or self.of(near[-1])

    def near_nodes(self, mention: WrittenNumber, text: RuleText) -> list[set[Node]]:
        """What a text speaks of, up to the nearest that has the unit of one of its numbers."""
        rings = self.rings(text)
        last = next((place for place, ring in enumerate(rings) if _decides(self.of(ring), mention)), len(rings))
        return rings[: last + 1]

    def is_one_of(self, mention: WrittenNumber, numbers: Iterable[RuleNumber]) -> bool:
        """Whether it is one of some numbers, in whichever unit."""
        terms = self.book.terms
        return any(says(mention, number, all_factors(terms, number.unit)) for number in numbers)

    def rings(self, text: RuleText) -> list[set[Node]]:
        """What a text speaks of, from near to far.

        The findings under which it is said come first, then all of its rule: a condition of one advice is none of the
        others. Then come the terms behind those that make the rule fire, then the others.
        """
        near, read, far = self.around(text.nodes)
        rings = [(near, near, read, read, far)]
        for rule in (self.book.rules[name] for name in text.rules):
            near, read, far = self.around(self.nodes_of(rule))
            own = self.around((*nodes_of_condition(rule), *text.own))
            rings.append((own[0], near, own[1], read, far))
        return [set().union(*sets) for sets in zip(*rings, strict=True)]

    def nodes_of(self, rule: Rule) -> tuple[Node, ...]:
        """The findings that a rule names anywhere, gathered once."""
        if rule.id not in self.named:
            self.named[rule.id] = nodes_of_rule(rule)
        return self.named[rule.id]

    def starts(self, text: RuleText) -> list[tuple[Node, ...]]:
        """What a text speaks of: the findings of its rules, and its own nodes."""
        return [*(self.nodes_of(self.book.rules[name]) for name in text.rules), text.nodes]

    def around(self, nodes: tuple[Node, ...]) -> tuple[set[Node], ...]:
        """These findings and terms, and what they rest on, from near to far."""
        if nodes not in self.gathered:
            self.gathered[nodes] = graph_of(self.book).rings(nodes)
        return self.gathered[nodes]

    def of(self, nodes: Iterable[Node]) -> set[RuleNumber]:
        """The numbers of findings and terms."""
        for node in (listed := list(nodes)):
            if node not in self.numbers:
                self.numbers[node] = numbers_of(self.book, [node])
        return set().union(*(self.numbers[node] for node in listed))

    def holder(self, mention: WrittenNumber, text: RuleText) -> str:
        """A finding or a term far behind a text that has its number; nothing where there is none."""
        nodes = set().union(*(graph_of(self.book).rings(start)[-1] for start in self.starts(text)))
        found = (name for kind, name in sorted(nodes) if self.is_one_of(mention, numbers_of(self.book, [(kind, name)])))
        return next(found, "")

    def amounts(self, item: OtherNumber) -> Iterator[RuleNumber]:
        """The numbers that a declaration names, times in days and as they are written."""
        for mention in written_numbers(item.amount, self.words):
            yield RuleNumber(mention.number, mention.unit, mention.per)
            if mention.time:
                yield RuleNumber(mention.written, YEAR_OF_AGE if mention.time == "year" else mention.time)

    def stranger_in(self, item: OtherNumber) -> WrittenNumber | None:
        """The first number of a declaration that the finding or term it names does not have."""
        text = self.declaration(item)
        return next((m for m in written_numbers(item.amount, self.words) if not self.is_own(m, text)), None)

    def declaration(self, item: OtherNumber) -> RuleText:
        """A declaration as a text that speaks of the finding or term that it names."""
        kind = FINDING if item.of in self.book.findings else TERM
        return RuleText("", item.amount, item.spot, item.of, nodes=((kind, item.of),))


def _decides(numbers: Iterable[RuleNumber], mention: WrittenNumber) -> bool:
    """Whether one of the numbers has the unit of the text; any but a time where the text has no unit."""
    if not mention.unit:
        return any(number.unit != DAY for number in numbers)
    return any(mention.unit in (number.unit, *dict(number.factors)) for number in numbers)
