"""The element in the text of a product: its salts by their names, and the element as far as it is known.

A strength that could be salt or element becomes an interval. Of several salts the amounts are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.medicines.contents.salts import element, salt_or_element, salts_or_element, together
from cds.intake.medicines.names.counter_ions import names_another_medicine, without_counter_ions
from cds.intake.medicines.names.label_words import NO_MATCH, label_words, salt_names
from cds.intake.terminology.word_patterns import any_of
from cds.quantity import Interval, point, tidy, unit_key
from cds.rulebook.model import UNSPECIFIED, UNSTATED, ProductBook, RuleBook

LABEL_MASSES = ("mg", "g", "gm", "mcg", "ug")
MICROGRAMS = frozenset({"mcg", "ug"})
VOLUMES_AND_COUNTS = ("ml", "l", "iu", "tab", "tabs", "tablets", "caps", "capsules", "st")
LEAST_OF_A_NAME = 400
"""A product that is called by a number alone, ``Calcium 600``, is called by so many milligrams or more."""
_JOIN = r"(?:\s*[/,&+-]\s*|\s+and\s+|\s+)"
_JOINED_BEFORE = re.compile(r"(?:[-/+&]|\b(?:plus|with|and)) ?$", re.I)
_MORE_AMOUNTS = re.compile(r" ?(?:\(\d+\))? ?[-/+] ?\d[\d.,]* ?(?:mg|g|gm)\b", re.I)
_ABOUT = r"content|weight|equivalent|equiv\.?|eq\.?|approx\.?|about|of|to|is"
_BEGINS = r"(?:^|[,;:(+/&]\s*|\b(?:and|with|plus|of|contains|containing) )"


class Element(NamedTuple):
    """The element (mg) of one dose form, and the salts, as the rule files name them: ``carbonate, citrate``."""

    amount: Interval
    salt: str


class ElementForms(NamedTuple):
    """The forms in which a text states the element: with salts, as a salt, and without one."""

    stated: re.Pattern[str]
    as_salt: re.Pattern[str]
    one: re.Pattern[str]
    elemental: re.Pattern[str]
    elemental_first: re.Pattern[str]
    amount_first: re.Pattern[str]
    with_another: re.Pattern[str]
    plain: re.Pattern[str]
    no_strength: re.Pattern[str]
    amount: re.Pattern[str]
    by_number: re.Pattern[str]
    salt_behind: re.Pattern[str]


def amount_pattern(products: ProductBook, suffix: str = "", *, without: Iterable[str] = ()) -> str:
    """A number and its unit: a mass, or what products.yaml says that labels state the main nutrient in."""
    units = [unit for unit in (*LABEL_MASSES, *products.main.label_units) if unit not in without]
    return rf"(?P<n{suffix}>\d{{1,4}}(?:[.,]\d{{1,3}})?) ?(?P<u{suffix}>{'|'.join(map(re.escape, units))})\b"


@lru_cache(maxsize=8)
def _forms(book: RuleBook) -> ElementForms:
    """The forms of a rulebook."""
    element, one = label_words(book).element, salt_names(book).pattern
    names = salt_names(book).salts
    several = rf"(?:{one})(?:{_JOIN}(?:{one}))*"
    before = any_of({name.split()[0] for name in names if " ".join(name.split()[1:]) in names})
    name = rf"(?:(?P<before>{before}) )?{element}[\s-]+(?P<salts>{several})(?!\w)"
    amount = amount_pattern(book.products)
    first, after = amount_pattern(book.products, "0", without=MICROGRAMS), amount_pattern(book.products, "2")
    as_salt = rf"{amount} \(?as (?:{element} )?(?P<salts>{several})"
    as_salt_first = rf"\(?as (?:{element} )?(?P<salts2>{several})\)? {after}"
    forms = book.products.labels.get("forms with a strength", ())
    others = any_of((*forms, *book.products.labels.get("other forms", ())))
    units = any_of((*LABEL_MASSES, *VOLUMES_AND_COUNTS, *book.products.main.label_units))
    return ElementForms(
        stated=re.compile(rf"(?:{_BEGINS}{first} (?:of )?|(?<!\w)){name}(?: {amount})?", re.I),
        as_salt=re.compile(rf"\b{element} (?:{as_salt}|{as_salt_first})", re.I),
        one=re.compile(one, re.I),
        elemental=re.compile(rf"\b{element}\b.{{0,40}}?{amount}{_elemental(book.products, f'(?: {element})?')}", re.I),
        elemental_first=re.compile(
            rf"\belemental {element}\s*[:(=]?\s*{amount}|{first}{_elemental(book.products, f' {element}')}\b", re.I
        ),
        amount_first=re.compile(rf"\b{amount} (?:of )?{element}\b", re.I),
        with_another=re.compile(_with_another(book.products), re.I),
        plain=re.compile(rf"\b{element} (?:(?:{any_of(forms)}) )?{amount}", re.I),
        no_strength=re.compile(rf"^{element}$|\b{element} (?:{others})", re.I),
        amount=re.compile(rf"\b{amount}", re.I),
        by_number=re.compile(rf"\b{element} (?P<n>\d{{3}})(?! ?[\d.,/%-]| ?(?:{units})(?!\w))", re.I),
        salt_behind=re.compile(rf"[\s-]+(?:{one})(?!\w)", re.I),
    )


def _elemental(products: ProductBook, element: str) -> str:
    """The word behind an amount; in brackets, and elsewhere, an amount may follow it and be the one that is meant.

    ``1250 mg (elemental 500 mg)``, ``500 mg elemental``, ``500 mg (of elemental calcium)``.
    """
    own = amount_pattern(products, "3", without=MICROGRAMS)
    any_mass = rf"\d ?(?:{'|'.join(LABEL_MASSES)})\b"
    behind = rf"{element}(?: (?:{_ABOUT}))* ?[:=~]? ?{own}"
    alone = rf"\((?:of )?elemental{element}(?![^()]*{any_mass})"
    return rf" ?(?:\(?(?:of )?elemental{behind}|(?:of )?elemental{element}|{alone})"


def _with_another(products: ProductBook) -> str:
    """The element beside a nutrient that labels call by its letter: ``calcium + vit. D3``, ``calc/D``."""
    names = "|".join(sorted(map(re.escape, (*products.main.element, *products.main.short_names)), key=len)[::-1])
    parts = []
    for nutrient in products.nutrients.values():
        own = {word.rpartition(" ")[0] for word in nutrient.words if word.endswith(f" {nutrient.letter}")}
        if nutrient.letter:
            number = f"[{''.join(nutrient.letter_numbers)}]?" * bool(nutrient.letter_numbers)
            whole = "|".join(sorted(map(re.escape, own), key=len)[::-1]) or NO_MATCH
            parts.append(rf"(?:(?:{whole})\.? ?)?{re.escape(nutrient.letter)}{number}\b")
    return rf"\b(?:{names or NO_MATCH}) ?(?:\+|/|with|and|plus) ?(?:{'|'.join(parts) or NO_MATCH})"


def element_of_text(text: str, book: RuleBook) -> Element | None:
    """The element of one dose form and its salts ('' when not named), as the text states them."""
    forms = _forms(book)
    text = without_counter_ions(text, book)
    named = list(_named(text, book))
    salt = together(part.salt for part in named)
    if elements := [point(_said_elemental(match, book.products)) for match in forms.elemental.finditer(text)]:
        each = len(elements) > 1 and len(elements) == len(salt.split(", "))
        return Element(reduce(Interval.plus, elements) if each else elements[0], salt)
    if first := forms.elemental_first.search(text):
        return Element(point(_said_elemental(first, book.products)), salt or UNSPECIFIED)
    if parts := list(_as_salts(text, book)) or named:
        return _added(parts)
    return None if names_another_medicine(text, book) else _without_a_salt(text, book)


def _said_elemental(match: re.Match[str], products: ProductBook) -> float:
    """The amount that is said to be elemental; of one before the word and one behind it the smaller, as in a salt."""
    found = match.groupdict()
    stated = [(found.get(f"n{end}"), found.get(f"u{end}")) for end in ("", "0", "3")]
    return min(_in_its_unit(number, unit, products) for number, unit in stated if number and unit)


def _named(text: str, book: RuleBook) -> Iterator[Element]:
    """``calcium carbonate 1250 mg``, ``500 mg calcium citrate``, ``calcium lactate gluconate``."""
    for match in _forms(book).stated.finditer(text):
        salts = _salts(match["salts"], book, match["before"] or "")
        number, unit = (match["n"], match["u"]) if match["n"] else (match["n0"], match["u0"])
        yield Element(_of_salts(number, unit, salts, book.products) if number else UNSTATED, together(salts))


def _of_salts(number: str, unit: str, salts: Sequence[str], products: ProductBook) -> Interval:
    """The element of an amount of salts: a mass may be theirs, an amount of substance is that of the element."""
    amount = _in_its_unit(number, unit, products)
    return point(amount) if unit.lower() in products.main.label_units else salts_or_element(amount, salts, products)


def _as_salts(text: str, book: RuleBook) -> Iterator[Element]:
    """``calcium 500 mg (as carbonate)``, ``calcium (as citrate) 250 mg``."""
    for match in _forms(book).as_salt.finditer(text):
        number, unit = (match["n"], match["u"]) if match["n"] else (match["n2"], match["u2"])
        salts = _salts(match["salts"] or match["salts2"], book)
        yield Element(point(_in_its_unit(number, unit, book.products)), together(salts))


def _salts(text: str, book: RuleBook, before: str = "") -> list[str]:
    """The salts that a list of names means."""
    names = salt_names(book).salts
    found = [plain(name).replace(",", "") for name in _forms(book).one.findall(text)]
    if before and f"{before.lower()} {found[0]}" in names:
        found[0] = f"{before.lower()} {found[0]}"
    return [names[name] for name in found]


def _added(parts: Iterable[Element]) -> Element:
    """The sum over different salts; a salt that is named twice is one, by the first amount that is stated."""
    amounts: dict[str, Interval] = {}
    for part in parts:
        if amounts.get(part.salt, UNSTATED) == UNSTATED:
            amounts[part.salt] = part.amount
    return Element(reduce(Interval.plus, amounts.values()), together(amounts))


def _without_a_salt(text: str, book: RuleBook) -> Element | None:
    forms = _forms(book)
    if match := forms.amount_first.search(text):
        return Element(_element_in(match, book.products), "")
    if forms.with_another.search(text):
        if (called := _by_number(text, book)) is not None:
            return Element(called, UNSPECIFIED)
        stated = [m for m in forms.amount.finditer(text) if m["u"].lower() not in MICROGRAMS]
        return Element(_element_in(stated[0], book.products) if len(stated) == 1 else UNSTATED, UNSPECIFIED)
    if match := forms.plain.search(text):
        return Element(_of_one_or_the_other(match, book), UNSPECIFIED)
    if (called := _by_number(text, book)) is not None:
        return Element(called, UNSPECIFIED)
    return Element(UNSTATED, UNSPECIFIED) if forms.no_strength.search(text.strip()) else None


def _by_number(text: str, book: RuleBook) -> Interval | None:
    """The element of ``Calcium 600`` and ``Calcium 500 + D3`` where the text states no mass; None of another name.

    Such a name is that of the milligrams of the element; it may also be those of the usual salt.
    """
    forms, main = _forms(book), book.products.main
    match = forms.by_number.search(text)
    if match is None or any(found["u"].lower() not in MICROGRAMS for found in forms.amount.finditer(text)):
        return None
    called = float(match["n"])
    is_a_strength = LEAST_OF_A_NAME <= called <= main.element_up_to / main.milligram and called % 50 == 0
    if not is_a_strength or main.may_be not in book.products.salts:
        return None
    return salt_or_element(called * main.milligram, book.products.salts[main.may_be]._replace(strengths=()), main)


def element_without_a_salt(text: str, book: RuleBook) -> Interval | None:
    """The element that a text states by its own name: ``(calcium 500 mg)``, ``500 mg calcium``; None without one."""
    forms, bare = _forms(book), without_counter_ions(text, book)
    found = [forms.plain.search(bare)]
    found += [m for m in forms.amount_first.finditer(bare) if not forms.salt_behind.match(bare, m.end())]
    match = next(filter(None, found), None)
    return _by_number(bare, book) if match is None else _of_one_or_the_other(match, book)


def _of_one_or_the_other(match: re.Match[str], book: RuleBook) -> Interval:
    """The element by the amount at its name; not known where amounts follow in a row, and another part goes before.

    In ``aspirin plus calcium 81 mg-300 mg`` the first amount is that of the first part.
    """
    if _JOINED_BEFORE.search(match.string[: match.start()]) and _MORE_AMOUNTS.match(match.string, match.end()):
        return UNSTATED
    return _element_in(match, book.products)


def _element_in(match: re.Match[str], products: ProductBook) -> Interval:
    amount = _in_its_unit(match["n"], match["u"], products)
    return point(amount) if match["u"].lower() in products.main.label_units else element(amount, products)


def _in_its_unit(number: str, unit: str, products: ProductBook) -> float:
    """An amount in the unit of the main nutrient."""
    return tidy(number_of(number, unit) * products.main.units[unit_key(unit)])


def number_of(text: str, unit: str) -> float:
    """A number with a comma: thousands before mg and units (1,250 mg), a decimal before g (1,25 g)."""
    return float(text.replace(",", "." if unit.lower() in ("g", "gm") else ""))
