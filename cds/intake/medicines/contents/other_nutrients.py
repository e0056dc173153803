"""The other nutrients that a text names beside the main one, each with its amount in one dose form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.medicines.contents.label_amounts import amounts_by_unit, lone_amounts, read_number
from cds.intake.medicines.contents.masses import most_of
from cds.intake.medicines.names.label_words import label_words
from cds.intake.terminology.word_patterns import any_of, names_pattern
from cds.quantity import Interval, unit_key
from cds.rulebook.model import UNSTATED, Contents, Frozen, Nutrient, ProductBook, RuleBook

_AFTER = r" ?(?P<n>\d[\d,]{0,6}(?:\.\d+)?) ?(?P<u>iu|unt|units?|mcg|ug|mg|g)\b"
_LIST_ITEM = re.compile(_AFTER, re.I)
_NEXT = re.sub(r"\?P<\w>", "?:", _AFTER)
_LISTED = re.compile(rf"{_AFTER}(?:\s*(?:\([^)]*\)\s*)?[/-]\s*{_NEXT})+", re.I)
"""Amounts one after another behind the names of several parts, in whatever order."""


class NutrientWords(NamedTuple):
    """How the texts of labels name nutrients and state their amounts.

    ``elements`` finds an amount of those that are elements, ``elemental`` one that is said to be that. ``own_units``
    are the units that no other nutrient is counted in, ``shares`` what a mass of a substance counts for. ``element`` is
    that of the main nutrient.
    """

    nutrients: dict[str, re.Pattern[str]]
    amounts: dict[str, re.Pattern[str]]
    elements: dict[str, re.Pattern[str]]
    elemental: dict[str, tuple[re.Pattern[str], ...]]
    own_units: dict[str, frozenset[str]]
    shares: dict[str, float]
    element: re.Pattern[str]


@lru_cache(maxsize=8)
def _nutrient_words(book: RuleBook) -> NutrientWords:
    """The patterns of a rulebook."""
    products: ProductBook = book.products
    nutrients = {name: nutrient.words for name, nutrient in products.nutrients.items() if nutrient.words}
    return NutrientWords(
        nutrients={name: names_pattern(words) for name, words in nutrients.items()},
        amounts={name: re.compile(names_pattern(words).pattern + _AFTER, re.I) for name, words in nutrients.items()},
        elements={one.name: _element_stated(one) for one in products.nutrients.values() if one.element},
        elemental={one.name: _said_elemental(one) for one in products.nutrients.values() if one.element},
        own_units=_own_units(products),
        shares=_shares(products),
        element=re.compile(label_words(book).element, re.I),
    )


def _element_stated(nutrient: Nutrient) -> re.Pattern[str]:
    """An amount of the element, behind which no salt stands."""
    return re.compile(rf"{_AFTER.lstrip(' ?')} (?:of )?(?:elemental )?(?:{any_of(nutrient.element)})(?=\)|$)", re.I)


def _said_elemental(nutrient: Nutrient) -> tuple[re.Pattern[str], ...]:
    """An amount that is said to be elemental: ``elemental magnesium 351 mg``, ``magnesium 100 mg elemental``."""
    element = f"(?:{any_of(nutrient.element)})"
    before, behind = rf"\belemental {element} ?[:=(]?{_AFTER}", rf"\b{element}\b\D{{0,20}}?{_AFTER} \(?elemental\b"
    return re.compile(before, re.I), re.compile(behind, re.I)


def _own_units(products: ProductBook) -> dict[str, frozenset[str]]:
    """The units in which each nutrient is counted and no other one: an amount in one of them can be of it alone."""
    of = {name: frozenset(nutrient.units) for name, nutrient in products.nutrients.items()}
    others = {name: frozenset().union(*(units for other, units in of.items() if other != name)) for name in of}
    return {name: units - others[name] for name, units in of.items()}


def _shares(products: ProductBook) -> dict[str, float]:
    """What one mass unit of a substance counts for: magnesium oxide 0.603, methylprednisolone 1.25."""
    return {
        plain(contents.name): share
        for contents in products.coded.values()
        for nutrient, share in contents.fractions.items()
        if nutrient != products.main.name
    }


def nutrients_beside(text: str, brand: Contents, book: RuleBook, *, is_of_main: bool) -> dict[str, Interval]:
    """The other nutrients of a text and of its brand, each with what the text states of it, or UNSTATED."""
    found, main, known = _named(text, book), book.products.main, book.products.nutrients
    if is_of_main:
        found = {**dict.fromkeys(_said_by_unit(text, book), UNSTATED), **found}
    held = [name for name in brand.nutrients if known[name].unit != main.unit]
    named = dict.fromkeys((*found, *held, *([main.name] if is_of_main else [])))
    lone = lone_amounts(text, [known[name] for name in named])
    lone = {name: amount.times(_share(text, name, book)) for name, amount in lone.items()} | _elements(text, book)
    stated = {name: found.get(name, UNSTATED) for name in (*found, *lone) if name in found or name != main.name}
    return {name: lone.get(name, UNSTATED) if amount == UNSTATED else amount for name, amount in stated.items()}


def _elements(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that are elements, where a text states the element: ``400 mg (241.3 mg magnesium)``."""
    found = ((name, pattern.search(text)) for name, pattern in _nutrient_words(book).elements.items())
    return {name: _in_unit(match, name, 1.0, book) for name, match in found if match}


def _said_by_unit(text: str, book: RuleBook) -> list[str]:
    """The nutrients in whose own unit, which no other one has, a text states an amount beside the main one."""
    stated = amounts_by_unit(text)
    return [name for name, one in book.products.nutrients.items() if one.unit.strip("[]").lower() == "iu" in stated]


def _share(text: str, nutrient: str, book: RuleBook) -> float:
    """What one mass unit of the substance counts for by whose name a text says the nutrient."""
    words = _nutrient_words(book)
    match = words.nutrients[nutrient].search(text) if nutrient in words.nutrients else None
    return words.shares.get(plain(match[0]), 1.0) if match else 1.0


def shares_in(text: str, nutrients: Iterable[str], book: RuleBook) -> Frozen[str, float]:
    """What one mass unit of each substance of a text counts for, where it is not that of the nutrient itself.

    Without it a dose of 4 mg of dexamethasone would be 4 mg of prednisone, and that of hydrocortisone too.
    """
    found = {nutrient: _share(text, nutrient, book) for nutrient in nutrients if nutrient != book.products.main.name}
    return Frozen({nutrient: share for nutrient, share in found.items() if share != 1.0})


def _named(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that the text names, each with its amount in one dose form or UNSTATED."""
    found = _nutrient_words(book).nutrients.items()
    named = {nutrient: match[0] for nutrient, pattern in found if (match := pattern.search(text))}
    alone = len(named) == 1 and not _nutrient_words(book).element.search(text)
    return {nutrient: _amount_in(text, nutrient, name, book, alone=alone) for nutrient, name in named.items()}


def _amount_in(text: str, nutrient: str, name: str, book: RuleBook, *, alone: bool) -> Interval:
    """The amount behind a nutrient; of a list of amounts behind several names (500mg/800IU) that in its own unit.

    A mass beyond what is plausible in a day is that of another part.
    """
    words = _nutrient_words(book)
    for pattern in words.elemental.get(nutrient, ()):
        if said := pattern.search(text):
            return _in_unit(said, nutrient, 1.0, book)
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
