"""AllergyIntolerances -> a word in the issues where one is to something that the rules speak of.

It changes no answer, and is never a sign that the substance is taken. One that was refuted or is over, and the word
that none is known, say nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cds.intake.conditions.statuses import PAST, WRONG, status_of
from cds.intake.elements import objects, plain, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.record import Record
from cds.intake.terminology.denials import NO_ALLERGY
from cds.intake.terminology.word_patterns import names_of_others
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook


def read_allergy(resource: Json, record: Record, words: Vocabulary) -> None:
    """Note an allergy or intolerance to something that the rulebook says."""
    substances = [reaction.get("substance") for reaction in objects(resource.get("reaction"))]
    named = [name for code in (resource.get("code"), *substances) if code and (name := _said(words.book)(code))]
    if named and not _is_over(resource):
        record.used.append(resource)
        record.note("allergy", record.name_of(resource), names=(named[0],))


def _is_over(resource: Json) -> bool:
    """Whether it is said to be wrong, or to be over."""
    over = status_of(resource, "clinicalStatus") & PAST or status_of(resource, "verificationStatus") & WRONG
    return bool(over) or resource.get("status") in WRONG | PAST


@lru_cache(maxsize=8)
def _said(book: RuleBook) -> Callable[[Any], str]:
    """The name of a substance that is to be said, remembered; empty where it is none."""
    ours, others = (names_of_others(listed) for listed in (book.topic.allergies, book.topic.other_allergies))
    nutrients = {plain(name) for name in book.products.nutrients}

    def name_of(code: Any) -> str:
        said = texts(code)
        if any(NO_ALLERGY.search(text) or others.search(text) for text in said):
            return ""
        found = next((text for text in said if ours.search(text) or plain(text) in nutrients), "")
        product = None if found else meanings(book).medicine(code, ()).product
        return found or (product.key if product is not None and product.contents.nutrients else "")

    return remembered(name_of)
