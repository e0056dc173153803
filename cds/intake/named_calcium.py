"""Calcium that a text names beside other parts of a product, without a form that states its amount.

``Calcium & Vitamin D3 500mg/800IU``: the calcium is certain and its amount is not. Where a word stands at it that is
not understood, it may be the salt of another medicine: then it is neither a product nor none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from cds.intake.counter_ions import names_a_medicine, without_counter_ions
from cds.intake.salts import salt_words
from cds.intake.vocabulary import names_pattern, plain, words_pattern
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook
from cds.rulebook.nutrients import NUTRIENTS

_CALCIUM = re.compile(r"(?<![^\W_])calcium(?![^\W_])", re.I)
_SYMBOL = re.compile(r"\bCa(?:\+\+|2\+)?(?![\w.])")
_SHORT_D = re.compile(
    r"([+&/-]|\b(?:with|plus|and)) ?d(?=[23]?(?![\w.]))|"
    r"(?<!vitamin[ -])(?<!vit[ -])(?<!vit\. )(?<![\w-])d(?=[23](?![\w.]))",
    re.I,
)
"""Vitamin D by its letter alone, as labels of calcium have it: ``Calcium 600 + D3``, ``Calcichew D3``."""
_STEM = re.compile(r"\b(?:calci|kalzi)\w+", re.I)
_OTHER_STEMS = re.compile(r"calci(?:um\b|tri|fedi|di|po|to|neu|mim|phyl|fi)", re.I)
"""Calcium itself; vitamin D and its relatives, calcitonin, calcineurin, calcimimetics, and what calcifies."""
_NOT_IN_IT = re.compile(
    r"\b(?:no|without|w/o|free of|ohne|sans|sin|senza) (?:added )?calcium\b|\bcalcium[ -]free\b", re.I
)
_ADVICE = re.compile(r"\b(?:not?|avoid|don'?t|separate\w*|apart|before|after|hours?|unless|interact\w*)\b", re.I)
_JOINED = re.compile(r"[+&/]|\b(?:with|plus|mit|con|avec)\b", re.I)
_LISTED = re.compile(r"[,;]| - |\b(?:and|und|y|et)\b", re.I)
_AMOUNT = re.compile(r"\d[\d.,]*\s*(?:mg|g|gm|mcg|ug|iu|unt|units?|ml|mmol|%)?(?!\w)", re.I)
_FORMS = re.compile(
    r"\b(?:tab(?:let)?s?|cap(?:sule|let)?s?|chew(?:able)?s?|softgels?|gumm(?:y|ies)|effervescent|powder|sachets?|oral|"
    r"supplements?|elemental|film|coated|(?:multi)?vitamins?|(?:multi)?minerals?|zinc|boron|complex|d[23]?|"
    r"daily|units?|unt|iu|mg|mcg)\b",
    re.I,
)


@lru_cache(maxsize=8)
def _translations(book: RuleBook) -> re.Pattern[str]:
    return words_pattern(book.products.translations)


def in_english(text: str, book: RuleBook) -> str:
    """The text with the names of products.yaml in other languages as in English, and vitamin D by its whole name."""
    names = book.products.translations
    told = _translations(book).sub(lambda match: names[plain(match[0])], text)
    is_calcium = _CALCIUM.search(told) or _SYMBOL.search(told) or _brands(book).search(told)
    return _SHORT_D.sub(r"\1 vitamin d", told) if is_calcium else told


@lru_cache(maxsize=8)
def _brands(book: RuleBook) -> re.Pattern[str]:
    return names_pattern(name for name, contents in book.products.brands if "calcium" in contents.nutrients)


def calcium_named(text: str, book: RuleBook) -> State:
    """Whether a text names calcium as a part of a product; unknown where a word at it is not understood."""
    spelled = _SYMBOL.sub("calcium", text)
    left = _NOT_IN_IT.sub(" ", without_counter_ions(spelled, book, salt_words(book).pattern))
    if not _CALCIUM.search(left):
        return UNKNOWN if any(_is_unheard_of(match[0], book) for match in _STEM.finditer(left)) else ABSENT
    if _ADVICE.search(left):
        return UNKNOWN
    parts = _parts(left)
    if not any(_is_only(part, "calcium", book) for part in parts):
        return UNKNOWN
    return UNKNOWN if _LISTED.search(left) and _others(parts, book) else PRESENT


def _is_unheard_of(word: str, book: RuleBook) -> bool:
    """Whether a word that begins like calcium is none that is known to be something else."""
    return not _OTHER_STEMS.match(word) and not names_a_medicine(word, book, salt_words(book).pattern)


def magnesium_named(text: str, book: RuleBook) -> bool:
    """Whether a text names magnesium as a part of a product; at the name of a medicine it is the salt of that."""
    parts = _parts(text)
    if _ADVICE.search(text) or (_LISTED.search(text) and _others(parts, book)):
        return False
    return any(_is_only(part, "magnesium", book) for part in parts)


def _parts(text: str) -> list[str]:
    return [part for item in _LISTED.split(text) for part in _JOINED.split(item)]


def _is_only(part: str, mineral: str, book: RuleBook) -> bool:
    """Whether nothing but a mineral, other nutrients, amounts and dose forms stands in a part of a text."""
    rest = _FORMS.sub(" ", _AMOUNT.sub(" ", _nutrients(book).sub(" ", part)))
    words = set(re.findall(r"\w+", rest.lower()))
    return mineral in words and words <= {"calcium", "magnesium"}


def _others(parts: Sequence[str], book: RuleBook) -> bool:
    """Whether another part is a medicine: in a list, the calcium may be its salt (``heparin, calcium``)."""
    return any(names_a_medicine(part, book, salt_words(book).pattern) for part in parts)


@lru_cache(maxsize=8)
def _nutrients(book: RuleBook) -> re.Pattern[str]:
    words = [word for nutrient, words in book.products.words.items() if nutrient in NUTRIENTS for word in words]
    return names_pattern(words)
