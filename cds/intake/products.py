"""A medicine's concept and ingredients -> what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.amounts import mass_of
from cds.intake.dosage import Dose
from cds.intake.product_text import contents_of_text, intent_of_text
from cds.intake.record import Json
from cds.intake.salts import calcium_of_text, together
from cds.intake.vocabulary import codings, texts
from cds.quantity import Interval, point, unit_key
from cds.rulebook.lines import PREFIX_SYSTEMS
from cds.rulebook.model import Contents, Frozen, RuleBook
from cds.rulebook.nutrients import UNSTATED


class Product(NamedTuple):
    """A medicine that holds nutrients; ``key`` tells products apart, ``by_name`` says that only text named it."""

    contents: Contents
    key: str
    by_name: bool


def identify(concept: Any, ingredients: Iterable[Json], reasons: Iterable[str], book: RuleBook) -> Product | None:
    """The product that a concept names, by code, else by ingredient, else by text; None when it holds no nutrient."""
    words = texts(concept)
    coded = _best(_coded(concept, book))
    if coded is None and any((c.get("system"), c.get("code")) in book.products.excluded for c in codings(concept)):
        return None
    by_name = coded is None
    contents = coded or _of_ingredients(ingredients, book)
    if contents is None:
        contents = next((found for text in words if (found := contents_of_text(text, book))), None)
    else:
        by_name = False
        contents = _completed(contents, words, book)
    if contents is None:
        return None
    intent = next((i for text in (*reasons, *words) if (i := intent_of_text(text, book))), "")
    if intent and "calcium" in contents.nutrients and contents.intent == "supplement":
        contents = contents._replace(intent=intent)
    return Product(contents, _key(concept, contents, words), by_name)


def _coded(concept: Any, book: RuleBook) -> list[Contents]:
    found = []
    for coding in codings(concept):
        system, code = coding.get("system"), coding.get("code")
        if not isinstance(system, str) or not isinstance(code, str):
            continue
        contents = book.products.coded.get((system, code))
        if contents is None and system in PREFIX_SYSTEMS:
            shorter = (book.products.coded.get((system, code[:length])) for length in range(len(code) - 1, 2, -1))
            contents = next((c for c in shorter if c is not None), None)
        if contents is not None:
            found.append(contents)
    return found


def _best(found: list[Contents]) -> Contents | None:
    """The most telling of several codings: a product with amounts before a substance, a salt before none."""
    return max(found, key=lambda c: (bool(c.amounts), c.salt not in ("", "unspecified")), default=None)


def _of_ingredients(ingredients: Iterable[Json], book: RuleBook) -> Contents | None:
    """The contents of a Medication by its active ingredients and their strength per dose form, added up."""
    amounts: dict[str, Interval] = {}
    calcium: list[Contents] = []
    for item in ingredients:
        if (substance := _substance(item, book)) is None:
            continue
        for nutrient in substance.nutrients:
            amounts[nutrient] = amounts.get(nutrient, point(0)).plus(_held(item, substance, nutrient, book))
        if "calcium" in substance.nutrients:
            calcium.append(substance)
    if not amounts:
        return None
    intent = next((c.intent for c in calcium if c.intent != "supplement"), "supplement")
    return Contents("ingredients", tuple(amounts), together(c.salt for c in calcium), intent, Frozen(amounts))


def _substance(item: Json, book: RuleBook) -> Contents | None:
    """What an ingredient is, by code, else by text; None for an inactive one and for what holds no nutrient."""
    if item.get("isActive") is False:
        return None
    concept = item.get("itemCodeableConcept")
    named = (found for text in texts(concept) if (found := contents_of_text(text, book)))
    return _best(_coded(concept, book)) or next(named, None)


def _held(item: Json, substance: Contents, nutrient: str, book: RuleBook) -> Interval:
    """How much of a nutrient an ingredient brings: by its strength, else as its text says."""
    strength = _strength(item.get("strength"))
    return mass_of(strength, substance, nutrient, book) if strength else substance.amounts.get(nutrient, UNSTATED)


def _strength(ratio: Any) -> Dose | None:
    """Numerator over denominator, where the denominator counts dose forms."""
    if not isinstance(ratio, dict) or not isinstance(ratio.get("numerator"), dict):
        return None
    number, unit = ratio["numerator"].get("value"), ratio["numerator"].get("code") or ratio["numerator"].get("unit")
    bottom = ratio.get("denominator")
    per = bottom.get("value", 1) if isinstance(bottom, dict) else 1
    if not isinstance(number, (int, float)) or not isinstance(per, (int, float)) or not per or not unit:
        return None
    return Dose(point(number / per), unit_key(str(unit)))


def _completed(contents: Contents, words: list[str], book: RuleBook) -> Contents:
    """A substance takes its strength from the text; a calcium product takes vitamin K from it (INT-09)."""
    amounts = dict(contents.amounts)
    for text in words:
        lacks = "calcium" in contents.nutrients and "calcium" not in amounts
        if lacks and (found := calcium_of_text(text, book)) is not None:
            amounts["calcium"] = found.amount
        stated = contents_of_text(text, book)
        for nutrient, amount in stated.amounts.items() if stated else ():
            if nutrient in contents.nutrients or ("calcium" in contents.nutrients and nutrient == "vitamin K"):
                amounts.setdefault(nutrient, amount)
    return contents._replace(amounts=Frozen(amounts), nutrients=tuple(dict.fromkeys((*contents.nutrients, *amounts))))


def _key(concept: Any, contents: Contents, words: list[str]) -> str:
    """What makes two records the same product: its product code, else its text."""
    if contents.strength is not None or contents.measure or (contents.amounts and not words):
        return contents.name
    return " ".join(words[:1]).lower() or contents.name
