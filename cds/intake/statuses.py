"""The clinical and the verification status of a Condition in the words of FHIR, and what in them leaves it open."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cds.intake.meaning import Key, concept_key, concept_of
from cds.intake.record import Json
from cds.intake.vocabulary import codings, texts

AGAIN = frozenset({"recurrence", "relapse"})
ACTIVE = frozenset({"active", *AGAIN})
PAST = frozenset({"inactive", "remission", "resolved"})
CERTAIN = frozenset({"confirmed"})
SUSPECTED = frozenset({"provisional", "differential", "unconfirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})
KNOWN = ACTIVE | PAST | CERTAIN | WRONG | SUSPECTED
"""The codes of clinical and verification status in FHIR R4."""
NOT_UNDERSTOOD = frozenset({""})
"""A status that is on record and has no word that can be read: it is never the same as none."""
SAYS_NOTHING = frozenset({"id", "extension"})
"""What every element of FHIR may hold beside its content."""


def status_of(resource: Json, key: str) -> frozenset[str]:
    """What a status says in the words of FHIR, by its codes and texts; where none is known, all that it says.

    A string, a Coding, a list of concepts, and a coding that is no list are read as the concept that they stand for.
    """
    value = resource.get(key)
    if type(value) is not dict or type(value.get("coding")) is not list:
        return _said(value)
    try:
        return _remembered(concept_key(value))
    except TypeError:
        return _said(value)


@lru_cache(maxsize=1024)
def _remembered(key: Key) -> frozenset[str]:
    return _said(concept_of(key))


def _said(value: Any) -> frozenset[str]:
    concepts = value if isinstance(value, list) else [value]
    stated = (word.strip().lower() for concept in concepts for word in _words(concept))
    found = frozenset(word for word in stated if word)
    return found & KNOWN or found or (NOT_UNDERSTOOD if any(map(_says_something, concepts)) else frozenset())


def _words(concept: Any) -> Iterable[str]:
    if not isinstance(concept, dict):
        return [concept] if isinstance(concept, str) else []
    coding = concept.get("coding")
    as_listed = {**concept, "coding": [coding if isinstance(coding, dict) else concept]}
    concept = concept if isinstance(coding, list) else as_listed
    coded = (item.get("code") for item in codings(concept))
    return [word for word in (*coded, *texts(concept)) if isinstance(word, str)]


def _says_something(concept: Any) -> bool:
    return bool(concept.keys() - SAYS_NOTHING if isinstance(concept, dict) else concept not in (None, "", False))


def doubt(clinical: frozenset[str], verification: frozenset[str]) -> str:
    """Why the two statuses leave open whether the patient has a condition; empty where they do not."""
    if clinical & ACTIVE and clinical & PAST:
        return "its clinical status says that it is active and that it is over"
    if clinical - ACTIVE - PAST:
        return "its clinical status is not understood"
    if suspected := verification & SUSPECTED:
        return f"it is recorded as {min(suspected)}"
    if verification & WRONG:
        return "its verification status contradicts itself"
    return "its verification status is not understood" if verification - CERTAIN else ""
