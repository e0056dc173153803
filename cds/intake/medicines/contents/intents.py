"""What a product is taken for, where its salts, its texts, or the directions for it say so."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cds.intake.terminology.spelling import without_accents
from cds.intake.terminology.word_patterns import any_of, names_beside_signs
from cds.rulebook.model import ProductBook, RuleBook

_AS = r"(?:^|\b(?:as(?: a)?|als|comme|come|como|som|jako) |[,;:(] ?|\bmeals? )"
"""What stands before the word by which a dosage says what a product is taken for."""


class IntentWords(NamedTuple):
    """The words of products.yaml for intents: in names and reasons, in dosages, and the salts that are for one only."""

    named: dict[str, re.Pattern[str]]
    in_a_dosage: re.Pattern[str]
    of_salt: dict[str, str]


@lru_cache(maxsize=8)
def _intent_words(book: RuleBook) -> IntentWords:
    intents = book.products.intents.values()
    dosage = [without_accents(word) for intent in intents for word in intent.in_a_dosage]
    return IntentWords(
        {intent.name: names_beside_signs(map(without_accents, intent.words)) for intent in intents},
        re.compile(rf"{_AS}(?P<word>{any_of(dosage)})\b", re.I),
        _intent_of_salt(book.products),
    )


def _intent_of_salt(products: ProductBook) -> dict[str, str]:
    """The salts that are always taken for one and the same thing, and for what, where it is not the usual one."""
    found: dict[str, set[str]] = {}
    for contents in products.coded.values():
        if contents.salt:
            found.setdefault(contents.salt, set()).add(contents.intent)
    only = {salt: next(iter(intents)) for salt, intents in found.items() if len(intents) == 1}
    return {salt: intent for salt, intent in only.items() if intent != products.usual_intent}


def intent_of_salts(salt: str, intent: str, book: RuleBook) -> str:
    """What a product is for, where its salts are always for one thing: that; else the intent that it has."""
    always = {_intent_words(book).of_salt.get(name) for name in salt.split(", ")}
    return (len(always) == 1 and always.pop()) or intent


def intent_of_text(text: str, book: RuleBook) -> str:
    """What a text says that a product is taken for; where several are named the first of the file, else ''."""
    bare = without_accents(text)
    return next((intent for intent, pattern in _intent_words(book).named.items() if pattern.search(bare)), "")


def intent_in_dosage(text: str, book: RuleBook) -> str:
    """The word of a dosage that says what a product is taken for, else ''."""
    match = _intent_words(book).in_a_dosage.search(without_accents(text))
    return match["word"] if match else ""
