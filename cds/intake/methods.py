"""What the method and the site of a dosage say about the way into the body, where no route is stated.

Codes: SNOMED CT, the methods of FHIR's value set administration-method-codes (the children of 736665006), and the two
older instructions 422145002 (Inject) and 419652001 (Take). A code means the same in any system.
"""

from __future__ import annotations

import re
from typing import Any

from cds.intake.record import Json
from cds.intake.vocabulary import codings, texts

INJECTED, SWALLOWED, PLACED, NEUTRAL, ODD = "injected", "swallowed", "placed", "neutral", "not understood"
_CODES = {
    INJECTED: "422145002 740685003 764794000",
    SWALLOWED: "738995006 738992009 764498003 823034001",
    PLACED: "738991002 738993004 738994005 738996007 740666001 785900008",
    NEUTRAL: "738990001 419652001",
}
CODES = {code: method for method, codes in _CODES.items() for code in codes.split()}
_WORDS = {
    INJECTED: r"inject\w*|infus\w+|push|drip|implant\w*",
    SWALLOWED: r"swallow\w*|chew\w*|suck\w*|dissolve\w*|drink\w*|by mouth|oral\w*|orodispers\w*|mouth|tongue",
    PLACED: r"apply|appli\w+|insert\w*|instil\w*|spray\w*|inhal\w*|rinse\w*",
    NEUTRAL: r"take\w*|giv\w+|administ\w+",
}
WORDS = {method: re.compile(rf"\b(?:{words})\b", re.I) for method, words in _WORDS.items()}


def as_concepts(value: Any) -> list[Json]:
    """What stands where a concept should, as concepts: a text, a coding, or a list of them."""
    if isinstance(value, list):
        return [concept for item in value for concept in as_concepts(item)]
    if isinstance(value, dict):
        one = value.get("coding")
        whole = value if "coding" in value or "text" in value else {"coding": [value]}
        return [{**whole, "coding": [one]} if isinstance(one, dict) else whole]
    return [{"text": str(value)}] if value is not None and value != "" else []


def method_of(dosage: Json) -> str | None:
    """How a dosage is given, by its method and its site; None where neither says anything."""
    found = {_of_concept(concept) for key in ("method", "site") for concept in as_concepts(dosage.get(key))}
    told = found - {None, NEUTRAL}
    if not told:
        return None
    return ODD if len(told) > 1 else told.pop()


def _of_concept(concept: Json) -> str | None:
    coded = {CODES[code] for c in codings(concept) if (code := str(c.get("code"))) in CODES}
    words = {method for text in texts(concept) for method, pattern in WORDS.items() if pattern.search(text)}
    found = coded or (words - {NEUTRAL} or words)
    if not found:
        return ODD if texts(concept) or any(codings(concept)) else None
    return found.pop() if len(found) == 1 else ODD
