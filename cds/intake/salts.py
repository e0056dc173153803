"""Calcium in the text of a product: its salts by the names of products.yaml, and the element as far as it is known.

A strength that could be salt or element becomes an interval. Of several salts the amounts are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, reduce
from typing import NamedTuple

from cds.intake.concepts import plain
from cds.intake.counter_ions import names_another_medicine, without_counter_ions
from cds.intake.vocabulary import any_of
from cds.quantity import Interval, point, tidy, unit_key
from cds.rulebook.model import ProductBook, RuleBook, Salt
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED

UNSPECIFIED = "unspecified"
AMOUNT = r"(?P<n>\d{1,4}(?:[.,]\d{1,3})?) ?(?P<u>mg|g|gm|mcg|ug)\b"
_SUBSTANCE = re.compile(r"(?:(?P<before>[a-z]+) )?calcium (?P<after>[a-z]+(?: [a-z]+)*)")
_JOIN = r"(?:\s*[/,&+-]\s*|\s+and\s+|\s+)"
_BEGINS = r"(?:^|[,;:(+/&]\s*|\b(?:and|with|plus|of|contains|containing) )"
_ELEMENTAL = re.compile(rf"\bcalcium\b.{{0,40}}?{AMOUNT} ?\(?(?:of )?elemental", re.I)
_AMOUNT_FIRST = re.compile(rf"\b{AMOUNT} (?:of )?calcium\b", re.I)
_WITH_D = re.compile(r"\bcal(?:cium|c\.?) ?(?:\+|/|with|and|plus) ?(?:vit(?:amin)?\.? ?)?d3?\b", re.I)
_PLAIN = re.compile(rf"\bcalcium (?:tab(?:let)?s? |supplement )?{AMOUNT}", re.I)
_NO_STRENGTH = re.compile(r"^calcium$|\bcalcium (?:supplement|tab(?:let)?s?|pills?|chews?|product)", re.I)
_ANY_AMOUNT = re.compile(rf"\b{AMOUNT}", re.I)


class Calcium(NamedTuple):
    """Elemental calcium (mg) of one dose form, and the salts, as the rule files name them: ``carbonate, citrate``."""

    amount: Interval
    salt: str


class SaltWords(NamedTuple):
    """The names of salts, each with the salt that it means, and the forms in which a text states them."""

    names: dict[str, str]
    pattern: str
    stated: re.Pattern[str]
    as_salt: re.Pattern[str]
    one: re.Pattern[str]


@lru_cache(maxsize=8)
def salt_words(book: RuleBook) -> SaltWords:
    """The words for calcium salts of a rulebook."""
    names = _names(book.products)
    one = any_of(names).replace(r"[\s-]+", r"[\s,-]+")
    several = rf"(?:{one})(?:{_JOIN}(?:{one}))*"
    before = any_of({name.split()[0] for name in names if " ".join(name.split()[1:]) in names})
    name = rf"(?:(?P<before>{before}) )?calcium[\s-]+(?P<salts>{several})(?!\w)"
    first = AMOUNT.replace("<n>", "<n0>").replace("<u>", "<u0>").replace("|mcg|ug", "")
    after = AMOUNT.replace("<n>", "<n2>").replace("<u>", "<u2>")
    return SaltWords(
        names,
        one,
        re.compile(rf"(?:{_BEGINS}{first} (?:of )?|(?<!\w)){name}(?: {AMOUNT})?", re.I),
        re.compile(
            rf"\bcalcium (?:{AMOUNT} \(?as (?:calcium )?(?P<salts>{several})|"
            rf"\(?as (?:calcium )?(?P<salts2>{several})\)? {after})", re.I,
        ),
        re.compile(one, re.I),
    )  # fmt: skip


def _names(products: ProductBook) -> dict[str, str]:
    """Every name of a salt, without the word calcium: those of the salts and of substances, and some turned round."""
    names = {name: name for name in products.salts}
    for contents in products.coded.values():
        found = _SUBSTANCE.fullmatch(plain(contents.name)) if contents.nutrients[:1] == ("calcium",) else None
        if found and (found["before"] or not all(word in products.salts for word in found["after"].split())):
            names.setdefault(" ".join(filter(None, found.group("before", "after"))), contents.salt)
    turned = {" ".join((name.partition(" ")[2], name.partition(" ")[0])): salt for name, salt in names.items()}
    return names | {name: salt for name, salt in turned.items() if name.split()[0] in products.salts and name != salt}


def calcium_of_text(text: str, book: RuleBook) -> Calcium | None:
    """The calcium of one dose form and its salts ('' when not named), as the text states them."""
    words = salt_words(book)
    text = without_counter_ions(text, book, words.pattern)
    named = list(_named(text, words, book.products))
    salt = together(part.salt for part in named)
    if elements := [point(_milligrams(match["n"], match["u"])) for match in _ELEMENTAL.finditer(text)]:
        each = len(elements) > 1 and len(elements) == len(salt.split(", "))
        return Calcium(reduce(Interval.plus, elements) if each else elements[0], salt)
    if parts := list(_as_salts(text, words)) or named:
        return _added(parts)
    return None if names_another_medicine(text, book, words.pattern) else _without_a_salt(text, book.products)


def _named(text: str, words: SaltWords, products: ProductBook) -> Iterator[Calcium]:
    """``calcium carbonate 1250 mg``, ``500 mg calcium citrate``, ``calcium lactate gluconate``."""
    for match in words.stated.finditer(text):
        salts = _salts(match["salts"], words, match["before"] or "")
        number, unit = (match["n"], match["u"]) if match["n"] else (match["n0"], match["u0"])
        amount = salts_or_element(_milligrams(number, unit), salts, products) if number else UNSTATED
        yield Calcium(amount, together(salts))


def _as_salts(text: str, words: SaltWords) -> Iterator[Calcium]:
    """``calcium 500 mg (as carbonate)``, ``calcium (as citrate) 250 mg``."""
    for match in words.as_salt.finditer(text):
        number, unit = (match["n"], match["u"]) if match["n"] else (match["n2"], match["u2"])
        salts = _salts(match["salts"] or match["salts2"], words)
        yield Calcium(point(_milligrams(number, unit)), together(salts))


def _salts(text: str, words: SaltWords, before: str = "") -> list[str]:
    """The salts that a list of names means."""
    found = [plain(name).replace(",", "") for name in words.one.findall(text)]
    if before and f"{before.lower()} {found[0]}" in words.names:
        found[0] = f"{before.lower()} {found[0]}"
    return [words.names[name] for name in found]


def together(salts: Iterable[str]) -> str:
    """Several salts as the rule files name them: each once, with commas between them."""
    names = {name for salt in salts for name in salt.split(", ") if name}
    return ", ".join(sorted(names))


def _added(parts: Iterable[Calcium]) -> Calcium:
    """The sum over different salts; a salt that is named twice is one, by the first amount that is stated."""
    amounts: dict[str, Interval] = {}
    for part in parts:
        if amounts.get(part.salt, UNSTATED) == UNSTATED:
            amounts[part.salt] = part.amount
    return Calcium(reduce(Interval.plus, amounts.values()), together(amounts))


def _without_a_salt(text: str, products: ProductBook) -> Calcium | None:
    if match := _AMOUNT_FIRST.search(text):
        return Calcium(element(_milligrams(match["n"], match["u"]), products), "")
    if _WITH_D.search(text):
        stated = [m for m in _ANY_AMOUNT.finditer(text) if m["u"].lower() not in ("mcg", "ug")]
        amount = element(_milligrams(stated[0]["n"], stated[0]["u"]), products) if len(stated) == 1 else UNSTATED
        return Calcium(amount, UNSPECIFIED)
    if match := _PLAIN.search(text):
        return Calcium(element(_milligrams(match["n"], match["u"]), products), UNSPECIFIED)
    return Calcium(UNSTATED, UNSPECIFIED) if _NO_STRENGTH.search(text.strip()) else None


def salts_of(salt: str, products: ProductBook) -> list[Salt]:
    """The known salts among those that a product is said to have."""
    return [products.salts[name] for name in salt.split(", ") if name in products.salts]


def salts_or_element(amount: float, salts: Iterable[str], products: ProductBook) -> Interval:
    """Elemental mg of a mass of these salts: of each share that it may have; of an unknown salt any share."""
    known = [products.salts[name] for name in salts if name in products.salts]
    return reduce(Interval.hull, (salt_or_element(amount, salt) for salt in known or products.salts.values()))


def salt_or_element(amount: float, salt: Salt) -> Interval:
    """Elemental mg of a mass that is the salt's (a known strength), or else could be salt or element."""
    low = tidy(amount * salt.fraction)
    return point(low) if amount in salt.strengths else Interval(low, amount)


def element(amount: float, products: ProductBook) -> Interval:
    """Elemental mg of 'calcium N mg' without a salt: the element up to the usual strength of labels, else unclear."""
    if amount <= products.element_up_to:
        return point(amount)
    return Interval(tidy(amount * products.salts["carbonate"].fraction), amount)


def _milligrams(number: str, unit: str) -> float:
    return tidy(number_of(number, unit) * NUTRIENTS["calcium"][unit_key(unit)])


def number_of(text: str, unit: str) -> float:
    """A number with a comma: thousands before mg and units (1,250 mg), a decimal before g (1,25 g)."""
    return float(text.replace(",", "." if unit.lower() in ("g", "gm") else ""))
