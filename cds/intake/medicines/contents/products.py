"""A medicine's concept and ingredients -> what one dose form, or one millilitre, of it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.medicines.contents.ingredients import of_ingredients
from cds.intake.medicines.contents.intents import intent_of_text
from cds.intake.medicines.contents.product_text import contents_of_text
from cds.intake.medicines.contents.whole_label import element_of_label
from cds.intake.medicines.names.medicine_codes import best, coded_contents, is_excluded, product_codes, product_texts
from cds.jsontypes import Json
from cds.quantity import Interval
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Contents, Frozen, RuleBook

_NO_SALT = ("", UNSPECIFIED)


class Product(NamedTuple):
    """A medicine that holds nutrients; ``key`` tells products apart, ``by_name`` says that only text named it.

    ``codes`` are those that stand for this product and no other one.
    """

    contents: Contents
    key: str
    by_name: bool
    codes: tuple[str, ...] = ()


def identify(concept: Any, ingredients: Iterable[Json], reasons: Iterable[str], book: RuleBook) -> Product | None:
    """The product that a concept names, by code, else by ingredient, else by text; None when it holds no nutrient."""
    words = product_texts(concept, book)
    coded = best(coded_contents(concept, book))
    if coded is None and is_excluded(concept, book):
        return None
    known = coded if coded and coded.amounts else _of_parts(coded, of_ingredients(ingredients, book), book)
    if known is None:
        contents = next((found for text in words if (found := contents_of_text(text, book))), None)
    else:
        contents = _completed(known, words, book, is_product=coded is not None and bool(coded.amounts))
    if contents is None:
        return None
    contents = _for_its_intent(contents, (*reasons, *words), book)
    return Product(contents, _key(concept, contents, words), known is None, product_codes(concept, book))


def _for_its_intent(contents: Contents, texts: Iterable[str], book: RuleBook) -> Contents:
    """The contents with what a text says that they are taken for, where nothing surer says it."""
    is_open = book.products.main.name in contents.nutrients and contents.intent == book.products.usual_intent
    intent = next((i for text in texts if (i := intent_of_text(text, book))), "") if is_open else ""
    return contents._replace(intent=intent) if intent else contents


def _of_parts(coded: Contents | None, parts: Contents | None, book: RuleBook) -> Contents | None:
    """The contents by the ingredients: a code of a substance or a class, without amounts, adds what they do not say."""
    if coded is None or parts is None:
        return coded or parts
    nutrients = tuple(dict.fromkeys((*coded.nutrients, *parts.nutrients)))
    intent = parts.intent if parts.intent != book.products.usual_intent else coded.intent
    has_main = book.products.main.name in parts.nutrients
    return parts._replace(nutrients=nutrients, intent=intent, salt=parts.salt if has_main else coded.salt)


def systemic_nutrients(contents: Contents, book: RuleBook) -> tuple[str, ...]:
    """The nutrients of a product that count by every route that reaches the body."""
    nutrients = book.products.nutrients
    return tuple(name for name in contents.nutrients if name in nutrients and nutrients[name].systemic)


def _completed(contents: Contents, words: list[str], book: RuleBook, *, is_product: bool) -> Contents:
    """A substance takes from the text its strength and what else it holds; of a product the code knows all.

    But a product with the main nutrient takes from it what products.yaml says to read beside a code, and the salt
    where the code names none.
    """
    main, amounts = book.products.main.name, _stated(contents)
    beside = {name for name, nutrient in book.products.nutrients.items() if nutrient.beside_a_code}
    for text in words:
        lacks = main in contents.nutrients and main not in amounts
        if lacks and (found := element_of_label(text, book)) is not None:
            amounts[main] = found.amount
        stated = contents_of_text(text, book)
        for nutrient, amount in stated.amounts.items() if stated else ():
            is_added = main in contents.nutrients and nutrient in beside
            if nutrient in contents.nutrients or is_added or not is_product:
                amounts.setdefault(nutrient, amount)
        if stated and main in stated.nutrients and main not in contents.nutrients and not is_product:
            contents = contents._replace(salt=stated.salt, intent=stated.intent)
        if stated and main in stated.nutrients and main in contents.nutrients and contents.salt in _NO_SALT:
            contents = contents._replace(salt=stated.salt or contents.salt)
    amounts = {**contents.amounts, **amounts}
    return contents._replace(amounts=Frozen(amounts), nutrients=tuple(dict.fromkeys((*contents.nutrients, *amounts))))


def _stated(contents: Contents) -> dict[str, Interval]:
    return {nutrient: amount for nutrient, amount in contents.amounts.items() if amount != UNSTATED}


def _key(concept: Any, contents: Contents, words: list[str]) -> str:
    """What makes two records the same product: its product code, else its text."""
    if contents.strength is not None or contents.measure or (contents.amounts and not words):
        return contents.name
    return " ".join(words[:1]).lower() or contents.name
