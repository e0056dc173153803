"""Calcium that is only the salt of another medicine (doxycycline calcium) or no product at all (calcium score).

Calcium that stands at the name of a medicine belongs to that medicine. A medicine is known by the names of the terms,
by the words of products.yaml, or by the stem that its name has: international names are built so (WHO, the use of
stems in the selection of INN). What stands before the name of a calcium salt changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.intake.vocabulary import any_of, words_pattern
from cds.rulebook.model import Medication, RuleBook

SHORTEST = 5
"""Up to so many letters a name has no other ending: what is so short may be a word of another language."""


class CounterIons(NamedTuple):
    """Phrases with calcium that name no product, calcium at the name of a medicine, and names of other medicines.

    ``others`` are those of products.yaml, ``medicines`` also those of the terms and those with a stem.
    """

    phrases: re.Pattern[str]
    beside: re.Pattern[str]
    others: re.Pattern[str]
    medicines: re.Pattern[str]


@lru_cache(maxsize=8)
def _counter_ions(book: RuleBook, salts: str) -> CounterIons:
    listed = book.products.words["excluded"]
    others = [word for word in listed if "calcium" not in word]
    names = {name for term in book.terms.values() if isinstance(term, Medication) for name in term.names}
    medicine = rf"(?:{_in_any_language([*others, *names])}|{_stems(book.products.words['stems'])})"
    before = rf"(?<!\w)(?P<before>{medicine})[\s(]+(?:as\s+)?calcium(?!\w)(?![\s-]+(?:{salts})(?!\w))"
    own = rf"(?:{_in_any_language(others)}|{_stems(book.products.words['stems'])})"
    joined = rf"(?<!\w)(?P<joined>{own})(?<!dronat)(?<!dronate)-calcium(?!\w)(?![\s-]+(?:{salts})(?!\w))"
    after = rf"(?<!\w)calcium[\s-]+(?P<after>{medicine})(?!\w)"
    phrases = words_pattern(word for word in listed if "calcium" in word)
    medicines = re.compile(rf"(?<!\w)(?:{medicine})(?!\w)", re.I)
    known = re.compile(rf"(?<![\w-])(?:{_in_any_language(others)})(?![\w-])", re.I)
    return CounterIons(phrases, re.compile(f"{before}|{joined}|{after}", re.I), known, medicines)


ENDING = "(?:[aeo]|um)?"
"""What other languages put for the end of an international name: rosuvastatin, -a, -e; dobesilate, -o; folinat."""


def _in_any_language(names: Iterable[str]) -> str:
    return rf"(?:{any_of(_without_e(name) for name in names)}){ENDING}"


def _without_e(name: str) -> str:
    return name[:-1] if len(name) > SHORTEST and name.endswith("e") else name


def _stems(stems: Iterable[str]) -> str:
    """Words with a stem: ``-statin`` at the end, ``cef-`` at the beginning."""
    parts = (
        rf"\w+{re.escape(_without_e(s[1:]))}{ENDING}" if s.startswith("-") else rf"{re.escape(s.rstrip('-'))}\w+"
        for s in stems
    )
    return "|".join(parts) or "(?!)"


def without_counter_ions(text: str, book: RuleBook, salts: str) -> str:
    """The text without calcium that is no product; ``salts`` is the pattern of the names of calcium salts."""
    ions = _counter_ions(book, salts)
    return ions.beside.sub(
        lambda match: match["before"] or match["joined"] or match["after"], ions.phrases.sub(" ", text)
    )


def names_another_medicine(text: str, book: RuleBook, salts: str) -> bool:
    """Whether a word of products.yaml says that the text is about another medicine than a calcium product."""
    return _counter_ions(book, salts).others.search(text) is not None


def names_a_medicine(text: str, book: RuleBook, salts: str) -> bool:
    """Whether a text names a medicine, also by a term or by the stem of its name."""
    return _counter_ions(book, salts).medicines.search(text) is not None
