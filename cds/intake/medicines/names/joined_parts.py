"""Whether the text of a known medicine joins something to it that nobody knows: ``Warfarin + Xyz``.

What one part is never makes the rest known. A part is what stands between signs that join medicines; it is known where
a name of a medicine, a nutrient or a salt stands in it, and where it holds nothing but amounts, forms and makers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cds.intake.medicines.names.brand_names import brand_index
from cds.intake.medicines.names.element_named import spelled_out
from cds.intake.medicines.names.international_names import in_latin
from cds.intake.medicines.names.known_names import names_in
from cds.intake.medicines.names.label_text import in_english
from cds.intake.medicines.names.label_words import label_words, salt_names
from cds.intake.medicines.names.other_medicines import NAME, beside_names
from cds.rulebook.model import RuleBook

_BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]")
_JOINS = re.compile(r"[+&]|(?<=[^\W\d_]{4}) ?/ ?(?=[^\W\d_]{4})|(?<!\w)(?:plus|and|und|et|y|og|och)(?!\w)")
_WORD = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=4096)
def joins_what_is_not_known(text: str, book: RuleBook) -> bool:
    """Whether one of several joined parts of a text is not known."""
    told = in_latin(text)
    if not _JOINS.search(told):
        return False
    parts = _JOINS.split(_BRACKET.sub(" ", _masked(text, book)))
    return len(parts) > 1 and any(_is_unknown(part, book) for part in parts)


def _masked(text: str, book: RuleBook) -> str:
    """The text in Latin letters in English, with a sign for each name of a medicine, a nutrient or a salt."""
    words = label_words(book)
    told = in_latin(brand_index(book).replaced(spelled_out(in_english(text, book), book), lambda _: NAME))
    for found in reversed(names_in(told, book)):
        told = told[: found.start] + NAME + told[found.end :]
    for known in (words.nutrients, words.named, _salts(book)):
        told = known.sub(NAME, told)
    return told


@lru_cache(maxsize=8)
def _salts(book: RuleBook) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{salt_names(book).pattern})(?!\w)", re.I)


def _is_unknown(part: str, book: RuleBook) -> bool:
    if NAME in part:
        return False
    known = beside_names(book).nothing | label_words(book).beside
    return any(word not in known for word in _WORD.findall(part))
