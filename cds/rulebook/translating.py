"""The texts of cards in another language, or in other words: as an overlay has them, laid over those of the base.

What is not said stays in the words of the base. A variant is known by its conditions, never by its place: a text must
not come to stand under conditions for which nobody wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds.rulebook.declared import one_or_more
from cds.rulebook.model import Spot
from cds.rulebook.report import Where
from cds.rulebook.rules import begin

TEXTS = ("summary", "fallback", "detail")


def translated(rule: Any, words: Any) -> Any | None:
    """The entry of a rule with other texts; None where it has no variant with the conditions of one of them.

    Nor the hours of a medicine of which there are some.
    """
    card = _in_words(rule.card, words)
    if not set(words.hours) <= set(card.hours):
        return None
    variants = list(card.variants)
    places = {_conditions(variant.when): index for index, variant in enumerate(variants)}
    for own in words.variants:
        if (at := places.get(_conditions(own.when))) is None:
            return None
        variants[at] = _in_words(variants[at], own)
    hours = {name: words.hours.get(name, when) for name, when in card.hours.items()}
    spoken = card.model_copy(update={"variants": variants, "hours": hours})
    changed: dict[str, Any] = {"card": spoken, "cases": _expecting(rule, spoken)}
    return rule.model_copy(update=changed | ({"title": words.title} if words.title else {}))


def spots_of(rule: Any, words: Any, where: Where) -> Iterator[tuple[str, Spot]]:
    """Where the other texts of the entry of a rule begin, each by what ``Rule.spots`` calls it."""
    if words.title:
        yield "title", begin(words.title, where.at("title"))
    places = {_conditions(variant.when): number for number, variant in enumerate(rule.card.variants, 1)}
    parts: list[tuple[str, Any, Where]] = [("card", words, where)]
    parts += [
        (f"card variant {places[_conditions(own.when)]}", own, where.at("variants", index))
        for index, own in enumerate(words.variants)
    ]
    for called, part, place in parts:
        for key in TEXTS:
            if text := getattr(part, key):
                yield f"{called} {key}", begin(text, place.at(key))
    for name, text in words.hours.items():
        yield f"card hours of '{name}'", begin(text, where.at("hours", name))


def _expecting(rule: Any, card: Any) -> list[Any]:
    """The cases of a rule; the title that one expects in the words of the rule file is the same text in other words."""
    texts = zip((rule.card, *rule.card.variants), (card, *card.variants), strict=True)
    titles = {" ".join(own.summary.split()): other.summary for own, other in texts}
    told = ((case, titles.get(" ".join(case.summary.split()))) for case in rule.cases)
    return [case.model_copy(update={"summary": title}) if title else case for case, title in told]


def _in_words(text: Any, words: Any) -> Any:
    """A text of a card with other words; another summary without placeholders needs no fallback."""
    said = {key: getattr(words, key) for key in TEXTS if getattr(words, key)}
    if "summary" in said and "fallback" not in said and hasattr(text, "fallback"):
        said["fallback"] = ""
    return text.model_copy(update=said)


def _conditions(when: Any) -> frozenset[str]:
    """The lines of a variant: any of them is enough, so their order says nothing."""
    return frozenset(" ".join(line.split()) for line in one_or_more(when))
