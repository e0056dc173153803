"""Conditions in words: the tree of a rule down to the sentences with their numbers, in both systems of units."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit.addresses import finding_link, rule_page
from cds.audit.levels import bound_text
from cds.audit.scales import by_scale
from cds.cards.wording import unit_text
from cds.forms.nothing import NoneRecorded
from cds.forms.records import Recorded
from cds.rulebook.model import Clause, Finding, Joined, Part, RuleBook, Sense
from cds.rulebook.printing import condition_text

JOINED = {"all": "all of these", "any": "any of these"}


class Words(NamedTuple):
    """A finding in a tree: its sense, its name and place, its sentence, and what it is made of.

    ``numbers`` are those that the sentence does not show itself, such as the other system of units. ``seen`` says
    that its parts stood further up already.
    """

    sense: Sense
    name: str
    link: str
    sentence: str
    numbers: tuple[str, ...]
    how: str
    parts: tuple[Words, ...]
    seen: bool = False


def condition(book: RuleBook, joined: Joined) -> Words:
    """The tree of a condition."""
    seen: set[str] = set()
    parts = tuple(_words(book, part, seen) for part in joined.parts)
    return Words(Sense.IS, "", "", "", (), _how(joined, parts), parts)


def in_words(book: RuleBook, name: str) -> Words:
    """The tree of a finding."""
    return _words(book, Part(name), set())


def _words(book: RuleBook, part: Part, seen: set[str]) -> Words:
    finding = book.findings[part.finding]
    form = finding.definition
    inner = form.parts if isinstance(form, Joined) else tuple(map(Part, form.findings))
    again = bool(inner) and part.finding in seen
    seen.add(part.finding)
    parts = () if again else tuple(_words(book, other, seen) for other in inner)
    link, said = finding_link(book, part.finding), sentence(finding)
    more = tuple(text for text in numbers(book, finding) if text not in said)
    return Words(part.sense, finding.name, link, said, more, _how(finding.definition, parts), parts, again)


def _how(definition: object, parts: tuple[Words, ...]) -> str:
    if isinstance(definition, NoneRecorded):
        return "none of these (each is absent, or nothing at all is recorded about it)"
    return "" if not isinstance(definition, Joined) or len(parts) < 2 else JOINED[definition.how]


def sentence(finding: Finding) -> str:
    """The sentence of a finding; empty for one that is made of others or only on record."""
    return "" if isinstance(finding.definition, (Joined, NoneRecorded, Recorded)) else readable(finding.text)


def readable(text: str) -> str:
    """A text of the rule files with its units as people write them."""
    return unit_text(text).strip()


def numbers(book: RuleBook, finding: Finding) -> tuple[str, ...]:
    """The thresholds of a sentence in both systems of units, those for other scales, and days."""
    form = finding.definition
    scaled = [(scale, item) for scale, items in by_scale(book, form) for item in items]
    found = [f"{f'{scale}: ' if scale else ''}{bound_text(book, form.terms[0], item, scale)}" for scale, item in scaled]
    return (*found, *([f"{form.period} days"] if form.time else []))


class Said(NamedTuple):
    """A condition on the answer in words, with the place of what it names."""

    before: str
    name: str
    link: str
    after: str


def clause(book: RuleBook, item: Clause) -> Said:
    """A condition on the answer: a finding, the rule's own vote, the outcome, another rule."""
    text = condition_text(item).removeprefix("if ")
    if item.kind == "vote":
        return Said(text, "", "", "")
    before, name, after = text.partition(item.value)
    places = {"finding": finding_link, "outcome": lambda *_: "tiers.html"}
    link = places.get(item.kind, lambda _, rule: rule_page(rule))(book, item.value)
    return Said(before, name, link, after)
