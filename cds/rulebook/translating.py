"""The texts of cards in another language, or in other words: as an overlay has them, laid over those of the base.

What is not said stays in the words of the base. A variant is known by its conditions, never by its place: a text must
not come to stand under conditions for which nobody wrote it.
"""

from __future__ import annotations

from typing import Any

from cds.rulebook.declared import one_or_more
from cds.rulebook.report import Where

TEXTS = ("summary", "fallback", "detail")


def translated(rule: Any, words: Any, where: Where) -> Any:
    """The entry of a rule with other texts; a variant that the rule does not have is noted."""
    card = _in_words(rule.card, words)
    variants = list(card.variants)
    places = {_conditions(variant.when): index for index, variant in enumerate(variants)}
    for index, own in enumerate(words.variants):
        at = places.get(_conditions(own.when))
        if at is None:
            what, todo = "the card has no variant with these conditions.", "Write 'when' as the rule has it."
            where.at("variants", index, "when").problem(what, todo, "wrong-value")
        else:
            variants[at] = _in_words(variants[at], own)
    changed: dict[str, Any] = {"card": card.model_copy(update={"variants": variants})}
    return rule.model_copy(update=changed | ({"title": words.title} if words.title else {}))


def _in_words(text: Any, words: Any) -> Any:
    """A text of a card with other words; another summary without placeholders needs no fallback."""
    said = {key: getattr(words, key) for key in TEXTS if getattr(words, key)}
    if "summary" in said and "fallback" not in said and hasattr(text, "fallback"):
        said["fallback"] = ""
    return text.model_copy(update=said)


def _conditions(when: Any) -> tuple[str, ...]:
    return tuple(" ".join(line.split()) for line in one_or_more(when))
