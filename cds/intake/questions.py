"""What asks for a status (pregnant, breastfeeding, smoker): a question by its code, by the status itself, or in words.

FHIR R4, Observation.code and value: a finding may stand in the code, with ``true`` as the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from cds.intake.result_names import bare_codes
from cds.intake.vocabulary import Vocabulary, any_of, codings, plain, texts
from cds.rulebook.lines import SYSTEMS
from cds.rulebook.model import Condition, RuleBook

Questions: TypeAlias = "tuple[tuple[str, str], ...]"
"""Terms, each with the code or the name of the question about it."""
YES = "yes"
"""The answer that names no status: alone it is no name of one."""
_BEFORE = r"(?:(?:is|are|do|does|the|this|an?|patient|person|woman|she|he|you|currently|current|now) )*"
_AFTER = r"(?: (?:status|state|now|currently|at present|today|finding|observable entity|indicator|reported))*"
_SIGNS = re.compile(r"[^\w\s/,-]")


def asked(concept: Any, words: Vocabulary) -> Questions:
    """The questions that the codes of a concept ask."""
    found: dict[str, str] = {}
    for coding in codings(concept):
        system, code = coding.get("system"), coding.get("code")
        of_status = (term for term, _ in words.conditions.find(system, code) if _is_status(words.book, term))
        found |= dict.fromkeys((*of_status, *(term for term, _ in words.questions.find(system, code))), str(code))
    return tuple(found.items())


def asked_in_words(concept: Any, words: Vocabulary) -> Questions:
    """The questions that a concept without a known code asks: by the whole of a text, or a code without a system."""
    bare = ((term, code) for code in bare_codes(concept) for term, _ in words.questions.find(SYSTEMS["LOINC"], code))
    named = ((term, text) for text in texts(concept) for term in _named(text, words.book))
    return tuple(dict((*named, *bare)).items())


def _is_status(book: RuleBook, name: str) -> bool:
    term = book.terms[name]
    return isinstance(term, Condition) and bool(term.questions)


def _named(text: str, book: RuleBook) -> Iterator[str]:
    said = plain(_SIGNS.sub(" ", text))
    return (term for term, pattern in _patterns(book).items() if pattern.fullmatch(said))


@lru_cache(maxsize=8)
def _patterns(book: RuleBook) -> dict[str, re.Pattern[str]]:
    """For each status the texts that ask for it and for nothing else: ``Is the patient pregnant or breastfeeding?``."""
    asked_for = (t for t in book.terms.values() if isinstance(t, Condition) and t.questions)
    return {term.name: _pattern(any_of(_names(term))) for term in asked_for}


def _names(term: Condition) -> list[str]:
    named = (*term.names, *term.yes_words, *(code.display for code in term.questions))
    return [name for name in named if plain(name) not in {"", YES}]


def _pattern(names: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}(?:{names})(?:(?: ?[/,] ?| or | and )(?:{names}))*{_AFTER}", re.IGNORECASE)
