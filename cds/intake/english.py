"""A text with the names of products.yaml in other languages as the English ones.

``X de calcio`` is calcium carbonate where X is the name of a salt, the calcium of a tablet where X is a dose form or an
amount, and the salt of another medicine where X is the name of one (``dobesilato de calcio``). Where X is none of
these, nobody knows what it is: then the text names something with calcium that is not understood.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from cds.intake.concepts import plain
from cds.intake.counter_ions import names_a_medicine
from cds.intake.salts import salt_words
from cds.intake.vocabulary import names_pattern, words_pattern
from cds.rulebook.model import RuleBook

CALCIUM = re.compile(r"(?<![^\W_])calcium(?![^\W_])", re.I)
SYMBOL = re.compile(r"\bCa(?:\+\+|2\+)?(?![\w.])")
NOT_UNDERSTOOD = "calciumsalt"
"""Stands for calcium of which the text says that it is that of something unknown; no product is named so."""
_SHORT_D = re.compile(
    r"([+&/-]|\b(?:with|plus|and)) ?d(?=[23]?(?![\w.]))|"
    r"(?<!vitamin[ -])(?<!vit[ -])(?<!vit\. )(?<![\w-])d(?=[23](?![\w.]))",
    re.I,
)
"""Vitamin D by its letter alone, as labels of calcium have it: ``Calcium 600 + D3``, ``Calcichew D3``."""
_AMOUNT = re.compile(r"(?:m?g|gr|gramos?|grammi|grammes?|mcg|ug|mmol)", re.I)
_HOLDS = re.compile(
    r"(?:comprim(?:ido|e)s?|compress[ae]|tablet(?:a|as|s)?|pastill(?:a|as|es?)|capsul(?:a|as|es?)|gelules?|"
    r"cachets?|sobres?|sachets?|bustin[ae]|sup?plementos?|complement(?:o|os|i|s)?|supplementi?|integrator[ei]|aporte?|"
    r"fuente|source|fonte|vitamin(?:as?|es?)|masticables?|efervescentes?|elemental)",
    re.I,
)  # fmt: skip
"""Dose forms and other words that say of the calcium after them that it is what is taken."""


def in_english(text: str, book: RuleBook) -> str:
    """The text with the names of products.yaml in other languages as in English, and vitamin D by its whole name."""
    names = _names(book)
    told = _translations(book).sub(lambda match: names[plain(match[0])], without_accents(text))
    told = _calcium_of(book).sub(lambda match: _whose(match, book), told)
    is_calcium = CALCIUM.search(told) or SYMBOL.search(told) or _brands(book).search(told)
    return _SHORT_D.sub(r"\1 vitamin d", told) if is_calcium else told


def without_accents(text: str) -> str:
    """The letters alone: people write ``colecalciferol`` with its accents or without them."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def _whose(match: re.Match[str], book: RuleBook) -> str:
    """``X de calcium`` in English, by what X is."""
    what, is_adjective = match["what"], match["of"] is None
    if names_a_medicine(what, book, salt_words(book).pattern):
        return f"{what} calcium"
    if is_adjective:
        return match[0]
    if _AMOUNT.fullmatch(what):
        return f"{what} of calcium"
    return "supplement calcium" if _HOLDS.fullmatch(what) else f"{what} {NOT_UNDERSTOOD}"


@lru_cache(maxsize=8)
def _names(book: RuleBook) -> dict[str, str]:
    return {without_accents(name): english for name, english in book.products.translations.items()}


@lru_cache(maxsize=8)
def _translations(book: RuleBook) -> re.Pattern[str]:
    return words_pattern(_names(book))


@lru_cache(maxsize=8)
def _calcium_of(book: RuleBook) -> re.Pattern[str]:
    """``X de calcium``, but not ``comprimidos de calcium carbonate``; ``X calcico``."""
    no_salt = rf"(?![\s-]+(?:{salt_words(book).pattern})(?!\w))"
    of = rf"(?P<of>(?:del?|di|do|da|du)\s+)calcium(?!\w){no_salt}"
    return re.compile(rf"(?P<what>[^\W\d_]+)\s+(?:{of}|calci(?:c[oa]|que|cum)(?!\w))", re.I)


@lru_cache(maxsize=8)
def _brands(book: RuleBook) -> re.Pattern[str]:
    return names_pattern(name for name, contents in book.products.brands if "calcium" in contents.nutrients)
