"""The measurement that a result without a known code may be, by its name or by a code without a system.

A name does not say which of several tests a result is, and a number that is a LOINC code may be a local code as well.
So by that alone such a result is never read (see ``named_results``); it is said, so that nobody takes the test for
missing or an older result for the newest one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from cds.code_systems import LOINC
from cds.intake.elements import codings, plain, texts
from cds.intake.terminology.spelling import has_unspaced
from cds.intake.vocabulary import Vocabulary
from cds.quantity import unit_key
from cds.rulebook.model import Measurement

_PART_OF = re.compile(r"[a-z]/$", re.IGNORECASE), re.compile(r"/[a-z]|\.[a-z]", re.IGNORECASE)
"""What stands before and after a name that is only one side of a ratio, or one fraction (LOINC: ``Calcium.bound``)."""


def possible(concept: Any, words: Vocabulary) -> str:
    """The measurement that a result without a known code may be; empty where nothing says so."""
    return _by_bare_code(concept, words) or _by_name(map(_narrow, texts(concept)), words)


def names_of(concept: Any, term: Measurement, words: Vocabulary) -> set[str]:
    """The names of a measurement by which a result is called; beside one only a specimen and a unit may stand."""
    return {
        plain(name)
        for text in map(_narrow, texts(concept))
        for name in _result_names(text, words)
        if words.result_terms[plain(name)] == term.name
        and _is_all_of(_without_unit(name, term), _without_unit(text, term), words)
    }


def _without_unit(text: str, term: Measurement) -> str:
    """The text without a unit of the term, and without brackets around what else stands in them."""
    return _BESIDE.sub(lambda found: " " if unit_key(found[0][1:-1]) in term.units else f" {found[0][1:-1]} ", text)


def _narrow(text: str) -> str:
    """The text in usual forms: laboratories of Japan print letters wide and kana narrow."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def bare_codes(concept: Any) -> list[str]:
    """The codes of a concept that name no code system."""
    stated = (coding.get("code") for coding in codings(concept) if not str(coding.get("system") or "").strip())
    return [code for code in stated if isinstance(code, str)]


def _by_bare_code(concept: Any, words: Vocabulary) -> str:
    return next((term for code in bare_codes(concept) for term, _ in words.measurements.find(LOINC, code)), "")


def _by_name(names: Iterable[str], words: Vocabulary) -> str:
    """The measurement by the first name that is one.

    Where any of the names says that it is something else than a result in blood, only a name that says so itself
    counts: ``24 hour urine calcium``.
    """
    listed = list(names)
    found = [name for text in listed for name in _result_names(text, words)]
    if any(words.other_results.search(text) for text in listed):
        found = [name for name in found if words.other_results.search(name)]
    return words.result_terms[plain(found[0])] if found else ""


def _result_names(text: str, words: Vocabulary) -> Iterator[str]:
    """The names of measurements in a text; no symbol that is only a part of it, and no side of a ratio."""
    before, after = _PART_OF
    text = _OF_BLOOD.sub("", _IN_BLOOD.sub("", text))
    for found in words.result_names.finditer(text):
        if _is_symbol(found[0]) and not _is_all_of(found[0], text, words):
            continue
        if not before.search(text[: found.start()]) and not after.match(text[found.end() :]):
            yield found[0]


SYMBOL = 2
"""A name of so few letters is a symbol: it names a result only where the text says nothing else."""


def _is_symbol(name: str) -> bool:
    """Whether a name is a symbol; two signs of Chinese or Korean are a word."""
    return len(name) <= (SYMBOL - 1 if has_unspaced(name) else SYMBOL)


_IN_BLOOD = re.compile(r"^\s*(?:f?[BPS]|[av]B|cB)(?:-|_|\u2014| - | -)\s*(?=\w{2})")
"""The system before a name, as Nordic and Czech laboratories write it: blood, plasma or serum (``S-``, ``fP-``,
``S_``)."""
_OF_BLOOD = re.compile(r"\s*;\s*(?:f?[BPS]|[av]B|cB)\s*$")
"""The system behind a name, as Danish laboratories write it: ``Kreatinin;P``."""
_BESIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
"""What may stand beside a symbol, in brackets: a specimen, a unit."""


def _is_all_of(symbol: str, text: str, words: Vocabulary) -> bool:
    return _bare(text, words) in (symbol, _bare(symbol, words))


def _bare(text: str, words: Vocabulary) -> str:
    """The text without what may stand beside a symbol."""
    return words.beside_symbols.sub("", _BESIDE.sub("", _OF_BLOOD.sub("", _IN_BLOOD.sub("", text)))).strip(" .,:*-_")
