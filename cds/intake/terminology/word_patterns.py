"""Patterns that find any of many words or names in a text, whole, the longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds.intake.elements import plain
from cds.intake.terminology.spelling import SIGNS, UNSPACED, has_unspaced


def names_of_others(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words as whole words; ``*`` stands for any letters."""
    parts = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+").replace(",", r",\s*") for word in words)
    return re.compile(rf"\b(?:{'|'.join(parts) or '(?!)'})\b", re.IGNORECASE)


def words_of_any_script(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words, anywhere those of scripts without spaces; ``*`` stands for any letters."""
    listed = sorted(words, key=len, reverse=True)
    parts = (re.escape(word).replace(r"\*", r"[^\W\d_]*") for word in listed if not has_unspaced(word))
    signs = map(re.escape, filter(has_unspaced, listed))
    spaced = rf"(?<![^\W\d_])(?:{'|'.join(parts) or '(?!)'})(?![^\W\d_])"
    return re.compile("|".join((spaced, *signs)), re.IGNORECASE)


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words as whole words, the longest first; spaces and hyphens are one."""
    return re.compile(rf"(?<![\w-])(?:{any_of(words)})(?![\w-])", re.IGNORECASE)


def names_beside_signs(names: Iterable[str]) -> re.Pattern[str]:
    """As ``words_pattern``, but a letter may stand beside Chinese, Japanese or Korean without a space: ``血清Ca``."""
    return re.compile(rf"(?<!-){_BEGINS}(?:{any_of(names)})(?!-){_ENDS}", re.IGNORECASE)


_LETTER = rf"[^\W{SIGNS}]"
_BEGINS = rf"(?-i:(?=[{UNSPACED}])(?<!\w)|(?![{UNSPACED}])(?<!{_LETTER}))"
_ENDS = rf"(?-i:(?<=[{UNSPACED}])(?!\w)|(?<![{UNSPACED}])(?!{_LETTER}))"
"""Where a name begins and ends: at its own ends stand signs, or letters, beside which signs are no part of it.

Each stands once, and not at every name, and without folding a case that signs do not have: that takes seconds.
"""


def names_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """As ``words_pattern``, but a hyphen may join a name to others: ``lisinopril-hydrochlorothiazide``."""
    return re.compile(rf"(?<!\w)(?:{any_of(names)})(?!\w)", re.IGNORECASE)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; spaces and hyphens are one."""
    parts = sorted((re.escape(plain(word)).replace(r"\ ", r"[\s-]+") for word in words), key=len, reverse=True)
    return "|".join(parts) or "(?!)"
