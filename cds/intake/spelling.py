"""Words as they are compared: the same whatever their case, accents, width, hyphens and spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST_KEPT = 200
"""What was worked out for a longer text is not kept."""
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_SPACES = re.compile(r"[\s\u00ad\u200b-\u200d_-]+")
_LETTERS = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‐": "-", "ø": "o", "æ": "ae", "œ": "oe"}
)


def folded(text: str) -> str:
    """The text without case, accents and width; hyphens and any space are one space.

    ``Préféré`` and ``PREFERE``, ``ＡＢＣ`` and ``abc`` are the same; an umlaut as two letters is another spelling.
    """
    return _folded(text) if len(text) <= LONGEST_KEPT else _folded.__wrapped__(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    plain = text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_LETTERS)))
    return _SPACES.sub(" ", plain.casefold().translate(_LETTERS)).strip()


def is_of_ideographs(text: str) -> bool:
    """Whether a text has Chinese or Japanese letters: between their words no space stands."""
    return any("\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" for letter in text)
