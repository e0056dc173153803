"""Calcium that a text names beside other parts of a product, without a form that states its amount.

``Calcium & Vitamin D3 500mg/800IU``: the calcium is certain and its amount is not. Where a word stands at it that is
not understood, it may be the salt of another medicine: then it is neither a product nor none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from cds.intake.counter_ions import names_a_medicine, without_counter_ions
from cds.intake.english import CALCIUM, SYMBOL
from cds.intake.salts import salt_words
from cds.intake.vocabulary import names_pattern
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook
from cds.rulebook.nutrients import NUTRIENTS

_STEM = re.compile(r"\b(?:calci|kalzi)\w+", re.I)
_OTHER_STEMS = re.compile(r"calci(?:um\b|tri|fedi|di|po|to|neu|mim|phyl|fi)", re.I)
"""Calcium itself; vitamin D and its relatives, calcitonin, calcineurin, calcimimetics, and what calcifies."""
_NOT_IN_IT = re.compile(
    r"\b(?:no|without|w/o|free of|ohne|sans|sin|senza) (?:added )?calcium\b|\bcalcium[ -]free\b", re.I
)
ADVICE = re.compile(r"\b(?:not?|avoid|don'?t|separate\w*|apart|before|after|hours?|unless|interact\w*)\b", re.I)
JOINED = re.compile(r"[+&/]|\b(?:with|plus|mit|con|avec)\b", re.I)
_SIGN = re.compile(r"[+&/]")
_BOTH = re.compile(r"dron(?:at|ic)|\b(?:iron|ferr(?:ous|ic))\b", re.I)
"""What is sold together with calcium and does not have it as its salt: bisphosphonates (WHO: ATC M05BB), iron."""
_LISTED = re.compile(r"[,;]| - |\b(?:and|und|y|et)\b", re.I)
_AMOUNT = re.compile(r"\d[\d.,]*\s*(?:mg|g|gm|mcg|ug|iu|unt|units?|ml|mmol|%)?(?!\w)", re.I)
_CA_AMOUNT = re.compile(r"\bCa(?:\+\+|2\+)?\s*\d[\d.,]*\s*m?g\b|\d\s*m?g (?:of )?Ca(?![\w.])")
_SUPPLEMENT = re.compile(
    r"\b(?:supplements?|elemental|chew(?:able)?s?|(?:multi)?vitamins?|(?:multi)?minerals?)\b", re.I
)
_ALLERGY = re.compile(r"\ballerg(?:y|ies|ic) (?:to|against) calcium\b", re.I)
_FORMS = re.compile(
    r"\b(?:tab(?:let)?s?|cap(?:sule|let)?s?|chew(?:able)?s?|softgels?|gumm(?:y|ies)|effervescent|powder|sachets?|oral|"
    r"supplements?|elemental|film|coated|(?:multi)?vitamins?|(?:multi)?minerals?|zinc|boron|complex|d[23]?|"
    r"daily|units?|unt|iu|mg|mcg)\b",
    re.I,
)


def calcium_named(text: str, book: RuleBook) -> State:
    """Whether a text names calcium as a part of a product; unknown where a word at it is not understood."""
    spelled = SYMBOL.sub("calcium", text) if _is_supplement(text, book) else text
    left = _NOT_IN_IT.sub(" ", without_counter_ions(spelled, book, salt_words(book).pattern))
    if is_about_an_allergy(left):
        return ABSENT
    if not CALCIUM.search(left):
        return UNKNOWN if any(_is_unheard_of(match[0], book) for match in _STEM.finditer(left)) else ABSENT
    if ADVICE.search(left):
        return UNKNOWN
    parts = _parts(left)
    if not any(_is_only(part, "calcium", book) for part in parts):
        return UNKNOWN
    if _SIGN.search(left) and _others((part for part in parts if not _BOTH.search(part)), book):
        return UNKNOWN
    return UNKNOWN if _LISTED.search(left) and _others(parts, book) else PRESENT


def is_about_an_allergy(text: str) -> bool:
    """Whether a text says that the patient does not tolerate calcium."""
    return _ALLERGY.search(text) is not None


def _is_supplement(text: str, book: RuleBook) -> bool:
    """Whether ``Ca`` in a text is calcium: it stands for cancer, and in CA 19-9 for an antigen."""
    if _CA_AMOUNT.search(text):
        return True
    return bool(_nutrients(book).search(text) or _SUPPLEMENT.search(text))


def _is_unheard_of(word: str, book: RuleBook) -> bool:
    """Whether a word that begins like calcium is none that is known to be something else."""
    return not _OTHER_STEMS.match(word) and not names_a_medicine(word, book, salt_words(book).pattern)


def magnesium_named(text: str, book: RuleBook) -> bool:
    """Whether a text names magnesium as a part of a product; at the name of a medicine it is the salt of that."""
    parts = _parts(text)
    if ADVICE.search(text) or (_LISTED.search(text) and _others(parts, book)):
        return False
    return any(_is_only(part, "magnesium", book) for part in parts)


def _parts(text: str) -> list[str]:
    return [part for item in _LISTED.split(text) for part in JOINED.split(item)]


def _is_only(part: str, mineral: str, book: RuleBook) -> bool:
    """Whether nothing but a mineral, other nutrients, amounts and dose forms stands in a part of a text."""
    rest = _FORMS.sub(" ", _AMOUNT.sub(" ", _nutrients(book).sub(" ", part)))
    words = set(re.findall(r"\w+", rest.lower()))
    return mineral in words and words <= {"calcium", "magnesium"}


def _others(parts: Iterable[str], book: RuleBook) -> bool:
    """Whether another part is a medicine: in a list, the calcium may be its salt (``heparin, calcium``)."""
    return any(names_a_medicine(part, book, salt_words(book).pattern) for part in parts)


@lru_cache(maxsize=8)
def _nutrients(book: RuleBook) -> re.Pattern[str]:
    words = [word for nutrient, words in book.products.words.items() if nutrient in NUTRIENTS for word in words]
    return names_pattern(words)
