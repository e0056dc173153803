"""Whether a text names the element of a product, another medicine, or neither.

A text may name the element beside other parts of a product, without a form that states its amount (``Calcium & Vitamin
D3 500mg/800IU``): the element is certain and its amount is not. Where a word stands at it that is not understood, it
may be the salt of another medicine: then it is neither a product nor none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from cds.intake.medicines.names.brand_names import without_brands
from cds.intake.medicines.names.counter_ions import names_a_medicine, names_another_medicine, without_counter_ions
from cds.intake.medicines.names.label_words import label_words, salt_names
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook

JOINED = re.compile(r"[+&/]|\b(?:with|plus|mit|con|avec)\b", re.I)
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[+&/]")
_LISTED = re.compile(r"[,;]| - |\b(?:and|und|y|et)\b", re.I)
_AMOUNT = re.compile(r"\d[\d.,]*\s*(?:mg|g|gm|mcg|ug|iu|unt|units?|ml|m?mol|%)?(?!\w)", re.I)


def element_named(text: str, book: RuleBook) -> State:
    """Whether a text names the element as a part of a product; unknown where a word at it is not understood."""
    words, text = label_words(book), without_brands(text, book)
    left = words.not_in_it.sub(" ", without_counter_ions(spelled_out(text, book), book))
    if is_about_an_allergy(left, book):
        return ABSENT
    if not words.named.search(left):
        return UNKNOWN if _is_unforeseen(left, book) else ABSENT
    if words.advice.search(left):
        return UNKNOWN
    parts = _parts(left)
    if not any(_is_only(part, frozenset(book.products.main.element), book) for part in parts):
        return UNKNOWN
    if _SIGN.search(left) and _others((part for part in parts if not words.sold_together.search(part)), book):
        return UNKNOWN
    return UNKNOWN if _LISTED.search(left) and _others(parts, book) else PRESENT


def has_element_apart(text: str, book: RuleBook) -> bool:
    """Whether the element stands in a part without a medicine, beside one that does not have it as its salt.

    Advice to take the two apart from each other names none.
    """
    words, parts = label_words(book), JOINED.split(text)
    if len(parts) == 1 or words.advice.search(text) or names_another_medicine(text, book):
        return False
    return any(words.named.search(part) and not names_a_medicine(part, book) for part in parts)


def is_about_an_allergy(text: str, book: RuleBook) -> bool:
    """Whether a text says that the patient does not tolerate the element."""
    return label_words(book).allergy.search(text) is not None


def spelled_out(text: str, book: RuleBook) -> str:
    """The text with the name of the element for its symbol, where it is the element."""
    words = label_words(book)
    if words.symbol.search(text) and _is_supplement(text, book):
        text = words.symbol.sub(words.word, text)
    if words.named.search(text):
        return words.capitals.sub(lambda match: f"{match['amount'] or ''}{words.word}", text)
    return text


def _is_supplement(text: str, book: RuleBook) -> bool:
    """Whether the symbol in a text is the element: ``Ca`` stands for cancer, and in CA 19-9 for an antigen."""
    words = label_words(book)
    return any(found.search(text) for found in (words.amount_at_symbol, words.nutrients, words.supplements))


def _is_unforeseen(text: str, book: RuleBook) -> bool:
    """Whether a word of a text begins like the element, or stands for it, and is none that is known."""
    words, main = label_words(book), book.products.main
    if words.word and words.not_understood in text:
        return True
    found = (match[0] for match in words.unforeseen.finditer(text))
    others = tuple(stem.rstrip("-") for stem in main.other_stems)
    return any(not word.lower().startswith(others) and not names_a_medicine(word, book) for word in found)


def minerals_named(text: str, book: RuleBook) -> list[str]:
    """The other nutrients that a text names as a part of a product by an element that may also be a salt."""
    parts = _parts(text)
    if label_words(book).advice.search(text) or (_LISTED.search(text) and _others(parts, book)):
        return []
    others = (one for one in book.products.nutrients.values() if one.element and one.name != book.products.main.name)
    return [one.name for one in others if any(_is_only(part, frozenset(one.element), book) for part in parts)]


def _parts(text: str) -> list[str]:
    return [part for item in _LISTED.split(text) for part in JOINED.split(item)]


def _is_only(part: str, element: frozenset[str], book: RuleBook) -> bool:
    """Whether nothing but an element, other nutrients, amounts and dose forms stands in a part of a text."""
    found = _words_left(part, book)
    return not element.isdisjoint(found) and found <= label_words(book).elements


def _words_left(text: str, book: RuleBook) -> set[str]:
    """The words of a text without the names of nutrients, amounts, and what may stand beside nutrients."""
    words = label_words(book)
    return set(_WORD.findall(_AMOUNT.sub(" ", words.nutrients.sub(" ", text)).lower())) - words.beside


def words_not_known(text: str, book: RuleBook) -> set[str]:
    """The words of a text that are neither nutrients nor their salts, nor amounts, nor what stands beside them."""
    return _words_left(_salts(book).sub(" ", text), book) - label_words(book).elements


@lru_cache(maxsize=8)
def _salts(book: RuleBook) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{salt_names(book).pattern})(?!\w)", re.I)


def _others(parts: Iterable[str], book: RuleBook) -> bool:
    """Whether another part is a medicine: in a list, the element may be its salt (``heparin, calcium``)."""
    return any(names_a_medicine(part, book) for part in parts)
