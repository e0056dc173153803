"""A medicine's concept -> what it holds; contents and schedule -> the amount of each nutrient a day and an intake."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.dosage import USUAL_UNITS, Dose, Schedule
from cds.intake.product_text import calcium_of_text, contents_of_text, element, intent_of_text, salt_or_element
from cds.intake.record import Json
from cds.intake.vocabulary import codings, texts
from cds.quantity import Interval, point, tidy, unit_key
from cds.rulebook.lines import PREFIX_SYSTEMS
from cds.rulebook.model import Contents, Frozen, RuleBook
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED

Amounts = dict[str, tuple[Interval, Interval]]
"""Per nutrient: the amount of a day, and of one intake."""


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
    """The contents of a Medication by its coded ingredients and their strength per dose form."""
    amounts: dict[str, Interval] = {}
    salt, intent = "", "supplement"
    for item in ingredients:
        concept = item.get("itemCodeableConcept")
        substance = _best(_coded(concept, book)) or next(
            (found for text in texts(concept) if (found := contents_of_text(text, book))), None
        )
        if substance is None:
            continue
        strength = _strength(item.get("strength"))
        for nutrient in substance.nutrients:
            amounts[nutrient] = _mass(strength, substance, nutrient, book) if strength else UNSTATED
        if "calcium" in substance.nutrients:
            salt, intent = substance.salt, substance.intent
    return Contents("ingredients", tuple(amounts), salt, intent, Frozen(amounts)) if amounts else None


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
            amounts["calcium"] = found[0]
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


def amounts_of(product: Product, plan: list[Schedule], book: RuleBook) -> tuple[Amounts, bool]:
    """The amount of each nutrient a day and an intake over all schedules, and whether something was not clear."""
    contents = product.contents
    total: Amounts = {}
    unclear = not plan
    for schedule in plan or [Schedule(None, None, False, None, (None, None), False)]:
        for nutrient in contents.nutrients:
            daily, single, vague = _scheduled(schedule, contents, nutrient, book)
            unclear = unclear or vague or daily.high == math.inf
            before = total.get(nutrient, (point(0), point(0)))
            largest = Interval(max(before[1].low, single.low), max(before[1].high, single.high))
            total[nutrient] = before[0].plus(daily), largest
    return total, unclear


def _scheduled(s: Schedule, contents: Contents, nutrient: str, book: RuleBook) -> tuple[Interval, Interval, bool]:
    """Amount of a day and of an intake of one schedule; True when a default range had to be used."""
    per_day = s.per_day or _usual_intakes(nutrient, s.dose)
    dose = s.dose or Dose(_usual_dose(s.per_day), "")
    single = _amount(dose, contents, nutrient, book)
    daily = single.across(per_day)
    vague = s.per_day is None or s.dose is None or dose.unit == "?"
    if s.as_needed:
        high = _amount(s.most, contents, nutrient, book).high if s.most else daily.high
        if s.most is None and s.per_day is None:
            high = single.high * USUAL_UNITS.high * (2 if contents.intent == "antacid" else 1)
        return Interval(0, high), single, vague
    return daily, single, vague


def _usual_intakes(nutrient: str, dose: Dose | None) -> Interval:
    """Intakes a day when the frequency is not stated: calcium 1 to 4 units a day, vitamin D from none (weekly)."""
    if nutrient == "calcium":
        units = dose.number.low if dose is not None and dose.unit == "" and dose.number.low >= 1 else 1
        return Interval(1, max(1.0, USUAL_UNITS.high / units))
    return Interval(0, USUAL_UNITS.high) if nutrient == "vitamin D" else Interval(0, float("inf"))


def _usual_dose(per_day: Interval | None) -> Interval:
    """Units an intake when they are not stated."""
    if per_day is None or per_day.low <= 0:
        return point(1)
    return Interval(1, max(1.0, USUAL_UNITS.high / per_day.low))


def _amount(dose: Dose, contents: Contents, nutrient: str, book: RuleBook) -> Interval:
    """How much of a nutrient one dose holds."""
    unit_amount = contents.amounts.get(nutrient)
    if dose.unit in ("", "?"):
        units = dose.number if dose.unit == "" else _unstated_units(dose.number)
        return units.across(unit_amount) if unit_amount is not None else UNSTATED
    if dose.unit == "ml":
        size = float(contents.measure.split()[0]) if contents.measure.lower().endswith("ml") else 0
        return dose.number.times(1 / size).across(unit_amount) if size and unit_amount else UNSTATED
    if unit_amount is None or unit_amount == UNSTATED:
        return _mass(dose, contents, nutrient, book)
    if nutrient != "calcium" and (count := _units_of_mass(dose, contents)) is not None:
        return count.across(unit_amount)
    if contents.strength is None or nutrient != "calcium":
        return _mass(dose, contents, nutrient, book)
    return _of_strength(dose, contents, unit_amount)


def _units_of_mass(dose: Dose, contents: Contents) -> Interval | None:
    """How many units a mass of a combination product is: by its calcium, or by the salt where its label names that."""
    factor, calcium = NUTRIENTS["calcium"].get(dose.unit), contents.amounts.get("calcium")
    if factor is None or calcium is None or calcium == UNSTATED or not calcium.low:
        return None
    mass = dose.number.times(factor)
    counts = [mass.high / calcium.low, mass.low / calcium.high]
    if contents.strength:
        counts += [mass.high / contents.strength, mass.low / contents.strength]
    return point(1.0) if 1.0 in counts else Interval(tidy(min(counts)), tidy(max(counts)))


def _unstated_units(number: Interval) -> Interval:
    """A number without a unit: between one dose form and that many."""
    return Interval(min(1.0, number.low), max(1.0, number.high)) if number.high > 0 else number


def _of_strength(dose: Dose, contents: Contents, unit_amount: Interval) -> Interval:
    """A mass of a product whose label names the salt: whole units where it is the one or the other mass."""
    strength = contents.strength or 0
    factor = NUTRIENTS["calcium"].get(dose.unit)
    if factor is None or not strength:
        return UNSTATED
    mass = dose.number.times(factor)
    if mass == point(strength) or mass == unit_amount:
        return unit_amount
    share = unit_amount.low / strength
    return Interval(tidy(mass.low * share), max(mass.high, tidy(mass.high * unit_amount.high / strength)))


def _is_of_units(mass: Interval, unit: Interval | None) -> bool:
    """Whether a mass is so many times the element that one unit is known to hold."""
    if unit is None or not unit.is_point or not unit.low:
        return False
    return all(tidy(end / unit.low).is_integer() for end in (mass.low, mass.high))


def _mass(dose: Dose, contents: Contents, nutrient: str, book: RuleBook) -> Interval:
    """The nutrient in a mass (or IU, mmol) of a substance or of a product named by its element."""
    factor = NUTRIENTS[nutrient].get(dose.unit)
    if factor is None:
        return UNSTATED
    mass = dose.number.times(factor)
    if dose.unit in ("mmol", "meq"):
        return mass
    if nutrient != "calcium":
        return mass.times(contents.fractions.get(nutrient, 1.0))
    if _is_of_units(mass, contents.amounts.get("calcium")):
        return mass
    salt = book.products.salts.get(contents.salt)
    ends = [salt_or_element(m, salt) if salt else element(m, book.products) for m in (mass.low, mass.high)]
    return Interval(ends[0].low, ends[1].high)
