"""What free text says about a product: a last resort, read by fixed patterns and the words of products.yaml.

A strength that could be salt or element becomes an interval. Text beyond 200 characters is not read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cds.intake.amounts import most_of
from cds.intake.concepts import plain
from cds.intake.named_calcium import calcium_named, is_about_an_allergy, magnesium_named
from cds.intake.salts import UNSPECIFIED, Calcium, calcium_of_text, number_of
from cds.intake.vocabulary import names_pattern, words_pattern
from cds.quantity import PRESENT, Interval, point, tidy, unit_key
from cds.rulebook.model import Contents, Frozen, ProductBook, RuleBook
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED

_AFTER = r" ?(?P<n>\d[\d,]{0,6}(?:\.\d+)?) ?(?P<u>iu|unt|units?|mcg|ug|mg|g)\b"
_LIST_ITEM = re.compile(_AFTER, re.I)
_NEXT = re.sub(r"\?P<\w>", "?:", _AFTER)
_LISTED = re.compile(rf"{_AFTER}(?:\s*(?:\([^)]*\)\s*)?[/-]\s*{_NEXT})+", re.I)
"""Amounts one after another behind the names of several parts, in whatever order."""
_UNITS_OF_ONE = {"vitamin D": frozenset({"[iu]"})}
"""Units in which no other nutrient of the rule files is counted."""
_CALCIUM = re.compile(r"calcium", re.I)
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
        brands=names_pattern(name for name, _ in products.brands),
        contents={plain(name): contents for name, contents in products.brands},
        nutrients={name: names_pattern(words) for name, words in nutrients.items()},
        amounts={name: re.compile(names_pattern(words).pattern + _AFTER, re.I) for name, words in nutrients.items()},
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
    if _DENIED.search(text) or is_about_an_allergy(text):
        return None
    words = text_words(book)
    amounts: dict[str, Interval] = {}
    salt, intent = "", "supplement"
    if brand := words.brands.search(text):
        known = words.contents[plain(brand[0])]
        amounts, salt, intent = dict(known.amounts), known.salt, known.intent
    found = None if _INJECTED.search(text) else _calcium(text, book)
    if found is not None and not (found.amount == UNSTATED and "calcium" in amounts):
        amounts["calcium"], salt = found.amount, found.salt or salt
    for nutrient, amount in other_nutrients(text, book).items():
        amounts.setdefault(nutrient, amount)
    if "magnesium" not in amounts and magnesium_named(text, book):
        amounts["magnesium"] = UNSTATED
    if not amounts:
        return None
    if salt and words.binders.issuperset(salt.split(", ")):
        intent = "phosphate-binder"
    return Contents(text, tuple(amounts), salt, intent, Frozen(amounts))


def _calcium(text: str, book: RuleBook) -> Calcium | None:
    """The calcium of a text with its amount; of an unknown amount where it is only one of the parts that are named."""
    stated = calcium_of_text(text, book)
    named = stated is None and calcium_named(text, book) is PRESENT
    return Calcium(UNSTATED, UNSPECIFIED) if named else stated


def other_nutrients(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that the text names, each with its amount in one dose form or UNSTATED."""
    found = text_words(book).nutrients.items()
    named = {nutrient: match[0] for nutrient, pattern in found if (match := pattern.search(text))}
    alone = len(named) == 1 and not _CALCIUM.search(text)
    return {nutrient: _amount_in(text, nutrient, name, book, alone=alone) for nutrient, name in named.items()}


def _amount_in(text: str, nutrient: str, name: str, book: RuleBook, *, alone: bool) -> Interval:
    """The amount behind a nutrient; of a list of amounts behind several names (500mg/800IU) that in its own unit.

    A mass beyond what is plausible in a day is that of another part.
    """
    words = text_words(book)
    stated = words.amounts[nutrient].search(text)
    if stated is None:
        return UNSTATED
    listed = _LISTED.match(text, stated.start("n"))
    if listed and not alone:
        own = [m for m in _LIST_ITEM.finditer(listed[0]) if unit_key(m["u"]) in _UNITS_OF_ONE.get(nutrient, ())]
        return _in_unit(own[0], nutrient, 1.0) if len(own) == 1 else UNSTATED
    amount = _in_unit(stated, nutrient, words.shares.get(plain(name), 1.0))
    in_mass = unit_key(stated["u"]) not in _UNITS_OF_ONE.get(nutrient, ())
    return UNSTATED if in_mass and amount.low > most_of(nutrient, book) else amount


def _in_unit(match: re.Match[str], nutrient: str, share: float) -> Interval:
    factor = NUTRIENTS[nutrient].get(unit_key(match["u"]))
    return UNSTATED if factor is None else _stated(match, factor * share)


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
