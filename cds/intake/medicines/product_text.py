"""What free text says about a product: a last resort, read by fixed patterns and the words of products.yaml.

A strength that could be salt or element becomes an interval. Text beyond 200 characters is not read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.medicines.amounts import most_of
from cds.intake.medicines.label_words import label_words
from cds.intake.medicines.medicine_names import element_named, is_about_an_allergy, minerals_named
from cds.intake.medicines.salts import Element, element_of_text, number_of
from cds.intake.vocabulary import any_of, names_pattern, words_pattern
from cds.quantity import PRESENT, Interval, point, tidy, unit_key
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Contents, Frozen, ProductBook, RuleBook

_AFTER = r" ?(?P<n>\d[\d,]{0,6}(?:\.\d+)?) ?(?P<u>iu|unt|units?|mcg|ug|mg|g)\b"
_LIST_ITEM = re.compile(_AFTER, re.I)
_NEXT = re.sub(r"\?P<\w>", "?:", _AFTER)
_LISTED = re.compile(rf"{_AFTER}(?:\s*(?:\([^)]*\)\s*)?[/-]\s*{_NEXT})+", re.I)
"""Amounts one after another behind the names of several parts, in whatever order."""
_AS = r"(?:^|\bas |\bas a |[,;:(] ?|\bmeals? )"
"""What stands before the word by which a dosage says what a product is taken for."""
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
    own_units: dict[str, frozenset[str]]
    shares: dict[str, float]
    element: re.Pattern[str]
    intents: dict[str, re.Pattern[str]]
    in_a_dosage: re.Pattern[str]
    intent_of_salt: dict[str, str]


@lru_cache(maxsize=8)
def text_words(book: RuleBook) -> TextWords:
    """The patterns of a rulebook."""
    products: ProductBook = book.products
    nutrients = {name: nutrient.words for name, nutrient in products.nutrients.items() if nutrient.words}
    dosage = [word for intent in products.intents.values() for word in intent.in_a_dosage]
    return TextWords(
        brands=names_pattern(name for name, _ in products.brands),
        contents={plain(name): contents for name, contents in products.brands},
        nutrients={name: names_pattern(words) for name, words in nutrients.items()},
        amounts={name: re.compile(names_pattern(words).pattern + _AFTER, re.I) for name, words in nutrients.items()},
        own_units=_own_units(products),
        shares=_shares(products),
        element=re.compile(label_words(book).element, re.I),
        intents={intent.name: words_pattern(intent.words) for intent in products.intents.values()},
        in_a_dosage=re.compile(rf"{_AS}(?P<word>{any_of(dosage)})\b", re.I),
        intent_of_salt=_intent_of_salt(products),
    )


def _own_units(products: ProductBook) -> dict[str, frozenset[str]]:
    """The units in which each nutrient is counted and no other one: an amount in one of them can be of it alone."""
    of = {name: frozenset(nutrient.units) for name, nutrient in products.nutrients.items()}
    others = {name: frozenset().union(*(units for other, units in of.items() if other != name)) for name in of}
    return {name: units - others[name] for name, units in of.items()}


def _intent_of_salt(products: ProductBook) -> dict[str, str]:
    """The salts that are always taken for one and the same thing, and for what, where it is not the usual one."""
    found: dict[str, set[str]] = {}
    for contents in products.coded.values():
        if contents.salt:
            found.setdefault(contents.salt, set()).add(contents.intent)
    only = {salt: next(iter(intents)) for salt, intents in found.items() if len(intents) == 1}
    return {salt: intent for salt, intent in only.items() if intent != products.usual_intent}


def _shares(products: ProductBook) -> dict[str, float]:
    """What one mass unit of a substance counts for: magnesium oxide 0.603, methylprednisolone 1.25."""
    return {
        plain(contents.name): share
        for contents in products.coded.values()
        for nutrient, share in contents.fractions.items()
        if nutrient != products.main.name
    }


def contents_of_text(text: str, book: RuleBook) -> Contents | None:
    """What a product holds by its text; None when the text names no product of products.yaml."""
    if _DENIED.search(text) or is_about_an_allergy(text, book):
        return None
    words, main = text_words(book), book.products.main.name
    amounts: dict[str, Interval] = {}
    salt, intent = "", book.products.usual_intent
    if brand := words.brands.search(text):
        known = words.contents[plain(brand[0])]
        amounts, salt, intent = dict(known.amounts), known.salt, known.intent
    found = None if _INJECTED.search(text) else _element(text, book)
    if found is not None and not (found.amount == UNSTATED and main in amounts):
        amounts[main], salt = found.amount, found.salt or salt
    for nutrient, amount in other_nutrients(text, book).items():
        amounts.setdefault(nutrient, amount)
    for nutrient in minerals_named(text, book):
        amounts.setdefault(nutrient, UNSTATED)
    if not amounts:
        return None
    always = {words.intent_of_salt.get(name) for name in salt.split(", ")}
    if len(always) == 1 and (only := always.pop()):
        intent = only
    return Contents(text, tuple(amounts), salt, intent, Frozen(amounts))


def _element(text: str, book: RuleBook) -> Element | None:
    """The element of a text with its amount; of an unknown one where it is only one of the parts that are named."""
    stated = element_of_text(text, book)
    named = stated is None and element_named(text, book) is PRESENT
    return Element(UNSTATED, UNSPECIFIED) if named else stated


def other_nutrients(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that the text names, each with its amount in one dose form or UNSTATED."""
    found = text_words(book).nutrients.items()
    named = {nutrient: match[0] for nutrient, pattern in found if (match := pattern.search(text))}
    alone = len(named) == 1 and not text_words(book).element.search(text)
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
        own = [m for m in _LIST_ITEM.finditer(listed[0]) if unit_key(m["u"]) in words.own_units[nutrient]]
        return _in_unit(own[0], nutrient, 1.0, book) if len(own) == 1 else UNSTATED
    amount = _in_unit(stated, nutrient, words.shares.get(plain(name), 1.0), book)
    in_mass = unit_key(stated["u"]) not in words.own_units[nutrient]
    return UNSTATED if in_mass and amount.low > most_of(nutrient, book) else amount


def _in_unit(match: re.Match[str], nutrient: str, share: float, book: RuleBook) -> Interval:
    factor = book.products.nutrients[nutrient].units.get(unit_key(match["u"]))
    return UNSTATED if factor is None else _stated(match, factor * share)


def _stated(match: re.Match[str], factor: float) -> Interval:
    """The amount that a text states; a point before three digits may be a decimal or stand for thousands."""
    low = tidy(number_of(match["n"], "") * factor)
    if re.fullmatch(r"\d{1,3}\.\d{3}", match["n"]):
        return Interval(low, tidy(low * 1000))
    return point(low)


def intent_of_text(text: str, book: RuleBook) -> str:
    """What a text says that a product is taken for; where several are named the first of the file, else ''."""
    return next((intent for intent, pattern in text_words(book).intents.items() if pattern.search(text)), "")


def intent_in_dosage(text: str, book: RuleBook) -> str:
    """The word of a dosage that says what a product is taken for, else ''."""
    match = text_words(book).in_a_dosage.search(text)
    return match["word"] if match else ""
