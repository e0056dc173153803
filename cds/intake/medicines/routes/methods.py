"""How a dosage is given, by its method and its site: what is swallowed, injected, or put somewhere."""

from __future__ import annotations

from typing import Any

from cds.intake.elements import codings, remembered, texts
from cds.intake.medicines.routes.route_codes import (
    EMPTY_TEXT,
    METHOD_CODES,
    METHOD_WORDS,
    MIXED,
    NEUTRAL,
    NO_CODES,
    ODD,
)
from cds.intake.terminology.concepts import as_concepts
from cds.intake.terminology.spelling import without_accents
from cds.jsontypes import Json


def says_nothing(concept: Json) -> bool:
    """Whether a concept has no code and no text, or only such as say that nothing is known."""
    codes = [str(coding["code"]).lower() for coding in codings(concept) if coding.get("code")]
    return all(code in NO_CODES for code in codes) and all(map(EMPTY_TEXT.fullmatch, texts(concept)))


def method_of(dosage: Json) -> str | None:
    """How a dosage is given, by its method and its site; None where neither says anything."""
    found = {_method_in(concept) for key in ("method", "site") for concept in as_concepts(dosage.get(key))}
    told = found - {None, NEUTRAL, ODD}
    if not told:
        return ODD if ODD in found else None
    return MIXED if len(told) > 1 else told.pop()


@remembered
def _method_in(concept: Any) -> str | None:
    if says_nothing(concept):
        return None
    coded = {METHOD_CODES[code] for c in codings(concept) if (code := str(c.get("code"))) in METHOD_CODES}
    words = {
        method
        for text in map(without_accents, texts(concept))
        for method, pattern in METHOD_WORDS.items()
        if pattern.search(text)
    }
    found = coded or (words - {NEUTRAL} or words)
    if not found:
        return ODD
    return found.pop() if len(found) == 1 else MIXED
