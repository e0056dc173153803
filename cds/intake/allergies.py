"""AllergyIntolerances -> conditions that rules know by what is not tolerated; else a word in the issues.

A term says what an allergy to makes it (``allergies to``). One to anything else that the rules speak of is said, and
judged by no rule; none is ever a sign that the substance is taken. One that was refuted or is over, and the word that
none is known, say nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.conditions.conditions import MODIFIED, NOT_CERTAIN
from cds.intake.conditions.statuses import PAST, WRONG, doubt, status_of
from cds.intake.elements import codings, modified, objects, plain, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.record import ALLERGY, UNCERTAIN, Mention, Record
from cds.intake.terminology.denials import NO_ALLERGY
from cds.intake.terminology.word_patterns import names_of_others, words_of_any_script
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.jsontypes import Json
from cds.quantity import PRESENT, UNKNOWN
from cds.rulebook.model import Condition, RuleBook


class Substance(NamedTuple):
    """What is not tolerated: the conditions that this is, whether words alone led to them, and its name in an issue."""

    terms: tuple[str, ...] = ()
    by_name: bool = False
    name: str = ""


def read_allergy(resource: Json, record: Record, words: Vocabulary) -> None:
    """Add the conditions that an allergy or intolerance is, or note one to something that the rulebook says."""
    substances = [reaction.get("substance") for reaction in objects(resource.get("reaction"))]
    found = [_meaning(words.book)(code) for code in (resource.get("code"), *substances) if code]
    terms = dict.fromkeys(term for each in found for term in each.terms)
    named = [each.name for each in found if each.name]
    if _is_over(resource) or not (terms or named):
        return
    record.used.append(resource)
    if terms:
        _mention(resource, terms, record, by_name=any(each.by_name for each in found))
    else:
        record.note(ALLERGY, record.name_of(resource), names=(named[0],))


def _mention(resource: Json, terms: dict[str, None], record: Record, *, by_name: bool) -> None:
    """Add a mention of each term; one of which a status leaves open whether it is there is unknown."""
    source, why = record.name_of(resource), _doubt(resource)
    if by_name:
        record.note("matched-by-name", source)
    if why:
        record.note(UNCERTAIN, source, NOT_CERTAIN.format(why))
    for term in terms:
        record.mentions.setdefault(term, []).append(Mention(UNKNOWN if why else PRESENT, None, source))


def _doubt(resource: Json) -> str:
    """Why it is not certain; DSTU2 has one status for both."""
    stated = status_of(resource, "verificationStatus") | status_of(resource, "status")
    return MODIFIED if modified(resource) else doubt(status_of(resource, "clinicalStatus"), stated - {"active"})


def _is_over(resource: Json) -> bool:
    """Whether it is said to be wrong, or to be over."""
    over = status_of(resource, "clinicalStatus") & PAST or status_of(resource, "verificationStatus") & WRONG
    return bool(over) or resource.get("status") in WRONG | PAST


@lru_cache(maxsize=8)
def _meaning(book: RuleBook) -> Callable[[Any], Substance]:
    """What a substance or a code of an allergy means, remembered."""
    words, name_of = vocabulary(book), _said(book)
    others = names_of_others(book.topic.other_allergies)
    listed = [term for term in book.terms.values() if isinstance(term, Condition) and term.allergies]
    by_words = [(term.name, words_of_any_script((*term.allergies, *term.names))) for term in listed]

    def meaning_of(code: Any) -> Substance:
        said = [text for text in texts(code) if not others.search(text)]
        if any(map(NO_ALLERGY.search, said)):
            return Substance()
        pairs = [(item.get("system"), item.get("code")) for item in codings(code)]
        coded = dict.fromkeys(term for pair in pairs for term, _ in words.conditions.find(*pair))
        if terms := tuple(term for term in coded if term in dict(by_words)):
            return Substance(terms)
        named = tuple(term for term, pattern in by_words if any(map(pattern.search, said)))
        return Substance(named, bool(named), name_of(code))

    return remembered(meaning_of)


@lru_cache(maxsize=8)
def _said(book: RuleBook) -> Callable[[Any], str]:
    """The name of a substance that is to be said; empty where it is none."""
    ours, others = (names_of_others(listed) for listed in (book.topic.allergies, book.topic.other_allergies))
    nutrients = {plain(name) for name in book.products.nutrients}

    def name_of(code: Any) -> str:
        said = texts(code)
        if any(NO_ALLERGY.search(text) or others.search(text) for text in said):
            return ""
        found = next((text for text in said if ours.search(text) or plain(text) in nutrients), "")
        product = None if found else meanings(book).medicine(code, ()).product
        return found or (product.key if product is not None and product.contents.nutrients else "")

    return name_of
