"""What free text says about a product: a last resort, read by fixed patterns and the words of products.yaml.

A strength that could be salt or element becomes an interval. Text beyond 200 characters is not read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cds.intake.vocabulary import plain, words_pattern
from cds.quantity import Interval, point, tidy, unit_key
from cds.rulebook.model import Contents, Frozen, ProductBook, RuleBook, Salt
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED

SALT_NAMES = "carbonate|citrate malate|citrate|lactate|gluconate|phosphate|acetate|ascorbate"
_AMOUNT = r"(?P<n>\d{1,4}(?:[.,]\d{1,3})?) ?(?P<u>mg|g|gm|mcg|ug)\b"
_ELEMENTAL = re.compile(rf"\bcalcium\b.{{0,40}}?{_AMOUNT} ?\(?(?:of )?elemental", re.I)
_AS_SALT = re.compile(rf"\bcalcium {_AMOUNT} \(?as (?:calcium )?(?P<salt>{SALT_NAMES})", re.I)
_SALT_FIRST = re.compile(rf"\bcalcium \(?as (?:calcium )?(?P<salt>{SALT_NAMES})\)? {_AMOUNT}", re.I)
_SALT = re.compile(rf"\bcalcium (?P<salt>{SALT_NAMES})\b(?: {_AMOUNT})?", re.I)
_AMOUNT_FIRST = re.compile(rf"\b{_AMOUNT} (?:of )?calcium(?: (?P<salt>{SALT_NAMES}))?\b", re.I)
_WITH_D = re.compile(r"\bcal(?:cium|c\.?) ?(?:\+|/|with|and|plus) ?(?:vit(?:amin)?\.? ?)?d3?\b", re.I)
_PLAIN = re.compile(rf"\bcalcium (?:tab(?:let)?s? |supplement )?{_AMOUNT}", re.I)
_NO_STRENGTH = re.compile(r"^calcium$|\bcalcium (?:supplement|tab(?:let)?s?|pills?|chews?|product)", re.I)
_ANY_AMOUNT = re.compile(rf"\b{_AMOUNT}", re.I)
_AFTER = r" ?(?P<n>\d[\d,]{0,6}(?:\.\d+)?) ?(?P<u>iu|unt|units?|mcg|ug|mg|g)\b"
_DENIED = re.compile(r"^\s*(?:no|not|without|stopped|denies)\b", re.I)
_INJECTED = re.compile(
    r"\b(?:inj(?:ection|ectable)?|iv|intravenous|topical|gel(?![ -]?(?:cap|tab))|cream|ointment)\b", re.I
)


class TextWords(NamedTuple):
    """The words of products.yaml as patterns."""

    brands: re.Pattern[str]
    contents: dict[str, Contents]
    excluded: re.Pattern[str]
    nutrients: dict[str, re.Pattern[str]]
    amounts: dict[str, re.Pattern[str]]
    shares: dict[str, float]
    antacid: re.Pattern[str]
    binder: re.Pattern[str]


@lru_cache(maxsize=8)
def text_words(book: RuleBook) -> TextWords:
    """The patterns of a rulebook."""
    products: ProductBook = book.products
    nutrients = {n: words for n, words in products.words.items() if n in NUTRIENTS}
    return TextWords(
        brands=words_pattern(name for name, _ in products.brands),
        contents={plain(name): contents for name, contents in products.brands},
        excluded=words_pattern(products.words["excluded"]),
        nutrients={name: words_pattern(words) for name, words in nutrients.items()},
        amounts={name: re.compile(words_pattern(words).pattern + _AFTER, re.I) for name, words in nutrients.items()},
        shares=_shares(products),
        antacid=words_pattern(products.words["antacid"]),
        binder=words_pattern(products.words["phosphate-binder"]),
    )


def _shares(products: ProductBook) -> dict[str, float]:
    """What one mass unit of a substance counts for: magnesium oxide 0.603, methylprednisolone 1.25."""
    return {
        plain(contents.name): share
        for contents in products.coded.values()
        for nutrient, share in contents.fractions.items()
        if nutrient != "calcium"
    }


def contents_of_text(text: str, book: RuleBook) -> Contents | None:
    """What a product holds by its text; None when the text names no product of products.yaml."""
    if _DENIED.search(text):
        return None
    words = text_words(book)
    amounts: dict[str, Interval] = {}
    salt, intent = "", "supplement"
    if brand := words.brands.search(text):
        known = words.contents[plain(brand[0])]
        amounts, salt, intent = dict(known.amounts), known.salt, known.intent
    if not words.excluded.search(text) and not _INJECTED.search(text):
        found = calcium_of_text(text, book)
        if found is not None and not (found[0] == UNSTATED and "calcium" in amounts):
            amounts["calcium"], salt = found[0], found[1] or salt
    elif not brand:
        amounts.pop("calcium", None)
    for nutrient, amount in other_nutrients(text, book).items():
        amounts.setdefault(nutrient, amount)
    if not amounts:
        return None
    if salt == "acetate":
        intent = "phosphate-binder"
    return Contents(text, tuple(amounts), salt, intent, Frozen(amounts))


def calcium_of_text(text: str, book: RuleBook) -> tuple[Interval, str] | None:
    """Elemental calcium (mg) of one dose form and the salt ('' when not named), as the text states them."""
    salts = book.products.salts
    named = _SALT.search(text)
    salt = plain(named["salt"]) if named else ""
    if match := _ELEMENTAL.search(text):
        return point(_milligrams(match)), salt
    if match := _AS_SALT.search(text) or _SALT_FIRST.search(text):
        return point(_milligrams(match)), plain(match["salt"])
    if named:
        return (salt_or_element(_milligrams(named), salts[salt]) if named["n"] else UNSTATED), salt
    if match := _AMOUNT_FIRST.search(text):
        first = plain(match["salt"] or "")
        amount = _milligrams(match)
        return (salt_or_element(amount, salts[first]) if first else element(amount, book.products)), first
    return _unnamed_salt(text, book.products)


def _unnamed_salt(text: str, products: ProductBook) -> tuple[Interval, str] | None:
    if _WITH_D.search(text):
        match = _ANY_AMOUNT.search(text)
        return (element(_milligrams(match), products) if match else UNSTATED), "unspecified"
    if match := _PLAIN.search(text):
        return element(_milligrams(match), products), "unspecified"
    return (UNSTATED, "unspecified") if _NO_STRENGTH.search(text.strip()) else None


def salt_or_element(amount: float, salt: Salt) -> Interval:
    """Elemental mg of a mass that is the salt's (a known strength), or else could be salt or element."""
    low = tidy(amount * salt.fraction)
    return point(low) if amount in salt.strengths else Interval(low, amount)


def element(amount: float, products: ProductBook) -> Interval:
    """Elemental mg of 'calcium N mg' without a salt: the element up to the usual strength of labels, else unclear."""
    if amount <= products.element_up_to:
        return point(amount)
    return Interval(tidy(amount * products.salts["carbonate"].fraction), amount)


def _milligrams(match: re.Match[str]) -> float:
    return tidy(_number(match["n"], match["u"]) * NUTRIENTS["calcium"][unit_key(match["u"])])


def _number(text: str, unit: str) -> float:
    """A number with a comma: thousands before mg and units (1,250 mg), a decimal before g (1,25 g)."""
    return float(text.replace(",", "." if unit.lower() in ("g", "gm") else ""))


def other_nutrients(text: str, book: RuleBook) -> dict[str, Interval]:
    """The other nutrients that the text names, each with its amount in one dose form or UNSTATED."""
    words = text_words(book)
    found: dict[str, Interval] = {}
    for nutrient, pattern in words.nutrients.items():
        if named := pattern.search(text):
            stated = words.amounts[nutrient].search(text)
            factor = NUTRIENTS[nutrient].get(unit_key(stated["u"])) if stated else None
            share = words.shares.get(plain(named[0]), 1.0)
            found[nutrient] = UNSTATED if stated is None or factor is None else _stated(stated, factor * share)
    return found


def _stated(match: re.Match[str], factor: float) -> Interval:
    """The amount that a text states; a point before three digits may be a decimal or stand for thousands."""
    low = tidy(_number(match["n"], "") * factor)
    if re.fullmatch(r"\d{1,3}\.\d{3}", match["n"]):
        return Interval(low, tidy(low * 1000))
    return point(low)


def intent_of_text(text: str, book: RuleBook) -> str:
    """``antacid`` or ``phosphate-binder`` where the words say so, else ''."""
    words = text_words(book)
    if words.binder.search(text):
        return "phosphate-binder"
    return "antacid" if words.antacid.search(text) else ""
