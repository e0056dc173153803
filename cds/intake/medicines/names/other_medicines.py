"""Whether what a record calls a medicine is known to be something else than rules look for, or is not understood.

A name that is known makes a part of a text known. Every part has to be: ``Metformin / Xyz`` may be a product with the
main nutrient. What stands in brackets explains what stands before it, ``Xyz (perindopril/amlodipine)``; of a text that
is known it says the maker. Two
strengths with the name of one substance, or a word such as ``comp``, stand for a substance that is not named. Wherever
a reading would be a guess, the text is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cds.code_systems import ATC
from cds.intake.elements import codings, texts
from cds.intake.medicines.names.element_named import element_named
from cds.intake.medicines.names.international_names import in_latin
from cds.intake.medicines.names.known_names import NameFound, names_in
from cds.intake.medicines.names.label_text import in_english
from cds.intake.medicines.names.medicine_codes import is_another_medicine
from cds.intake.record import MEDICINES
from cds.intake.vocabulary import systems_of
from cds.jsontypes import Json
from cds.quantity import ABSENT
from cds.rulebook.model import RuleBook

ABSENT_UNKNOWN = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
NONE_KNOWN = frozenset({(ABSENT_UNKNOWN, "no-known-medications")})
"""Codes that say that no medicine is taken."""
NOTHING_KNOWN = frozenset({(ABSENT_UNKNOWN, "no-medication-info")})
"""Codes that say that nobody knows which medicines are taken."""
JOINERS = "and with plus mit und y e con et avec og och ja en met i w oraz es ve и"
"""``and`` and ``with`` in the languages that are read: what stands behind one is a part of its own."""
NAME = "\N{BULLET}"
"""What stands for each letter of a name that is known."""
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DASH = re.compile(r"\s[-–—]\s")
_JOINED = re.compile(rf"\b(?:{'|'.join(JOINERS.split())})\b")
_RATIO = re.compile(r"/\s*[\d.,]*\s*([^\W\d_]+)")
_SIGN = re.compile(r"[+/&;,、・]")
_WORD = re.compile(r"(?<!\w[.])[^\W\d_]+")
"""A word; not the second letter of an abbreviation (``s.c.``)."""
_AMOUNT = r"\d[\d.,]*\s*([^\W\d_]*)"
_LISTED = re.compile(rf"{_AMOUNT.replace('(', '(?:')}(?:\s*[/+-]\s*{_AMOUNT.replace('(', '(?:')})+")
"""Amounts one after another."""
_HALF = re.compile(r"[1-4]\s*/\s*[2-4]\W*")
MASSES = frozenset({"", "mg", "mcg", "ug", "µg", "μg", "g"})


class BesideNames(NamedTuple):
    """The words of a rulebook that may stand beside a name, those that leave a part open, and whole texts."""

    nothing: frozenset[str]
    open_words: frozenset[str]
    open_signs: tuple[str, ...]
    none_taken: frozenset[str]
    not_known: frozenset[str]


@lru_cache(maxsize=8)
def beside_names(book: RuleBook) -> BesideNames:
    """The words of a rulebook."""
    other = book.other_medicines
    listed = chain(*other.beside.values(), *other.salts.values(), other.acid_endings)
    return BesideNames(
        frozenset(word for text in listed for word in in_latin(text).split()),
        frozenset(map(in_latin, other.open_words)),
        tuple(map(in_latin, other.open_unspaced)),
        frozenset(map(_plain, other.none_taken)),
        frozenset(map(_plain, other.not_known)),
    )


def _plain(text: str) -> str:
    return " ".join(in_latin(text).strip(" .").split())


def is_another_medicine_by_name(concept: Any, ingredients: Iterable[Any], book: RuleBook) -> bool:
    """Whether a medicine is known to be something else: by its own concept, or by each of its ingredients.

    So is what says that no medicine is taken at all.
    """
    parts = list(ingredients)
    return is_other(concept, book) or (bool(parts) and all(is_other(part, book) for part in parts))


def is_other(concept: Any, book: RuleBook) -> bool:
    """Whether a code or a text says that a medicine is something else, and no text says otherwise."""
    if any((coding.get("system"), coding.get("code")) in NONE_KNOWN for coding in codings(concept)):
        return True
    names = texts(concept)
    if any(leaves_open(name, book) for name in names):
        return any(names_only_others(name, book) for name in names)
    return is_another_medicine(concept, book) or any(names_only_others(name, book) for name in names)


def says_that_nothing_is_known(concept: Any, book: RuleBook) -> bool:
    """Whether a code or a text says, instead of naming a medicine, that nobody knows which are taken."""
    if any((coding.get("system"), coding.get("code")) in NOTHING_KNOWN for coding in codings(concept)):
        return True
    names = texts(concept)
    return bool(names) and all(_plain(name) in beside_names(book).not_known for name in names)


def is_coded(concept: Any, ingredients: Iterable[Any], book: RuleBook) -> bool:
    """Whether a medicine, or each of its ingredients, has a code of a system by which the rulebook knows medicines.

    What a code of ATC puts among vitamins or minerals may hold anything of them, and so may what a name leaves open.
    """
    parts = list(ingredients)
    if any(leaves_open(name, book) for each in (concept, *parts) for name in texts(each)):
        return False
    return _has_code(concept, book) or (bool(parts) and all(_has_code(part, book) for part in parts))


def _has_code(concept: Any, book: RuleBook) -> bool:
    return any(_is_of_a_known_system(coding, book) for coding in codings(concept))


def _is_of_a_known_system(coding: Json, book: RuleBook) -> bool:
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str) or not code:
        return False
    if system == ATC and book.products.atc_groups and code.startswith(book.products.atc_groups):
        return False
    return system in systems_of(book)[MEDICINES]


@lru_cache(maxsize=4096)
def leaves_open(text: str, book: RuleBook) -> bool:
    """Whether a text says of what it names that it may hold what nobody names (``multivitamin``), or says nothing."""
    told = in_latin(text)
    return _plain(text) in beside_names(book).not_known or leaves_a_part_open(told, names_in(told, book), book)


@lru_cache(maxsize=4096)
def names_only_others(text: str, book: RuleBook) -> bool:
    """Whether a text names medicines, and nothing in it may be a product or a medicine that nobody knows.

    Medicines of the terms count as known: they are read as such.
    """
    if element_named(in_english(text, book), book) is not ABSENT:
        return False
    told = in_latin(text)
    if _plain(text) in beside_names(book).none_taken:
        return True
    names = names_in(told, book)
    if not names or leaves_a_part_open(told, names, book) or _lacks_a_name(told, names, book):
        return False
    masked = _outside(told, names, NAME)
    inside = [_parts_known(match[1], book) for match in _BRACKET.finditer(masked)]
    pieces = [found for text in _DASH.split(_BRACKET.sub(" ", masked)) if (found := _parts_known(text, book))]
    if pieces and all(map(all, pieces)):
        return True
    named = [found for found in (*pieces[1:], *inside) if found and all(found)]
    return pieces[:1] == [[False]] and bool(named) and all(map(all, pieces[1:]))


def leaves_a_part_open(told: str, names: list[NameFound], book: RuleBook) -> bool:
    """Whether outside the names of a in_latin text a word stands that may mean something that nobody names."""
    words, rest = beside_names(book), _outside(told, names)
    return any(sign in rest for sign in words.open_signs) or any(
        match[0] in words.open_words and not _joins(match, names) for match in _WORD.finditer(rest)
    )


def _joins(word: re.Match[str], names: list[NameFound]) -> bool:
    """Whether a word (``plus``) is only that between two names."""
    return word[0] in JOINERS.split() and any(0 < name.start - word.end() < 3 for name in names)


def _outside(told: str, names: list[NameFound], sign: str = " ") -> str:
    """The text with signs in the place of the names."""
    for name in names:
        told = told[: name.start] + sign * (name.end - name.start) + told[name.end :]
    return told


def _lacks_a_name(told: str, names: list[NameFound], book: RuleBook) -> bool:
    """Whether more strengths stand in a text than substances; a brand may hold several."""
    if not all(found.name.substance for found in names):
        return False
    salts = beside_names(book).nothing
    substances = sum(told[found.start : found.end] not in salts for found in names)
    return any(_strengths(run[0]) > substances for run in _LISTED.finditer(told))


def _strengths(run: str) -> int:
    """How many strengths stand one after another; none in what has another unit (mg/ml), or is half a tablet (1/2)."""
    amounts = re.findall(_AMOUNT, run)
    return 0 if _HALF.fullmatch(run) or not MASSES.issuperset(amounts) else len(amounts)


def _parts_known(piece: str, book: RuleBook) -> list[bool]:
    """Of each part of a piece in which a word stands whether a name is known in it; what adds nothing is no part."""
    words = beside_names(book).nothing
    found = []
    for part in _SIGN.split(_JOINED.sub("+", _per(piece, words))):
        if NAME in part:
            found.append(True)
        elif any(word not in words for word in _WORD.findall(part)):
            found.append(False)
    return found


def _per(piece: str, words: frozenset[str]) -> str:
    """The piece without the signs of ratios: ``0.4 mg/actuation spray`` is one part."""
    return _RATIO.sub(lambda match: match[0].replace("/", " ") if match[1] in words else match[0], piece)
