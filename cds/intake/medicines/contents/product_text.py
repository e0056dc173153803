"""What free text says about a product: a last resort, read by fixed patterns and the words of products.yaml.

A strength that could be salt or element becomes an interval. Text beyond 200 characters is not read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.medicines.contents.label_amounts import (
    amounts_by_unit,
    lone_amounts,
    narrowed,
    of_brand,
    read_number,
    volume_of,
)
from cds.intake.medicines.contents.salts import salts_of
from cds.intake.medicines.contents.whole_label import element_of_label, masses_of_main
from cds.intake.medicines.dosages.amounts import most_of
from cds.intake.medicines.names.brand_names import brand_of
from cds.intake.medicines.names.label_words import label_words
from cds.intake.medicines.names.medicine_names import is_about_an_allergy, minerals_named, spelled_out
from cds.intake.vocabulary import any_of, names_pattern, words_pattern
from cds.quantity import Interval, unit_key
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Contents, Frozen, Nutrient, ProductBook, RuleBook

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

    nutrients: dict[str, re.Pattern[str]]
    amounts: dict[str, re.Pattern[str]]
    elements: dict[str, re.Pattern[str]]
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
        nutrients={name: names_pattern(words) for name, words in nutrients.items()},
        amounts={name: re.compile(names_pattern(words).pattern + _AFTER, re.I) for name, words in nutrients.items()},
        elements={one.name: _element_stated(one) for one in products.nutrients.values() if one.element},
        own_units=_own_units(products),
        shares=_shares(products),
        element=re.compile(label_words(book).element, re.I),
        intents={intent.name: words_pattern(intent.words) for intent in products.intents.values()},
        in_a_dosage=re.compile(rf"{_AS}(?P<word>{any_of(dosage)})\b", re.I),
        intent_of_salt=_intent_of_salt(products),
    )


def _element_stated(nutrient: Nutrient) -> re.Pattern[str]:
    """An amount of the element, behind which no salt stands."""
    return re.compile(rf"{_AFTER.lstrip(' ?')} (?:of )?(?:elemental )?(?:{any_of(nutrient.element)})(?=\)|$)", re.I)


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
    text, brand = spelled_out(text, book), brand_of(text, book)
    amounts, salt, intent = (dict(brand.amounts), brand.salt, brand.intent) if brand else ({}, "", _usual(book))
    found = None if _INJECTED.search(text) else element_of_label(text, book)
    main = book.products.main.name
    if brand and main in amounts and (found is None or found.amount == UNSTATED):
        salts = salts_of(brand.salt, book.products)
        amounts[main] = of_brand(amounts[main], _masses(text, brand, book), salts, book.products.main)
    elif found is not None:
        amounts[main] = narrowed(amounts.get(main), found.amount)
    if found is not None and found.salt and (found.salt != UNSPECIFIED or not salt):
        salt = found.salt
    for nutrient, amount in _others(text, brand, book, is_of_main=main in amounts).items():
        amounts[nutrient] = narrowed(amounts.get(nutrient), amount)
    for nutrient in minerals_named(text, book):
        amounts.setdefault(nutrient, UNSTATED)
    if not amounts:
        return None
    is_one_unit = brand is not None and all(amount.is_point for amount in brand.amounts.values())
    measure = "" if is_one_unit else volume_of(text)
    return Contents(text, tuple(amounts), salt, _intent(salt, intent, book), Frozen(amounts), measure=measure)


def _usual(book: RuleBook) -> str:
    return book.products.usual_intent


def _intent(salt: str, intent: str, book: RuleBook) -> str:
    """What a product is for, where its salts are always for one thing: that."""
    always = {text_words(book).intent_of_salt.get(name) for name in salt.split(", ")}
    return (len(always) == 1 and always.pop()) or intent


def _masses(text: str, brand: Contents, book: RuleBook) -> list[float]:
    """The masses beside the name of a brand; none where another nutrient that it holds is stated in masses too."""
    main = book.products.main
    others = (book.products.nutrients[name] for name in brand.nutrients if name != main.name)
    return [] if any(one.unit == main.unit for one in others) else masses_of_main(text, book)


def _others(text: str, brand: Contents | None, book: RuleBook, *, is_of_main: bool) -> dict[str, Interval]:
    """The other nutrients of a text and of its brand, each with what the text states of it."""
    found, main, known = other_nutrients(text, book), book.products.main, book.products.nutrients
    if is_of_main:
        found = {**dict.fromkeys(_said_by_unit(text, book), UNSTATED), **found}
    held = [name for name in (brand.nutrients if brand else ()) if known[name].unit != main.unit]
    named = dict.fromkeys((*found, *held, *([main.name] if is_of_main else [])))
    lone = lone_amounts(text, [known[name] for name in named])
    lone = {name: amount.times(_share(text, name, book)) for name, amount in lone.items()} | _elements(text, book)
    stated = {name: found.get(name, UNSTATED) for name in (*found, *lone) if name in found or name != main.name}
    return {name: lone.get(name, UNSTATED) if amount == UNSTATED else amount for name, amount in stated.items()}


def _elements(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that are elements, where a text states the element: ``400 mg (241.3 mg magnesium)``."""
    found = ((name, pattern.search(text)) for name, pattern in text_words(book).elements.items())
    return {name: _in_unit(match, name, 1.0, book) for name, match in found if match}


def _said_by_unit(text: str, book: RuleBook) -> list[str]:
    """The nutrients in whose own unit, which no other one has, a text states an amount beside the main one."""
    stated = amounts_by_unit(text)
    return [name for name, one in book.products.nutrients.items() if one.unit.strip("[]").lower() == "iu" in stated]


def _share(text: str, nutrient: str, book: RuleBook) -> float:
    """What one mass unit of the substance counts for by whose name a text says the nutrient."""
    words = text_words(book)
    match = words.nutrients[nutrient].search(text) if nutrient in words.nutrients else None
    return words.shares.get(plain(match[0]), 1.0) if match else 1.0


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
    return UNSTATED if factor is None else read_number(match["n"]).times(factor * share)


def intent_of_text(text: str, book: RuleBook) -> str:
    """What a text says that a product is taken for; where several are named the first of the file, else ''."""
    return next((intent for intent, pattern in text_words(book).intents.items() if pattern.search(text)), "")


def intent_in_dosage(text: str, book: RuleBook) -> str:
    """The word of a dosage that says what a product is taken for, else ''."""
    match = text_words(book).in_a_dosage.search(text)
    return match["word"] if match else ""
