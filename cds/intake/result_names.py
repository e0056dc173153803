"""What a result may be whose code leads nowhere: by its name, or by a code that names no code system.

Such a result is never read: a name does not say which of several tests it is, and a number that is a LOINC code may be
a local code as well. It is said, so that nobody takes the test for missing or an older result for the newest one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cds.intake.vocabulary import Vocabulary, codings, plain, texts
from cds.rulebook.lines import SYSTEMS

_OTHER_THING = re.compile(
    r"\b(?:urin\w*|ratio|clearance|excret\w*|reabsorption|intake|diet\w*|supplement\w*|prescri\w+|target|goal"
    r"|stool|f(?:a)?eces|\w*fluid|dialysate|csf|sweat|saliva|semen|milk|bile|hair|nail|tissue|stone|calcul(?:us|i)"
    r"|crystals?|casts|erythrocytes|red blood cells|leukocytes|platelets|meconium|amniotic|cord blood|water"
    r"|channel|score card|oxalate|carbonate|citrate|gluconate|acetate|dehydrogenase|pyridoxal|related|binding"
    r"|antibod\w+|ab|ig[aegm]|1,\s*25|24,\s*25|dihydroxy\w*|z-score)\b",
    re.IGNORECASE,
)
"""Words by which a name means something else than the result in blood: another specimen, substance or quantity."""
_PART_OF = re.compile(r"[a-z]/$", re.IGNORECASE), re.compile(r"/[a-z]|\.[a-z]", re.IGNORECASE)
"""What stands before and after a name that is only one side of a ratio, or one fraction (LOINC: ``Calcium.bound``)."""
_FRACTIONS = (
    (re.compile(r"\bcalcium\.(?:ioni[sz]ed|free)\b", re.IGNORECASE), "ionised calcium"),
    (re.compile(r"\bparathyrin\.intact\b", re.IGNORECASE), "parathyrin"),
)
"""The fractions that the rulebook knows under another name."""


def possible(concept: Any, words: Vocabulary) -> str:
    """The measurement that a result without a known code may be; empty where nothing says so."""
    return _by_bare_code(concept, words) or _by_name(texts(concept), words)


def bare_codes(concept: Any) -> list[str]:
    """The codes of a concept that name no code system."""
    stated = (coding.get("code") for coding in codings(concept) if not str(coding.get("system") or "").strip())
    return [code for code in stated if isinstance(code, str)]


def _by_bare_code(concept: Any, words: Vocabulary) -> str:
    return next(
        (term for code in bare_codes(concept) for term, _ in words.measurements.find(SYSTEMS["LOINC"], code)), ""
    )


def _by_name(names: Iterable[str], words: Vocabulary) -> str:
    """The measurement by the first name that is one; none where any of the names says that it is something else."""
    listed = list(names)
    if any(_OTHER_THING.search(text) for text in listed):
        return ""
    return next((term for text in listed if (term := _named(text, words))), "")


def _named(text: str, words: Vocabulary) -> str:
    for fraction, name in _FRACTIONS:
        text = fraction.sub(name, text)
    before, after = _PART_OF
    for found in words.result_names.finditer(text):
        if not before.search(text[: found.start()]) and not after.match(text[found.end() :]):
            return words.result_terms[plain(found[0])]
    return ""
