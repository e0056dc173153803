"""The element at the name of another medicine, whose salt it is, and the names of medicines themselves.

Calcium that stands at the name of a medicine is the counter ion of that medicine (``doxycycline calcium``). A medicine
is known by the names of the terms, by the words of products.yaml, or by the stem that its name has: international names
are built so (WHO, the use of stems in the selection of INN). What stands before the name of a salt changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.intake.medicines.names.international_names import in_latin
from cds.intake.medicines.names.label_words import NO_MATCH, label_words, salt_names
from cds.intake.terminology.spelling import has_unspaced, without_accents
from cds.intake.terminology.word_patterns import any_of, words_pattern
from cds.rulebook.model import Medication, RuleBook

SHORTEST = 5
"""Up to so many letters a name has no other ending: what is so short may be a word of another language."""
ENDING = "(?:[aeio]|um)?"
"""What other languages put for the end of an international name: rosuvastatin, -a, -e; dobesilate, -o; folinat."""
_OTHER_ALPHABET = re.compile("[\u0370-\u03ff\u0400-\u04ff]+")
"""Words in Greek and Cyrillic letters."""


class CounterIons(NamedTuple):
    """Phrases with the element that name no product, the element at the name of a medicine, and names of medicines.

    ``others`` are those of products.yaml, ``medicines`` also those of the terms and those with a stem.
    """

    phrases: re.Pattern[str]
    beside: re.Pattern[str]
    others: re.Pattern[str]
    medicines: re.Pattern[str]


@lru_cache(maxsize=8)
def _counter_ions(book: RuleBook) -> CounterIons:
    products, element = book.products, label_words(book).element
    terms = [term for term in book.terms.values() if isinstance(term, Medication)]
    names = {name for term in terms for name in (*term.names, *_in_other_scripts(term))}
    medicine = rf"(?:{_in_any_language([*products.other_medicines, *names])}|{_stems(products.stems)})"
    own = rf"(?:{_in_any_language(products.other_medicines)}|{_stems(products.stems)})"
    no_salt = rf"(?![\s-]+(?:{salt_names(book).pattern})(?!\w))"
    before = rf"(?<!\w)(?P<before>{medicine})[\s(]+(?:as\s+)?{element}(?!\w){no_salt}"
    joined = rf"(?<!\w)(?P<joined>{own}){_not_sold_together(book)}-{element}(?!\w){no_salt}"
    after = rf"(?<!\w){element}[\s-]+(?P<after>{medicine})(?!\w)"
    return CounterIons(
        phrases=words_pattern(products.no_products),
        beside=re.compile(f"{before}|{joined}|{after}", re.I),
        others=re.compile(rf"(?<![\w-])(?:{_in_any_language(products.other_medicines)})(?![\w-])", re.I),
        medicines=re.compile(rf"(?<!\w)(?:{medicine})(?!\w)", re.I),
    )


def _in_other_scripts(term: Medication) -> Iterable[str]:
    """Its names in scripts other than Latin that write spaces between words, as labels are read."""
    named = (name for group in term.also_named.values() for name in group)
    return [without_accents(name) for name in named if not name.isascii() and not has_unspaced(name)]


def _not_sold_together(book: RuleBook) -> str:
    """Not behind a name such as alendronate: what a hyphen joins to it is a part of the same pack."""
    stems = [word.strip("-") for word in book.products.labels.get("sold together with it", ()) if word.startswith("-")]
    return "".join(f"(?<!{re.escape(stem + end)})" for stem in stems for end in ("", "e"))


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
    return "|".join(parts) or NO_MATCH


def without_counter_ions(text: str, book: RuleBook) -> str:
    """The text without the element where it is no product."""
    ions = _counter_ions(book)
    text = ions.phrases.sub(" ", _in_latin_letters(text, ions))
    return ions.beside.sub(lambda match: match["before"] or match["joined"] or match["after"], text)


def _in_latin_letters(text: str, ions: CounterIons) -> str:
    """The text with the international names of medicines that stand in another alphabet in Latin letters."""
    if text.isascii():
        return text
    return _OTHER_ALPHABET.sub(lambda word: _latin_name(word[0], ions), text)


def _latin_name(word: str, ions: CounterIons) -> str:
    told = in_latin(word)
    return told if ions.medicines.fullmatch(told) else word


def names_another_medicine(text: str, book: RuleBook) -> bool:
    """Whether a word of products.yaml says that the text is about another medicine than a product."""
    ions = _counter_ions(book)
    return ions.others.search(_in_latin_letters(text, ions)) is not None


def names_a_medicine(text: str, book: RuleBook) -> bool:
    """Whether a text names a medicine, also by a term or by the stem of its name."""
    ions = _counter_ions(book)
    return ions.medicines.search(_in_latin_letters(text, ions)) is not None
