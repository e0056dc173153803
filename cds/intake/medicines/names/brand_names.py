"""Names of brands in a text: before generic names, the longest first, in every way of writing them.

``caltrate 600 d3`` is found in ``Caltrate® 600+D``, ``CALTRATE 600 PLUS VITAMIN D3`` and ``caltrate600 vit.D``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cds.intake.elements import plain
from cds.intake.medicines.names.label_writing import plain_writing
from cds.intake.medicines.names.name_index import NameIndex
from cds.rulebook.model import Contents, ProductBook, RuleBook

_GAP = r"(?:[\s\-+/&.,(\[]|(?<![^\W_])(?:plus|with|and|et|y|e|con|mit|med|og|och|und)(?![^\W_])){0,5}"
"""What may stand between the words of a name, or nothing."""


@lru_cache(maxsize=8)
def brand_contents(book: RuleBook) -> dict[str, Contents]:
    """What the brands of a rulebook hold, by their names."""
    return {plain(plain_writing(name)): contents for name, contents in book.products.brands}


@lru_cache(maxsize=8)
def brand_index(book: RuleBook) -> NameIndex:
    """The names of the brands of a rulebook."""
    letters = dict(_letters(book.products))
    return NameIndex((name, _pattern(name, letters)) for name in brand_contents(book))


def brand_of(text: str, book: RuleBook) -> Contents | None:
    """What the brand with the longest name in a text holds, a generic name last; None where a text names no brand."""
    contents = brand_contents(book)
    found = max(
        brand_index(book).find(text), key=lambda one: (not contents[one.name].generic, len(one.name)), default=None
    )
    return None if found is None else contents[found.name]


def without_brands(text: str, book: RuleBook) -> str:
    """The text without the names of brands."""
    return brand_index(book).replaced(text, lambda _: " ")


def _pattern(name: str, letters: dict[str, str]) -> str:
    words = name.split()
    first, *rest = words
    return _GAP.join((re.escape(first), *(letters.get(word, re.escape(word)) for word in rest)))


def _letters(products: ProductBook) -> Iterator[tuple[str, str]]:
    """The forms of ``d`` and ``d3`` at the end of a name: with or without the digit, and behind ``vitamin``."""
    english = {name: plain(word) for name, word in products.translations.items()}
    for nutrient in products.nutrients.values():
        if not (letter := nutrient.letter):
            continue
        own = [*nutrient.words, *(name for name, word in english.items() if word in nutrient.words)]
        before = {plain(name).rpartition(" ")[0] for name in own if plain(name).endswith(f" {letter}")}
        whole = "|".join(sorted((re.escape(name.rstrip(".")) for name in before if name), key=len, reverse=True))
        digits = "".join(nutrient.letter_numbers)
        form = (
            rf"(?:\d{{2,4}}(?: ?mg)?[\s+/&-]*)?(?:(?:{whole})[\s.-]*)?{re.escape(letter)}(?:[\s-]?[{digits}](?!\d))?"
            if whole and digits
            else letter
        )
        yield from ((f"{letter}{digit}", form) for digit in ("", *nutrient.letter_numbers))
