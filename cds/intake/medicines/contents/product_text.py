"""What free text says about a product: a last resort, read by fixed patterns and the words of products.yaml.

A strength that could be salt or element becomes an interval. Text beyond 200 characters is not read.
"""

from __future__ import annotations

import re

from cds.intake.medicines.contents.element_text import Element
from cds.intake.medicines.contents.intents import intent_of_salts
from cds.intake.medicines.contents.label_amounts import narrowed, of_brand, volume_of
from cds.intake.medicines.contents.other_nutrients import nutrients_beside, shares_in
from cds.intake.medicines.contents.salts import salts_of
from cds.intake.medicines.contents.whole_label import element_of_label, masses_of_main
from cds.intake.medicines.names.brand_names import brand_of
from cds.intake.medicines.names.element_named import is_about_an_allergy, minerals_named, spelled_out
from cds.intake.medicines.names.label_words import label_words
from cds.intake.terminology.denials import NOT_TAKEN
from cds.quantity import Interval
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Contents, Frozen, RuleBook

_INJECTED = re.compile(
    r"\b(?:inj(?:ection|ectable)?|iv|intravenous|topical|gel(?![ -]?(?:cap|tab))|cream|ointment)\b", re.I
)
_NO_BRAND = Contents("", ())


def contents_of_text(text: str, book: RuleBook) -> Contents | None:
    """What a product holds by its text; None when the text names no product of products.yaml."""
    if NOT_TAKEN.search(text) or is_about_an_allergy(text, book):
        return None
    text = spelled_out(text, book)
    found = None if _INJECTED.search(text) else element_of_label(text, book)
    brand = brand_of(text, book)
    known = brand or _NO_BRAND._replace(intent=book.products.usual_intent)
    if not (amounts := _amounts(text, known, found, book)):
        return None
    if book.products.main.name in amounts and label_words(book).in_a_pack.search(text):
        amounts = dict.fromkeys(amounts, UNSTATED)
    salt = known.salt
    if found is not None and found.salt and (found.salt != UNSPECIFIED or not salt):
        salt = found.salt
    is_one_unit = brand is not None and all(amount.is_point for amount in brand.amounts.values())
    intent = intent_of_salts(salt, known.intent, book)
    measure = known.measure or ("" if is_one_unit else volume_of(text))
    shares = shares_in(text, amounts, book)
    return Contents(text, tuple(amounts), salt, intent, Frozen(amounts), shares, measure=measure)


def _amounts(text: str, brand: Contents, found: Element | None, book: RuleBook) -> dict[str, Interval]:
    """The amounts of one dose form, by its brand and by what the text states of each nutrient."""
    amounts, main = dict(brand.amounts), book.products.main
    if main.name in amounts and (found is None or found.amount == UNSTATED):
        salts = salts_of(brand.salt, book.products)
        amounts[main.name] = of_brand(amounts[main.name], _masses(text, brand, book), salts, main)
    elif found is not None:
        amounts[main.name] = narrowed(amounts.get(main.name), found.amount)
    for nutrient, amount in nutrients_beside(text, brand, book, is_of_main=main.name in amounts).items():
        amounts[nutrient] = narrowed(amounts.get(nutrient), amount)
    for nutrient in minerals_named(text, book):
        amounts.setdefault(nutrient, UNSTATED)
    return amounts


def _masses(text: str, brand: Contents, book: RuleBook) -> list[float]:
    """The masses beside the name of a brand that are no part of it.

    None where another nutrient that it holds is stated in masses too.
    """
    main, in_its_name = book.products.main, set(brand.name.split())
    others = (book.products.nutrients[name] for name in brand.nutrients if name != main.name)
    if any(one.unit == main.unit for one in others):
        return []
    return [mass for mass in masses_of_main(text, book) if f"{mass / main.milligram:g}" not in in_its_name]
