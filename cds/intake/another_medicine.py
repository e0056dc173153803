"""Whether the code of a medicine says that it is another one than a calcium product, whatever its text calls its salt.

A code is known to be another medicine where it is one of a term of the rulebook, where it lies in a group of ATC in
which no calcium is classified, or where its own name is that of a medicine and names no calcium. A code that holds a
nutrient, or of which nothing is known, says nothing: then the text counts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from cds.intake.coded_contents import coded_contents, english_texts
from cds.intake.concepts import codings
from cds.intake.counter_ions import names_a_medicine, names_another_medicine
from cds.intake.elements import Json
from cds.intake.english import CALCIUM, NOT_UNDERSTOOD, in_english
from cds.intake.named_calcium import ADVICE, JOINED, calcium_named
from cds.intake.record import MEDICINES
from cds.intake.salts import salt_words
from cds.intake.vocabulary import systems_of, vocabulary
from cds.quantity import ABSENT
from cds.rulebook.lines import SYSTEMS
from cds.rulebook.model import RuleBook

_ATC = re.compile(r"(?!A02A|A06|A11|A12|A13|A16|B03|B05|H05|M05B|V0[367])[A-Z]\d\d[A-Z](?:[A-Z](?:\d\d)?)?")
"""Groups of ATC without calcium products: not antacids, vitamins, minerals, tonics, blood, bone, V03AE."""
_CALCIUM = re.compile(rf"\b(?:calcium|{NOT_UNDERSTOOD})\b", re.I)


def product_texts(concept: Any, book: RuleBook) -> list[str]:
    """The texts by which a concept is read: of a code of another medicine, calcium in the text is only its salt."""
    told = english_texts(concept, book)
    return [_CALCIUM.sub(" ", text) for text in told] if is_another_medicine(concept, book) else told


def is_another_medicine(concept: Any, book: RuleBook) -> bool:
    """Whether a code of a concept says that it is another medicine, and none says that it holds a nutrient."""
    listed = [coding for coding in codings(concept) if coding.get("code")]
    return bool(listed) and not coded_contents(concept, book) and any(_is_another(coding, book) for coding in listed)


def _is_another(coding: Json, book: RuleBook) -> bool:
    system, code, name = coding.get("system"), coding.get("code"), coding.get("display")
    if not isinstance(system, str) or not isinstance(code, str) or system not in systems_of(book)[MEDICINES]:
        return False
    if any(vocabulary(book).medications.find(system, code)):
        return True
    if system == SYSTEMS["ATC"] and _ATC.fullmatch(code):
        return True
    return isinstance(name, str) and _names_only_another(name[:200], book)


@lru_cache(maxsize=4096)
def _names_only_another(name: str, book: RuleBook) -> bool:
    """Whether the name of a code is that of a medicine, and nothing in it may be calcium."""
    told = in_english(name, book)
    return calcium_named(told, book) is ABSENT and names_a_medicine(told, book, salt_words(book).pattern)


def leaves_calcium_open(concept: Any, book: RuleBook) -> bool:
    """Whether the texts of a concept that is no calcium product name calcium that is not known to be no product.

    Beside the code of another medicine only that which a text names as a part of its own: ``alendronate + calcium``.
    """
    told = english_texts(concept, book)
    if not is_another_medicine(concept, book):
        return any(calcium_named(text, book) is not ABSENT for text in told)
    return any(_has_it_apart(text, book) for text in told)


def _has_it_apart(text: str, book: RuleBook) -> bool:
    """Whether calcium stands in a part without a medicine, beside one that does not have it as its salt.

    Advice to take the two apart from each other names none.
    """
    parts, salts = JOINED.split(text), salt_words(book).pattern
    if len(parts) == 1 or ADVICE.search(text) or names_another_medicine(text, book, salts):
        return False
    return any(CALCIUM.search(part) and not names_a_medicine(part, book, salts) for part in parts)
