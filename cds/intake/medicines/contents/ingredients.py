"""The ingredients of a medicine and their strengths -> what one dose form, or one millilitre, of it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

from cds.intake.elements import codings, texts
from cds.intake.medicines.contents.masses import PER_ML, mass_of
from cds.intake.medicines.contents.product_text import contents_of_text
from cds.intake.medicines.contents.salts import ROUNDING, together
from cds.intake.medicines.names.label_writing import unit_written
from cds.intake.medicines.names.medicine_codes import best, coded_contents, product_texts
from cds.intake.numbers import number_of
from cds.intake.sigs.dose import Dose
from cds.jsontypes import Json
from cds.quantity import Interval, unit_key
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Contents, Frozen, RuleBook

VOLUMES = {"ml": 1.0, "l": 1000.0, "dl": 100.0, "cl": 10.0}
MASSES = frozenset({"mg", "g", "kg", "ug", "ng"})
NOT_ACTIVE = frozenset({"inactive", "excipient", "inactive ingredient"})
"""Roles of ingredients (``Ingredient.role`` of later releases) that say that they do not act."""


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
    """Whether an ingredient may act: all but those that are said not to, by ``isActive`` or by a role."""
    if item.get("isActive") in (False, "false"):
        return False
    role = item.get("role")
    said = [role] if isinstance(role, str) else [*texts(role), *(str(one.get("code")) for one in codings(role))]
    return not any(word.strip().lower() in NOT_ACTIVE for word in said)


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
    number, unit = number_of(top.get("value")), top.get("code") or top.get("unit")
    bottom = ratio.get("denominator")
    stated: Json = bottom if isinstance(bottom, dict) else {}
    count, of = number_of(stated.get("value", 1)), unit_key(str(stated.get("code") or stated.get("unit") or "1"))
    if number is None or count is None or not count.is_point or not count.low or not unit or of in MASSES:
        return None, None
    if of in VOLUMES:
        return Dose(number, unit_key(unit_written(str(unit)))), count.low * VOLUMES[of]
    return Dose(number.times(1 / count.low), unit_key(unit_written(str(unit)))), None
