"""What the method and the site of a dosage say about the way into the body, where no route is stated.

Codes: SNOMED CT, the methods of FHIR's value set administration-method-codes (the children of 736665006), and the two
older instructions 422145002 (Inject), 419652001 (Take) and 421521009 (Swallow). A code means the same in any system.
"""

from __future__ import annotations

import re
from typing import Any

from cds.intake.concepts import codings, remembered, texts
from cds.intake.elements import Json

INJECTED, SWALLOWED, PLACED, NEUTRAL = "injected", "swallowed", "placed", "neutral"
ODD, MIXED = "not understood", "contradictory"
_CODES = {
    INJECTED: "422145002 740685003 764794000",
    SWALLOWED: "738995006 738992009 764498003 823034001 421521009",
    PLACED: "738991002 738993004 738994005 738996007 740666001 785900008",
    NEUTRAL: "738990001 419652001",
}
CODES = {code: method for method, codes in _CODES.items() for code in codes.split()}
_WORDS = {
    INJECTED: r"inject\w*|infus\w+|push|drip|implant\w*|injizier\w*|inyect\w*|spritz\w*|iniett\w*",
    SWALLOWED: (
        r"swallow\w*|chew\w*|suck\w*|dissolve\w*|drink\w*|by mouth|oral\w*|orodispers\w*|mouth|tongue|stomach|"
        r"einnehmen|schlucken|kauen|lutschen|trinken|avaler|croquer|sucer|boire|innemen|slikken|kauwen|drinken|"
        r"tragar|masticar\w*|chupar|beber|ingerir|deglutire|masticare|bere"
    ),
    PLACED: r"apply|appli\w+|insert\w*|instil\w*|spray\w*|inhal\w*|rinse\w*|auftragen|aplicar|applicare|inhaler",
    NEUTRAL: (
        r"take\w*|giv\w+|administ\w+|nehmen|prendre|nemen|tomar|prendere|assumere|"
        r"(?:with|before|after|between|at) (?:meals?|food|water|breakfast|lunch|dinner|supper)"
    ),
}
"""In English, and what labels and orders say for taking in German, French, Dutch, Spanish and Italian."""
WORDS = {method: re.compile(rf"\b(?:{words})\b", re.I) for method, words in _WORDS.items()}
_EMPTY = re.compile(
    r"[\W_]*(?:n/?a|unknown|unk|not (?:known|applicable|specified|stated)|none|unspecified)?[\W_]*", re.I
)
_NO_CODES = frozenset({
    "unk", "ni", "na", "nav", "nask", "asku", "unknown", "asked-unknown", "temp-unknown", "not-asked", "not-applicable",
    "not-available", "error", "unsupported", "261665006", "385432009",
})  # fmt: skip
"""HL7 v3 NullFlavor and FHIR data-absent-reason; SNOMED CT: Unknown, Not applicable."""


def as_concepts(value: Any) -> list[Json]:
    """What stands where a concept should, as concepts: a text, a coding, or a list of them."""
    if isinstance(value, list):
        return [concept for item in value for concept in as_concepts(item)]
    if isinstance(value, dict):
        one = value.get("coding")
        whole = value if "coding" in value or "text" in value else {"coding": [value]}
        return [{**whole, "coding": [one]} if isinstance(one, dict) else whole]
    return [{"text": str(value)}] if value is not None and value != "" else []


def says_nothing(concept: Json) -> bool:
    """Whether a concept has no code and no text, or only such as say that nothing is known."""
    codes = [str(coding["code"]).lower() for coding in codings(concept) if coding.get("code")]
    return all(code in _NO_CODES for code in codes) and all(map(_EMPTY.fullmatch, texts(concept)))


def method_of(dosage: Json) -> str | None:
    """How a dosage is given, by its method and its site; None where neither says anything."""
    found = {_of_concept(concept) for key in ("method", "site") for concept in as_concepts(dosage.get(key))}
    told = found - {None, NEUTRAL, ODD}
    if not told:
        return ODD if ODD in found else None
    return MIXED if len(told) > 1 else told.pop()


@remembered
def _of_concept(concept: Any) -> str | None:
    if says_nothing(concept):
        return None
    coded = {CODES[code] for c in codings(concept) if (code := str(c.get("code"))) in CODES}
    words = {method for text in texts(concept) for method, pattern in WORDS.items() if pattern.search(text)}
    found = coded or (words - {NEUTRAL} or words)
    if not found:
        return ODD
    return found.pop() if len(found) == 1 else MIXED
