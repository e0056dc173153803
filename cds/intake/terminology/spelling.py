"""Words as they are compared: the same whatever their case, accents, width, hyphens and spaces.

Scripts that write no spaces between words stand here once for all who look for words in a text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST_KEPT = 200
"""What was worked out for a longer text is not kept."""
KATAKANA = "\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
IDEOGRAPHS = f"\u3005\u3040-\u309f{KATAKANA}\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Kana and Chinese characters, as a part of a character class."""
SIGNS = f"{IDEOGRAPHS}\uac00-\ud7af"
"""These and Hangul: a word may stand beside another one without a space."""
UNSPACED = f"{SIGNS}\u30fb"
"""These and the dot that stands between two names instead of a space."""
_IDEOGRAPH = re.compile(f"[{IDEOGRAPHS}]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_STROKES = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "AE"})
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "ß": "ss"})
"""Letters that have no accent in Unicode and are written without one all the same."""
_LAST_ALPHABET = "\u1fff"
"""The last letter of Latin, Greek and Cyrillic with accents; what follows has marks that change the sound."""
_SIGNS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‐": "-"})
_SPACES = re.compile(r"[\s\u00ad\u200b-\u200d_-]+")


def without_accents(text: str) -> str:
    """The letters of alphabets alone, in narrow forms; the sounds of Japanese and Korean keep their marks."""
    if text.isascii():
        return text
    narrow = unicodedata.normalize("NFKC", text).translate(_STROKES).translate(_LIGATURES)
    return narrow if narrow.isascii() else "".join(map(_bare, narrow))


def _bare(letter: str) -> str:
    if letter < "\u00c0" or letter > _LAST_ALPHABET:
        return letter
    return "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))


def folded(text: str) -> str:
    """The text without case, accents and width; hyphens and any space are one space.

    ``Préféré`` and ``PREFERE``, ``ＡＢＣ`` and ``abc`` are the same; an umlaut as two letters is another spelling.
    """
    return _folded(text) if len(text) <= LONGEST_KEPT else _folded.__wrapped__(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    plain = without_accents(text if text.isascii() else text.translate(_SIGNS))
    return _SPACES.sub(" ", plain.casefold().translate(_SIGNS)).strip()


def is_of_ideographs(text: str) -> bool:
    """Whether a text has Chinese or Japanese letters: between their words no space stands."""
    return not text.isascii() and _IDEOGRAPH.search(text) is not None


def has_unspaced(text: str) -> bool:
    """Whether a text has signs of a script in which words stand beside each other without a space."""
    return not text.isascii() and _UNSPACED.search(text) is not None
