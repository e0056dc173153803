"""What free text says about a product: a last resort, read by fixed patterns and the words of products.yaml.

A strength that could be salt or element becomes an interval. Text beyond 200 characters is not read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cds.intake.salts import calcium_of_text, number_of
from cds.intake.vocabulary import plain, words_pattern
from cds.quantity import Interval, point, tidy, unit_key
from cds.rulebook.model import Contents, Frozen, ProductBook, RuleBook
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED

_AFTER = r" ?(?P<n>\d[\d,]{0,6}(?:\.\d+)?) ?(?P<u>iu|unt|units?|mcg|ug|mg|g)\b"
_DENIED = re.compile(r"^\s*(?:no|not|without|stopped|denies)\b", re.I)
_INJECTED = re.compile(
    r"\b(?:inj(?:ection|ectable)?|iv|intravenous|topical|gel(?![ -]?(?:cap|tab))|cream|ointment)\b", re.I
)


class TextWords(NamedTuple):
    """The words of products.yaml as patterns."""

    brands: re.Pattern[str]
    contents: dict[str, Contents]
    nutrients: dict[str, re.Pattern[str]]
    amounts: dict[str, re.Pattern[str]]
    shares: dict[str, float]
    antacid: re.Pattern[str]
    binder: re.Pattern[str]
    binders: frozenset[str]


@lru_cache(maxsize=8)
def text_words(book: RuleBook) -> TextWords:
    """The patterns of a rulebook."""
    products: ProductBook = book.products
    nutrients = {n: words for n, words in products.words.items() if n in NUTRIENTS}
    return TextWords(
        brands=words_pattern(name for name, _ in products.brands),
        contents={plain(name): contents for name, contents in products.brands},
        nutrients={name: words_pattern(words) for name, words in nutrients.items()},
        amounts={name: re.compile(words_pattern(words).pattern + _AFTER, re.I) for name, words in nutrients.items()},
        shares=_shares(products),
        antacid=words_pattern(products.words["antacid"]),
        binder=words_pattern(products.words["phosphate-binder"]),
        binders=_binders(products),
    )


def _binders(products: ProductBook) -> frozenset[str]:
    """The salts that are always taken to bind phosphate."""
    intents = {(contents.salt, contents.intent) for contents in products.coded.values() if contents.salt}
    others = {salt for salt, intent in intents if intent != "phosphate-binder"}
    return frozenset(salt for salt, _ in intents) - others


def _shares(products: ProductBook) -> dict[str, float]:
    """What one mass unit of a substance counts for: magnesium oxide 0.603, methylprednisolone 1.25."""
    return {
        plain(contents.name): share
        for contents in products.coded.values()
        for nutrient, share in contents.fractions.items()
        if nutrient != "calcium"
    }


def contents_of_text(text: str, book: RuleBook) -> Contents | None:
    """What a product holds by its text; None when the text names no product of products.yaml."""
    if _DENIED.search(text):
        return None
    words = text_words(book)
    amounts: dict[str, Interval] = {}
    salt, intent = "", "supplement"
    if brand := words.brands.search(text):
        known = words.contents[plain(brand[0])]
        amounts, salt, intent = dict(known.amounts), known.salt, known.intent
    found = None if _INJECTED.search(text) else calcium_of_text(text, book)
    if found is not None and not (found.amount == UNSTATED and "calcium" in amounts):
        amounts["calcium"], salt = found.amount, found.salt or salt
    for nutrient, amount in other_nutrients(text, book).items():
        amounts.setdefault(nutrient, amount)
    if not amounts:
        return None
    if salt and words.binders.issuperset(salt.split(", ")):
        intent = "phosphate-binder"
    return Contents(text, tuple(amounts), salt, intent, Frozen(amounts))


def other_nutrients(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that the text names, each with its amount in one dose form or UNSTATED."""
    words = text_words(book)
    found: dict[str, Interval] = {}
    for nutrient, pattern in words.nutrients.items():
        if named := pattern.search(text):
            stated = words.amounts[nutrient].search(text)
            factor = NUTRIENTS[nutrient].get(unit_key(stated["u"])) if stated else None
            share = words.shares.get(plain(named[0]), 1.0)
            found[nutrient] = UNSTATED if stated is None or factor is None else _stated(stated, factor * share)
    return found


def _stated(match: re.Match[str], factor: float) -> Interval:
    """The amount that a text states; a point before three digits may be a decimal or stand for thousands."""
    low = tidy(number_of(match["n"], "") * factor)
    if re.fullmatch(r"\d{1,3}\.\d{3}", match["n"]):
        return Interval(low, tidy(low * 1000))
    return point(low)


def intent_of_text(text: str, book: RuleBook) -> str:
    """``antacid`` or ``phosphate-binder`` where the words say so, else ''."""
    words = text_words(book)
    if words.binder.search(text):
        return "phosphate-binder"
    return "antacid" if words.antacid.search(text) else ""
