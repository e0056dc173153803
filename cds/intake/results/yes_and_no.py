"""The words of general language for yes and no, and numbers with a unit as they stand in an answer."""

from __future__ import annotations

import re

from cds.intake.conditions.contexts import cues

YES = cues("""
    yes | y | true | ja | j | oui | o | si | s | sim | kylla | positive | 是 | 有 | あり | 有り | はい |
    예 | 네
""")
NO = cues("""
    no | n | false | nein | non | nee | nej | nei | ei | nao | none | 否 | 无 | 無 | 没有 | なし | 無し | いいえ |
    아니오
""")
"""Whole answers; what else stands in an answer is looked up in the rules."""
_NUMBER = re.compile(
    r"(?:ca\.?|about|approx\.?|around|up to|~|<|>|≥|≤|=|c\.)?\s*(\d+/\d+|\d+(?:[.,]\d+)?)"
    r"(?:\s*(?:-|to|bis|a)\s*\d+(?:[.,]\d+)?)?\s*(\D.*)"
)


def number_of(text: str) -> tuple[float, str] | None:
    """The (first) number at the beginning of a text and the unit that is its rest; None where it has another form."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    above, slash, below = found[1].replace(",", ".").partition("/")
    if slash and float(below) == 0:
        return None
    return float(above) / (float(below) if slash else 1), found[2].strip()
