"""Whether the codes of a concept, and the texts beside them, are those of a product, another medicine, or neither.

A code is known to be another medicine where it is one of a term of the rulebook, where it lies in a group of ATC in
which no product is classified, or where its own name is that of a medicine and names no product. Then what its text
calls its salt does not count. A code that holds a nutrient, or of which nothing is known, says nothing: then the text
counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cds.code_systems import ATC, PREFIX_SYSTEMS
from cds.intake.elements import codings, texts
from cds.intake.medicines.names.counter_ions import names_a_medicine
from cds.intake.medicines.names.element_named import element_named, has_element_apart
from cds.intake.medicines.names.label_text import in_english
from cds.intake.medicines.names.label_words import label_words
from cds.intake.record import MEDICINES
from cds.intake.vocabulary import systems_of, vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT
from cds.rulebook.model import UNSPECIFIED, Contents, RuleBook

_ATC = re.compile(r"[A-Z]\d\d[A-Z](?:[A-Z](?:\d\d)?)?")
"""Groups and substances of ATC from the third level on."""


def english_texts(concept: Any, book: RuleBook) -> list[str]:
    """The texts of a concept with the names of products.yaml in other languages as the English ones."""
    return [in_english(text, book) for text in texts(concept)]


def coded_contents(concept: Any, book: RuleBook) -> list[Contents]:
    """What each coding of a concept holds; one of ICD-10-CM or ATC by the longest beginning that is known."""
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


def best(found: Iterable[Contents]) -> Contents | None:
    """The most telling of several codings: a product with amounts before a substance, a salt before none."""
    return max(found, key=lambda c: (bool(c.amounts), c.salt not in ("", UNSPECIFIED)), default=None)


def is_excluded(concept: Any, book: RuleBook) -> bool:
    """Whether a code says that it is no product."""
    pairs = ((coding.get("system"), coding.get("code")) for coding in codings(concept))
    texts_only = (pair for pair in pairs if isinstance(pair[0], str) and isinstance(pair[1], str))
    return any(pair in book.products.excluded for pair in texts_only)


def product_codes(concept: Any, book: RuleBook) -> tuple[str, ...]:
    """The codes that stand for one product: not those of substances, classes and terms, which many products share."""
    return tuple(
        f"{system}|{code}"
        for coding in codings(concept)
        if isinstance(system := coding.get("system"), str) and isinstance(code := coding.get("code"), str)
        if system not in PREFIX_SYSTEMS and _may_be_one_product(system, code, book)
    )


def _may_be_one_product(system: str, code: str, book: RuleBook) -> bool:
    known = book.products.coded.get((system, code))
    return bool(known.amounts) if known is not None else (system, code) not in book.products.excluded


def product_texts(concept: Any, book: RuleBook) -> list[str]:
    """The texts by which a concept is read: of a code of another medicine, the element in the text is only its salt."""
    told = english_texts(concept, book)
    return [_element(book).sub(" ", text) for text in told] if is_another_medicine(concept, book) else told


@lru_cache(maxsize=8)
def _element(book: RuleBook) -> re.Pattern[str]:
    words = label_words(book)
    return re.compile(rf"\b(?:{words.element}|{words.not_understood})\b" if words.word else r"(?!)", re.I)


def is_another_medicine(concept: Any, book: RuleBook) -> bool:
    """Whether a code of a concept says that it is another medicine, and none says that it holds a nutrient."""
    listed = [coding for coding in codings(concept) if coding.get("code")]
    return bool(listed) and not coded_contents(concept, book) and any(_is_another(coding, book) for coding in listed)


def _is_another(coding: Json, book: RuleBook) -> bool:
    system, code, name = coding.get("system"), coding.get("code"), coding.get("display")
    if not isinstance(system, str) or not isinstance(code, str) or system not in systems_of(book)[MEDICINES]:
        return False
    if any(vocabulary(book).medications.find(system, code)):
        return True
    if system == ATC and _is_of_another_group(code, book):
        return True
    return isinstance(name, str) and _names_only_another(name[:200], book)


def _is_of_another_group(code: str, book: RuleBook) -> bool:
    """Whether a code of ATC lies outside the groups of products; a rulebook that names no groups does not say."""
    groups = book.products.atc_groups
    return bool(groups) and _ATC.fullmatch(code) is not None and not code.startswith(groups)


@lru_cache(maxsize=4096)
def _names_only_another(name: str, book: RuleBook) -> bool:
    """Whether the name of a code is that of a medicine, and nothing in it may be the element."""
    told = in_english(name, book)
    return element_named(told, book) is ABSENT and names_a_medicine(told, book)


def leaves_element_open(concept: Any, book: RuleBook) -> bool:
    """Whether the texts of a concept that is no product name the element, and it is not known to be no product.

    Beside the code of another medicine only that which a text names as a part of its own: ``alendronate + calcium``.
    """
    told = english_texts(concept, book)
    if not is_another_medicine(concept, book):
        return any(element_named(text, book) is not ABSENT for text in told)
    return any(has_element_apart(text, book) for text in told)
