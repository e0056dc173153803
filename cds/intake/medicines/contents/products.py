"""A medicine's concept and ingredients -> what one dose form, or one millilitre, of it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

from cds.intake.medicines.contents.product_text import contents_of_text, intent_of_text
from cds.intake.medicines.contents.salts import ROUNDING, together
from cds.intake.medicines.contents.whole_label import element_of_label
from cds.intake.medicines.dosages.amounts import PER_ML, mass_of
from cds.intake.medicines.names.label_writing import unit_written
from cds.intake.medicines.names.medicine_names import best, coded_contents, is_excluded, product_codes, product_texts
from cds.intake.sigs.dose import Dose
from cds.jsontypes import Json
from cds.quantity import Interval, point, unit_key
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Contents, Frozen, RuleBook

VOLUMES = {"ml": 1.0, "l": 1000.0, "dl": 100.0, "cl": 10.0}
MASSES = frozenset({"mg", "g", "kg", "ug", "ng"})


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
    contents = coded if coded and coded.amounts else _of_parts(coded, of_ingredients(ingredients, book), book)
    by_name = contents is None
    if contents is None:
        contents = next((found for text in words if (found := contents_of_text(text, book))), None)
    else:
        is_product = coded is not None and bool(coded.amounts)
        contents = _completed(contents, words, book, is_product=is_product)
    if contents is None:
        return None
    intent = next((i for text in (*reasons, *words) if (i := intent_of_text(text, book))), "")
    if intent and book.products.main.name in contents.nutrients and contents.intent == book.products.usual_intent:
        contents = contents._replace(intent=intent)
    return Product(contents, _key(concept, contents, words), by_name, product_codes(concept, book))


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

    But a product with the main nutrient takes from it what products.yaml says to read beside a code.
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
    amounts = {**contents.amounts, **amounts}
    return contents._replace(amounts=Frozen(amounts), nutrients=tuple(dict.fromkeys((*contents.nutrients, *amounts))))


def _stated(contents: Contents) -> dict[str, Interval]:
    return {nutrient: amount for nutrient, amount in contents.amounts.items() if amount != UNSTATED}


def _key(concept: Any, contents: Contents, words: list[str]) -> str:
    """What makes two records the same product: its product code, else its text."""
    if contents.strength is not None or contents.measure or (contents.amounts and not words):
        return contents.name
    return " ".join(words[:1]).lower() or contents.name


class IngredientAmount(NamedTuple):
    """What one ingredient brings of a nutrient; ``liquid``: in a millilitre, not in a dose form."""

    substance: Contents
    nutrient: str
    amount: Interval
    liquid: bool


def of_ingredients(ingredients: Iterable[Json], book: RuleBook) -> Contents | None:
    """The contents of a Medication by its active ingredients and their strengths, added up."""
    found = [held for item in ingredients for held in _brought(item, book)]
    if not found:
        return None
    liquids = {held.liquid for held in found if held.amount != UNSTATED}
    if len(liquids) > 1:
        found = [held._replace(amount=UNSTATED) for held in found]
    main, usual = book.products.main.name, book.products.usual_intent
    of_main = [held for held in found if held.nutrient == main]
    others = dict.fromkeys(held.nutrient for held in found)
    amounts = {nutrient: _total([h for h in found if h.nutrient == nutrient], main) for nutrient in others}
    intent = next((h.substance.intent for h in of_main if h.substance.intent != usual), usual)
    salt = _salt_of(of_main, main)
    return Contents("ingredients", tuple(amounts), salt, intent, Frozen(amounts), measure=PER_ML * (liquids == {True}))


def is_active(item: Json) -> bool:
    """Whether an ingredient may act: all but those that are said not to."""
    return item.get("isActive") is not False


def substance_of(item: Json, book: RuleBook) -> Contents | None:
    """What an active ingredient is, by code, else by text; None where it holds no nutrient."""
    concept = item.get("itemCodeableConcept")
    named = (found for text in product_texts(concept, book) if (found := contents_of_text(text, book)))
    return best(coded_contents(concept, book)) or next(named, None)


def _brought(item: Json, book: RuleBook) -> list[IngredientAmount]:
    substance = substance_of(item, book) if is_active(item) else None
    if substance is None:
        return []
    stated = item.get("strength")
    dose, volume = _strength(stated)
    if dose is None:
        amounts = {n: UNSTATED if stated else substance.amounts.get(n, UNSTATED) for n in substance.nutrients}
    else:
        amounts = {n: mass_of(dose, substance, n, book).times(1 / (volume or 1)) for n in substance.nutrients}
    return [IngredientAmount(substance, nutrient, amount, volume is not None) for nutrient, amount in amounts.items()]


def _total(held: Sequence[IngredientAmount], main: str) -> Interval:
    """The sum; a main nutrient that is listed as its salt and again as the element is one, where the two agree.

    Where they do not agree, the element may be that of the salt or more: at least the larger one, at most both.
    """
    elements, salts = _apart(held, main)
    if not elements or not salts:
        return reduce(Interval.plus, elements or salts)
    element, salt = reduce(Interval.plus, elements), reduce(Interval.plus, salts)
    return element if _agree(element, salt) else Interval(max(element.low, salt.low), element.high + salt.high)


def _apart(held: Sequence[IngredientAmount], main: str) -> tuple[list[Interval], list[Interval]]:
    """The amounts of the main nutrient without a salt, and all others."""
    plain = [h.nutrient == main and h.substance.salt in ("", UNSPECIFIED) for h in held]
    pairs = list(zip(held, plain, strict=True))
    return [h.amount for h, is_plain in pairs if is_plain], [h.amount for h, is_plain in pairs if not is_plain]


def _agree(element: Interval, salt: Interval) -> bool:
    """Whether an element is the share that a mass of the salt has."""
    return element.is_point and abs(element.low - salt.low) <= ROUNDING * element.low


def _salt_of(held: Sequence[IngredientAmount], main: str) -> str:
    """The salts by their names; the element beside them has none of its own where it is theirs."""
    elements, salts = _apart(held, main)
    theirs = elements and salts and _agree(reduce(Interval.plus, elements), reduce(Interval.plus, salts))
    named = [h.substance.salt for h in held if not theirs or h.substance.salt not in ("", UNSPECIFIED)]
    return together(named)


def _strength(ratio: Any) -> tuple[Dose | None, float | None]:
    """The mass in one dose form, or in so many millilitres; None where it is of neither."""
    top = ratio.get("numerator") if isinstance(ratio, dict) else None
    if not isinstance(top, dict):
        return None, None
    number, unit = top.get("value"), top.get("code") or top.get("unit")
    bottom = ratio.get("denominator")
    stated: Json = bottom if isinstance(bottom, dict) else {}
    per, of = stated.get("value", 1), unit_key(str(stated.get("code") or stated.get("unit") or "1"))
    if not isinstance(number, (int, float)) or not isinstance(per, (int, float)) or not per or not unit or of in MASSES:
        return None, None
    if of in VOLUMES:
        return Dose(point(float(number)), unit_key(unit_written(str(unit)))), per * VOLUMES[of]
    return Dose(point(number / per), unit_key(unit_written(str(unit)))), None
