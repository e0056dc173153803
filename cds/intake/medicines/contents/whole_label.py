"""The element of a product by everything that its text says: forms that name it first, then what stands elsewhere.

``calcium carbonate-vitamin D3 600 mg(1,500 mg)-400 unit``: of two masses one is the salt and one the element where
they have its share. A lone mass is that of the product where nothing else stands in the text that it could belong to.
"""

from __future__ import annotations

from cds.intake.medicines.contents.element_text import Element, element_of_text, element_without_a_salt
from cds.intake.medicines.contents.label_amounts import amounts_by_unit
from cds.intake.medicines.contents.salts import ROUNDING, element, salts_of, salts_or_element
from cds.intake.medicines.names.brand_names import without_brands
from cds.intake.medicines.names.element_named import element_named, words_not_known
from cds.intake.medicines.names.label_words import label_words
from cds.quantity import PRESENT, Interval, point
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Nutrient, RuleBook


def element_of_label(text: str, book: RuleBook) -> Element | None:
    """The element of one dose form and its salts; of an unknown amount where it is only one of the parts."""
    stated = element_of_text(text, book)
    if stated is None:
        if element_named(text, book) is not PRESENT:
            return None
        stated = Element(UNSTATED, UNSPECIFIED)
    amount = _as_printed if stated.amount.is_point else _narrower
    return stated._replace(amount=amount(stated, text, book))


def nutrients_named(text: str, book: RuleBook) -> list[Nutrient]:
    """The nutrients whose names stand in a text, but the main one."""
    main = book.products.main
    found = {match[0].lower() for match in label_words(book).nutrients.finditer(text)}
    return [
        one
        for one in book.products.nutrients.values()
        if one.name != main.name and any(_is_name_of(name, one) for name in found)
    ]


def _is_name_of(name: str, nutrient: Nutrient) -> bool:
    return " ".join(name.replace("-", " ").split()) in {word.replace("-", " ") for word in nutrient.words}


def masses_of_main(text: str, book: RuleBook) -> list[float]:
    """The masses of a text, in the unit of the main nutrient; none where another nutrient of the text has such too."""
    main = book.products.main
    if any(one.unit == main.unit for one in nutrients_named(text, book)):
        return []
    return [mass.low * main.milligram for mass in amounts_by_unit(text).get("mg", [])]


def _as_printed(stated: Element, text: str, book: RuleBook) -> Interval:
    """The element that a text prints beside its salt where the two agree: ``carbonate 1250 mg (500 mg calcium)``."""
    beside, computed = element_without_a_salt(text, book), stated.amount
    if beside is None or not beside.is_point or abs(beside.low - computed.low) > ROUNDING * computed.low:
        return computed
    return beside


def _narrower(stated: Element, text: str, book: RuleBook) -> Interval:
    beside = element_without_a_salt(text, book)
    if beside is not None and (beside.is_point or stated.amount == UNSTATED) and _is_within(beside, stated.amount):
        return beside
    masses = masses_of_main(text, book)
    if len(masses) == 2 and (pair := _element_of_pair(masses, stated.salt, book)) is not None:
        return point(pair)
    if stated.amount == UNSTATED and len(masses) == 1 and not words_not_known(without_brands(text, book), book):
        named = [salt.name for salt in salts_of(stated.salt, book.products)]
        return salts_or_element(masses[0], named, book.products) if named else element(masses[0], book.products)
    return stated.amount


def _is_within(inner: Interval, outer: Interval) -> bool:
    return outer.low * (1 - ROUNDING) <= inner.low and inner.high <= outer.high


def _element_of_pair(masses: list[float], salt: str, book: RuleBook) -> float | None:
    """The smaller of two masses where it is the element of the larger one, by the share of the only salt."""
    names = salt if salt not in ("", UNSPECIFIED) else book.products.main.may_be
    known = salts_of(names, book.products)
    less, more = sorted(masses)
    agree = len(known) == 1 and abs(less - more * known[0].fraction) <= ROUNDING * less
    return less if agree else None
