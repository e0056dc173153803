"""Procedures that are named only in words, which nobody understands: what was done may be a condition of the rulebook.

A code of a known system says that it is something else; so does a text that rules know, as a procedure or not, and one
that says itself that nothing was operated on. Records hold many of these, and hardly any is about the rulebook, whose
words for procedures are first of all English. So a text counts that is no English by its letters, or of which a word is
almost one of the rulebook.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from cds.code_systems import SYSTEMS
from cds.intake.bundles.bundle import Resources
from cds.intake.conditions.absence import IPS
from cds.intake.conditions.procedure_meaning import procedure_meanings, procedure_words
from cds.intake.conditions.procedures import WHEN_DONE, was_done
from cds.intake.elements import codings, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.medicines.administrations import when_done
from cds.intake.record import UNREADABLE, Record
from cds.intake.terminology.denials import NOT_YET
from cds.intake.terminology.spelling import folded
from cds.jsontypes import Json
from cds.quantity import ABSENT
from cds.rulebook.model import Condition, RuleBook

NOT_UNDERSTOOD = "procedure-not-understood"
KNOWN = frozenset({*SYSTEMS.values(), IPS})
"""The code systems of which a code says what was done, or that nothing is known."""
NO_OPERATION = re.compile(
    r"\b(?:no|none|not|without|keine?|aucune?|pas|ingen|inga|geen|nessun\w*|ningun\w*|nenhum\w*)\b|"
    r"\b(?:evaluation|assess\w*|exam\w*|esame|visit\w*|wizyta|screening|monitor\w*|test\w*|vaccin\w*|vakcin\w*|"
    r"impfung\w*|vaccination\w*|ultraso\w+|echo\w*|écho\w*|eco\w*graf\w+|\w*graph[yi]e?|\w*graf[iíì]\w*|r[öo]e?ntgen\w*|"
    r"\w*untersuchung\w*|\w*onderzoek\w*|undersök\w*|undersøg\w*|undersøk\w*|badani\w+|vyšetření\w*|tutkimu\w*|"
    r"muayene\w*|εξέταση|בדיקה|\w*therap(?:y|ie|i)|\w*th?érapie|\w*terapi\w*|massage|rehabilit\w*|réhabilit\w*|"
    r"(?:colono|kolo|gastro|broncho|bronco|bronko|cysto|cisto|endo|hystero|arthro|artro|recto|rekto)\w*s[ck]op\w+)\b|"
    r"検査|検診|撮影|診察|造影|检查|检验|检测|接种|검사|촬영|접종|검진",
    re.IGNORECASE,
)
"""What says in general language that nothing was operated on: somebody was examined, tested, trained or asked."""
ALMOST, LONG = 0.84, 8
"""How alike two words of so many letters are that may be one word in two languages (difflib)."""
_LONG_WORD = re.compile(rf"[^\W\d_]{{{LONG},}}")


def note_procedures_not_understood(record: Record, resources: Resources, book: RuleBook, day: int) -> None:
    """One issue for the procedures that may have been done and that nobody understands, with how many there are."""
    done = [one for one in resources.by_type["Procedure"] if _may_be_done(one, resources, day)]
    names = [name for one in done if (name := _not_understood(book)(one.get("code")))]
    if names:
        were = "was" if len(names) == 1 else "were"
        text = f"{len(names)} of {len(done)} procedures {were} not understood"
        record.note(NOT_UNDERSTOOD, record.patient, text, names=tuple(dict.fromkeys(names)))


def _may_be_done(resource: Json, resources: Resources, day: int) -> bool:
    try:
        when = when_done(resource, WHEN_DONE)
        is_past = when is None or when.first <= day
        return is_past and was_done(resource) is not ABSENT and resources.is_about_patient(resource) is not False
    except UNREADABLE:
        return False


@lru_cache(maxsize=8)
def _not_understood(book: RuleBook) -> Callable[[Any], str]:
    """What a procedure is called that nobody understands; empty for any other; remembered."""
    return remembered(lambda code: _name(code, book))


def _is_known(system: object) -> bool:
    return isinstance(system, str) and system in KNOWN


def _name(code: Any, book: RuleBook) -> str:
    said, ours = texts(code), procedure_words(book)
    coded = any(_is_known(coding.get("system")) and coding.get("code") for coding in codings(code))
    if coded or not any(_may_be_ours(text, book) for text in said):
        return ""
    if any(pattern.search(text) for text in said for pattern in (NOT_YET, NO_OPERATION, *ours)):
        return ""
    meaning = procedure_meanings(book)(code)
    known = meanings(book).condition(code).known or meanings(book).medicine(code, ()).known
    return "" if known or meaning.terms or meaning.medicines else said[0]


def _may_be_ours(text: str, book: RuleBook) -> bool:
    """Whether a text is no English by its letters, or has a word that is almost one by which procedures are known.

    A word that is one of these, in a text that names none of them, is one of many procedures: a resection.
    """
    if any(letter.isalpha() and not letter.isascii() for letter in text):
        return bool(_long_words(book))
    ours = _long_words(book)
    others = (word for word in _LONG_WORD.findall(folded(text)) if word not in ours)
    return any(get_close_matches(word, ours, 1, ALMOST) for word in others)


@lru_cache(maxsize=8)
def _long_words(book: RuleBook) -> list[str]:
    """The long words that name a procedure alone."""
    terms = (term for term in book.terms.values() if isinstance(term, Condition))
    names = {folded(name) for term in terms for name in term.procedures}
    return sorted(name for name in names if _LONG_WORD.fullmatch(name))
