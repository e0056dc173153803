"""What an overlay says instead of words of the base: ``12 ng/mL (30 nmol/L)`` becomes ``10 ng/mL (25 nmol/L)``.

A hospital that replaces a threshold must be able to replace the number where sentences and cards say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from cds.rulebook.model import Advice, Card, CardText, Removal, Rule
from cds.rulebook.report import Where
from cds.rulebook.shape import Shape

S = TypeVar("S", bound=Shape)
TEXTS: dict[type, tuple[str, ...]] = {
    Rule: ("title", "says", "because"),
    Card: ("summary", "detail"),
    CardText: ("summary", "detail"),
    Advice: ("says",),
    Removal: ("why",),
}
"""The keys of each shape under which people read sentences."""


def reworded(shape: S, phrases: Mapping[str, str], where: Where) -> S:
    """A rule, an advice code or an entry of silencing with other words; a phrase that stands nowhere is reported."""
    words = Words(phrases)
    found = words.of(shape)
    for phrase in phrases.keys() - words.seen:
        todo = "Write it as the text of the base has it, or take it out."
        where.at(phrase).problem(f"'{phrase}' stands in none of these texts.", todo, "wrong-value")
    return found


class Words:
    """Phrases with what stands instead; ``seen`` are those that were found. Line breaks in texts count as spaces."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self.phrases, self.seen = phrases, set[str]()
        longest_first = sorted(phrases, key=len, reverse=True)
        patterns = (r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
        self.pattern = re.compile("|".join(f"(?<![\\w.])(?:{pattern})(?!\\w)" for pattern in patterns) or r"(?!)")

    def of(self, shape: S) -> S:
        """The shape with other words in all its texts, those of its card and of the variants of that included."""
        entry: Any = shape
        changed: dict[str, object] = {key: self.text(getattr(shape, key)) for key in TEXTS[shape.declares]}
        if shape.declares is Rule:
            changed["card"] = self.of(entry.card)
        if shape.declares is Card:
            changed["variants"] = [self.of(variant) for variant in entry.variants]
        return shape.model_copy(update=changed)

    def text(self, text: str) -> str:
        """A text with other words."""
        return self.pattern.sub(self._instead, text)

    def _instead(self, match: re.Match[str]) -> str:
        phrase = next(phrase for phrase in self.phrases if phrase.split() == match[0].split())
        self.seen.add(phrase)
        return self.phrases[phrase]
