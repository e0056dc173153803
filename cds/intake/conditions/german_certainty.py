"""The letters by which German diagnoses say how certain they are: beside the code, after it, or as a status."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cds.intake.conditions.contexts import Context
from cds.intake.elements import objects
from cds.jsontypes import Json

EXTENSION = "icd-10-gm-diagnosesicherheit"
CERTAINTIES = {"G": Context.STATED, "V": Context.POSSIBLE, "A": Context.NEGATED, "Z": Context.HISTORICAL}
"""The letters of certainty of German diagnoses: certain, suspected, ruled out, the state after it."""
STATUSES = {"G": "confirmed", "V": "unconfirmed", "A": "refuted"}
"""The verification status that a letter stands for; Z is left as it is: not understood."""
SYSTEM = "ICD_DIAGNOSESICHERHEIT"
"""What the names of the code system of these letters have in common."""
_LETTER = re.compile(r"[A-TV-Z]\d\d(?:\.\d{0,2})?[-+*!\u2020]?\s*([AGVZ])\s?[RLB]?", re.IGNORECASE)
_GERMAN = re.compile(r"icd-?10-?gm|1\.2\.276\.", re.IGNORECASE)


def certainty_of(concept: Any) -> Context:
    """What the letters of certainty say that stand beside a German code, or after it."""
    listed = objects(concept.get("coding")) if isinstance(concept, dict) else []
    letters = {letter for coding in listed for letter in _letters(coding)}
    return next(
        (context for context in Context if any(CERTAINTIES[letter] is context for letter in letters)), Context.STATED
    )


def _letters(coding: Json) -> Iterator[str]:
    for item in objects(coding.get("extension")):
        stated = item.get("valueCoding")
        code = stated.get("code") if isinstance(stated, dict) else None
        if str(item.get("url")).endswith(EXTENSION) and code in CERTAINTIES:
            yield code
    found = _LETTER.fullmatch(str(coding.get("code")).strip())
    if found and _GERMAN.search(str(coding.get("system"))):
        yield found[1].upper()


def verification_of(coding: Json) -> str | None:
    """The code of FHIR that a letter of certainty stands for; None for any other coding."""
    return STATUSES.get(str(coding.get("code"))) if SYSTEM in str(coding.get("system")) else None
