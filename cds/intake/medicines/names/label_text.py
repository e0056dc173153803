"""The text of a label in English, with the element of the main nutrient only where it may be that of a product.

``X de calcio`` is a salt of calcium where X is the name of a salt, the calcium of a tablet where X is a dose form or an
amount, and the salt of another medicine where X is the name of one (``dobesilato de calcio``). Where X is none of
these, nobody knows what it is: then the text names something with calcium that is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.medicines.names.brand_names import brand_contents, brand_index
from cds.intake.medicines.names.counter_ions import names_a_medicine
from cds.intake.medicines.names.label_words import NO_MATCH, OF, label_words, salt_names
from cds.intake.medicines.names.label_writing import plain_writing
from cds.intake.medicines.names.name_index import Found, NameIndex
from cds.intake.medicines.names.name_index import names as names_index
from cds.intake.terminology.word_patterns import any_of
from cds.rulebook.model import RuleBook

_AMOUNT = re.compile(r"(?:m?g|gr|gramos?|grammi|grammes?|mcg|ug|m?mol)", re.I)


class Translation(NamedTuple):
    """How texts become English: names in other languages, ``X de calcium``, and nutrients by their letter alone."""

    names: dict[str, str]
    named: NameIndex
    salts: re.Pattern[str]
    whose: re.Pattern[str]
    letters: tuple[tuple[re.Pattern[str], str], ...]


@lru_cache(maxsize=8)
def _translation(book: RuleBook) -> Translation:
    """``X de calcium`` is not ``comprimidos de calcium carbonate``; an adjective stands for it: ``X calcico``."""
    names = {plain(plain_writing(name)): english for name, english in book.products.translations.items()}
    element, salts = label_words(book).element, salt_names(book).pattern
    of = rf"(?P<of>{OF}){element}(?!\w)(?![\s-]+(?:{salts})(?!\w))"
    adjectives = any_of(book.products.main.adjectives)
    before = "".join(rf"(?<!{re.escape(name)}[ -])" for name in book.products.main.element)
    return Translation(
        names=names,
        named=names_index(names),
        salts=re.compile(rf"(?<![\w-]){before}(?P<salt>{salts})\s+{of}", re.I),
        whose=re.compile(rf"(?P<what>[^\W\d_]+)\s+(?:{of}|(?:{adjectives})(?!\w))", re.I),
        letters=tuple(_letters(book)),
    )


def _letters(book: RuleBook) -> Iterable[tuple[re.Pattern[str], str]]:
    """Nutrients by their letter alone, as labels have it beside the element: ``Calcium 600 + D3``, ``Calcichew D3``.

    A letter behind the rest of its own name (``vitamin D3``) is no such one.
    """
    for nutrient in book.products.nutrients.values():
        if letter := re.escape(nutrient.letter):
            number = f"[{''.join(nutrient.letter_numbers)}]" if nutrient.letter_numbers else NO_MATCH
            own = {word.rpartition(" ")[0] for word in nutrient.words if word.endswith(f" {nutrient.letter}")}
            behind = "".join(rf"(?<!{re.escape(name)}[ -])" for name in sorted(own, key=len, reverse=True))
            joined = rf"([+&/-]|\b(?:with|plus|and)) ?{letter}(?={number}?(?![\w.]))"
            yield re.compile(rf"{joined}|{behind}(?<![\w-]){letter}(?={number}(?![\w.]))", re.I), nutrient.words[0]


def in_english(text: str, book: RuleBook) -> str:
    """The text in plain writing, with the names of products.yaml as in English, and nutrients by their whole names.

    The names of brands stay as they are.
    """
    told = plain_writing(text)
    if not (brands := list(brand_index(book).find(told))):
        return _one_line(_translated(told, book, beside_the_main=False))
    main = book.products.main.name
    of_main = any(main in brand_contents(book)[found.name].nutrients for found in brands)
    parts, after = [], 0
    for found in brands:
        parts += [_translated(told[after : found.start], book, beside_the_main=of_main), told[found.start : found.end]]
        after = found.end
    return _one_line("".join((*parts, _translated(told[after:], book, beside_the_main=of_main))))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _translated(text: str, book: RuleBook, *, beside_the_main: bool) -> str:
    """A part of a text in English; beside the main nutrient, others may be said by their letters alone."""
    words, translation = label_words(book), _translation(book)
    told = translation.named.replaced(text, lambda found: _said(found, book))
    if words.named.search(told):
        told = translation.salts.sub(lambda match: f"{words.word} {match['salt']}", told)
    told = translation.whose.sub(lambda match: _whose(match, book), told)
    if beside_the_main or any(found.search(told) for found in (words.named, words.symbol, words.nutrients)):
        for letter, name in translation.letters:
            told = letter.sub(rf"\1 {name}", told)
    return told


def _said(found: Found, book: RuleBook) -> str:
    """A name in English; the element behind other letters without a space is that of something unknown."""
    words, english = label_words(book), _translation(book).names[plain(found.name)]
    return (
        words.not_understood
        if found.joined and english.split()[:1] == [words.word] and _is_bare(english, book)
        else english
    )


def _is_bare(english: str, book: RuleBook) -> bool:
    """Whether a name is that of the element without a salt."""
    words = label_words(book)
    return set(english.split()[1:]) <= words.beside


def _whose(match: re.Match[str], book: RuleBook) -> str:
    """``X de calcium`` in English, by what X is."""
    words, what = label_words(book), match["what"]
    if names_a_medicine(what, book):
        return f"{what} {words.word}"
    if match["of"] is None:
        return match[0]
    if _AMOUNT.fullmatch(what):
        return f"{what} of {words.word}"
    if words.holding.fullmatch(what):
        return " ".join((*book.products.labels["words of products"][:1], words.word))
    return f"{what} {words.not_understood}"
