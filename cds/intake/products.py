"""A medicine's concept and ingredients -> what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.another_medicine import product_texts
from cds.intake.coded_contents import best, coded_contents, is_excluded, product_codes
from cds.intake.elements import Json
from cds.intake.ingredients import of_ingredients
from cds.intake.product_text import contents_of_text, intent_of_text
from cds.intake.salts import calcium_of_text
from cds.rulebook.model import Contents, Frozen, RuleBook


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
    contents = coded or of_ingredients(ingredients, book)
    by_name = contents is None
    if contents is None:
        contents = next((found for text in words if (found := contents_of_text(text, book))), None)
    else:
        is_product = coded is not None and bool(coded.amounts)
        contents = _completed(contents, words, book, is_product=is_product)
    if contents is None:
        return None
    intent = next((i for text in (*reasons, *words) if (i := intent_of_text(text, book))), "")
    if intent and "calcium" in contents.nutrients and contents.intent == "supplement":
        contents = contents._replace(intent=intent)
    return Product(contents, _key(concept, contents, words), by_name, product_codes(concept, book))


def _completed(contents: Contents, words: list[str], book: RuleBook, *, is_product: bool) -> Contents:
    """A substance takes from the text its strength and what else it holds; of a product the code knows all.

    But a calcium product takes vitamin K from it (INT-09).
    """
    amounts = dict(contents.amounts)
    for text in words:
        lacks = "calcium" in contents.nutrients and "calcium" not in amounts
        if lacks and (found := calcium_of_text(text, book)) is not None:
            amounts["calcium"] = found.amount
        stated = contents_of_text(text, book)
        for nutrient, amount in stated.amounts.items() if stated else ():
            vitamin_k = "calcium" in contents.nutrients and nutrient == "vitamin K"
            if nutrient in contents.nutrients or vitamin_k or not is_product:
                amounts.setdefault(nutrient, amount)
        if stated and "calcium" in stated.nutrients and "calcium" not in contents.nutrients and not is_product:
            contents = contents._replace(salt=stated.salt, intent=stated.intent)
    return contents._replace(amounts=Frozen(amounts), nutrients=tuple(dict.fromkeys((*contents.nutrients, *amounts))))


def _key(concept: Any, contents: Contents, words: list[str]) -> str:
    """What makes two records the same product: its product code, else its text."""
    if contents.strength is not None or contents.measure or (contents.amounts and not words):
        return contents.name
    return " ".join(words[:1]).lower() or contents.name
