"""Names that hold digits: ``CKD G3a``, ``25-OH vitamin D``, ``E83.59``, ``KDIGO 2017, 4.3.2 (2B)``.

They are listed one by one. What is not listed is a number, however it is glued to its words (``13-fold``, ``13wk``,
``13,5``): a form that nobody foresaw is then read, and at worst compared with the numbers of every unit.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_NAMES = re.compile(
    r"""(?x)
    \d{4}-\d\d-\d\d(?!\d) | \d+(?:\.\d+){2,}                          # a date, a section of a guideline
    | \b\d{4,}-\d\b(?!\ ?[a-z%])                                      # a LOINC code
    | \bICD-(?:9|10)\b | \b[A-Z]\d\d(?:\.[\dA-Z]{1,4})?\b             # E83.59, M80
    | \bG[1-5][ab]?D?\b | \b[12][A-D]\b                               # stages of a disease, grades of a recommendation
    | (?i:\b(?:stages?|grades?)\ [1-5][ab]?(?:,\ [1-5][ab]?)*(?:\ (?:or|and|to)\ [1-5][ab]?)?)\b(?!\ ?[a-z%]+/)
    | (?i:\b(?:D[23]|K[12]|MK-?[47]|B(?:12|[1-9])|H[12]|T[34]|CO2|A1c|HbA1c|COX-?2|SGLT-?2|GLP-?1|FGF-?23)\b)
    | \b(?:1|24),25(?:-dihydroxy\w*|-?\(OH\)2(?:-?D\d?)?\b|(?=:\ ))   # 1,25-dihydroxy...
    | \b25\(OH\)(?:D\d?)?\b | (?i:\b25-?OH(?:-?D\d?)?\b | \b25-hydroxy[a-z]*)
    | \b24-hour(?=\ urine\b)
    | \b\d*(?:1st|2nd|3rd|\dth)\b(?!\ percentile)
    | (?<!\d)(?<!\d\ )\bmL/min/\{?1\.73[\ _]?m\^?2\}? | (?<!1\.73\ )\bm\^?2\b   # a unit without a number before it
    """
)
_IDENTIFIER = re.compile(r"\b[A-Z][A-Za-z]*-?\d+\w*\b")


def without_names(text: str, identifiers: Collection[str]) -> str:
    """The text with blanks where a name with digits stands; ``identifiers`` are those of rules and sources."""
    known = _IDENTIFIER.sub(lambda found: _blank(found) if found[0] in identifiers else found[0], text)
    return _NAMES.sub(_blank, known)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
