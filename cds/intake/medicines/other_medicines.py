"""Whether what a record calls a medicine is known to be something else than rules look for, or is not understood.

A name that is known makes a part of a text known. Every part has to be: ``Metformin / Xyz`` may be a product with the
main nutrient. What stands in brackets may be the substances of a brand: ``Xyz (perindopril/amlodipine)``. Two
strengths with the name of one substance, or a word such as ``comp``, stand for a substance that is not named. Wherever
a reading would be a guess, the text is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cds.code_systems import ATC, TERMINOLOGY
from cds.intake.elements import codings, texts
from cds.intake.medicines.known_names import SIGNS, Found, names_in
from cds.intake.medicines.label_text import in_english
from cds.intake.medicines.medicine_names import element_named, is_another_medicine, is_excluded
from cds.intake.medicines.spelling import folded
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
NULL_SYSTEMS = frozenset({f"{TERMINOLOGY}/v3-NullFlavor", f"{TERMINOLOGY}/data-absent-reason"})
JOINERS = "and with plus mit und y e con et avec og och ja en met i w oraz es ve и"
"""``and`` and ``with`` in the languages that are read: what stands behind one is a part of its own."""
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]|\s[-–—]\s")
_SIGN = re.compile(r"[+/&;,、・]")
_WORD = re.compile(r"[^\W\d_]+")
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
        frozenset(word for text in listed for word in folded(text).split()),
        frozenset(map(folded, other.open_words)),
        tuple(map(folded, other.open_unspaced)),
        frozenset(map(_plain, other.none_taken)),
        frozenset(map(_plain, other.not_known)),
    )


def _plain(text: str) -> str:
    return " ".join(folded(text).strip(" .").split())


@lru_cache(maxsize=4096)
def names_only_others(text: str, book: RuleBook) -> bool:
    """Whether a text names medicines, and nothing in it may be a product or a medicine that nobody knows.

    Medicines of the terms count as known: they are read as such.
    """
    if element_named(in_english(text, book), book) is not ABSENT:
        return False
    told = folded(text)
    if _plain(text) in beside_names(book).none_taken:
        return True
    names = names_in(told, book)
    if not names or leaves_a_part_open(told, names, book) or _lacks_a_name(told, names, book):
        return False
    pieces = [_parts_known(told[start:end], book) for start, end in _pieces(told)]
    known, unknown = [p for p in pieces if p and all(p)], [p for p in pieces if p and not all(p)]
    return bool(known) and (not unknown or unknown == [[False]] and pieces.index([False]) == 0)


def leaves_a_part_open(told: str, names: list[Found], book: RuleBook) -> bool:
    """Whether outside the names of a folded text a word stands that may mean something that nobody names."""
    words, rest = beside_names(book), _outside(told, names)
    return any(sign in rest for sign in words.open_signs) or any(
        match[0] in words.open_words and not _joins(match, names) for match in _WORD.finditer(rest)
    )


def _joins(word: re.Match[str], names: list[Found]) -> bool:
    """Whether a word (``plus``) is only that between two names."""
    return word[0] in JOINERS.split() and any(0 < name.start - word.end() < 3 for name in names)


def _outside(told: str, names: list[Found]) -> str:
    """The text with blanks for the names."""
    for name in names:
        told = told[: name.start] + " " * (name.end - name.start) + told[name.end :]
    return told


def _lacks_a_name(told: str, names: list[Found], book: RuleBook) -> bool:
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


def _pieces(told: str) -> Iterator[tuple[int, int]]:
    """What stands outside brackets as one piece, and each bracket; a dash between blanks is a bracket that stays open."""
    at = 0
    for match in _BRACKETS.finditer(told):
        yield at, match.start()
        if match[1] is not None:
            yield match.start(1), match.end(1)
        at = match.end()
    yield at, len(told)


def _parts_known(piece: str, book: RuleBook) -> list[bool]:
    """Of each part of a piece in which a word stands whether a name is known in it; what adds nothing is no part."""
    words = beside_names(book).nothing
    joined = re.sub(rf"\b(?:{'|'.join(JOINERS.split())})\b", "+", piece)
    found = []
    for part in _SIGN.split(joined):
        if names_in(part, book):
            found.append(True)
        elif any(word not in words for word in _WORD.findall(part)):
            found.append(False)
    return found
