"""The words with which prose is read for numbers: names that hold digits, words for time, units, terms.

Names with digits (``CKD G3a``, ``25-OH vitamin D``, ``E83.59``, ``KDIGO 2017, 4.3.2 (2B)``) are listed one by one.
What is not listed is a number, however it is glued to its words (``13-fold``, ``13wk``, ``13,5``): a form that nobody
foresaw is then read, and at worst compared with the numbers of every unit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from cds.quantity import unit_key
from cds.rulebook.model import RuleBook
from cds.rulebook.model.placeholder import without_placeholders
from cds.rulebook.scales import scales_of

_NAMES = re.compile(
    r"""(?ax)
    \d{4}-\d\d-\d\d(?!\d) | \d+(?:\.\d+){2,}                          # a date, a section of a guideline
    | \b\d{4,}-\d\b(?!\ ?[a-z%])                                      # a LOINC code
    | \bICD-(?:9|10)\b | \b[A-Z]\d\d(?:\.[\dA-Z]{1,4})?\b             # E83.59, M80
    | \bG[1-5][ab]?D?\b | \b[12][A-D]\b                               # stages of a disease, grades of a recommendation
    | (?i:\b(?:stages?|grades?)\ [1-5][ab]?(?:,\ [1-5][ab]?)*(?:\ (?:or|and|to)\ [1-5][ab]?)?)\b(?!\ ?[a-z%]+/)
    | (?i:\b(?:D[23]|K[12]|MK-?[47]|B(?:12|[1-9])|H[12]|T[34]|CO2|A1c|HbA1c|COX-?2|SGLT-?2|GLP-?1|FGF-?23)\b)
    | \b(?:1|24),25(?:-dihydroxy\w*|-二羟(?:维生素D)?|-?\(OH\)2(?:-?D\d?)?\b|(?=:\ ))   # 1,25-dihydroxy...
    | \b25\(OH\)(?:D\d?)?\b | (?i:\b25-?OH(?:-?D\d?)?\b | \b25-hydroxy[a-z]*)
    | \b24-hour(?=\ urine\b) | \b24小时(?=尿) | \b25-羟(?:基)?(?:维生素D\d?)?
    | \b\d*(?:1st|2nd|3rd|\dth)\b(?!\ percentile)
    | (?<!\d)(?<!\d\ )\bmL/min/\{?1\.73[\ _]?m\^?2\}? | (?<!1\.73\ )\bm\^?2\b   # a unit without a number before it
    """
)
_IDENTIFIER = re.compile(r"\b[A-Z][A-Za-z]*-?\d+\w*\b", re.ASCII)
_CHINESE = str.maketrans({"至": "-", "～": "-", "（": "(", "）": ")", "，": ",", "：": ":", "；": ";"})
"""What stands between numbers in Chinese, as it is written in English."""
_CHINESE_TIMES = {"小时": " h", "个月": "mo", "天": "d", "周": "w", "岁": "y", "年": "y"}
_CHINESE_TIME = re.compile(r"(?<=[\d/])(?:小时|个月|天|周|岁|(?<!\d{4})年)")
"""Words for time behind a number, as long as what they become; the year of a source is none."""


def without_names(text: str, identifiers: Collection[str]) -> str:
    """The text with blanks where a name with digits stands; ``identifiers`` are those of rules and sources.

    What stands in a placeholder is the name of a term.
    """
    plain = without_placeholders(text).translate(_CHINESE)
    known = _IDENTIFIER.sub(lambda found: _blank(found) if found[0] in identifiers else found[0], plain)
    return _CHINESE_TIME.sub(lambda found: _CHINESE_TIMES[found[0]], _NAMES.sub(_blank, known))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


DAYS_OF = {
    "minute": 1 / 1440,
    "min": 1 / 1440,
    "hour": 1 / 24,
    "h": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.0,
    "year": 365.0,
}
"""The words for time that follow a number, and how many days one is."""
_SHORT = {"hr": "hour", "d": "day", "wk": "week", "mo": "month", "mth": "month", "w": "week", "yr": "year", "y": "year"}
_PER = {"h hr hour": "hour", "d day 24h (24.h)": "day", "wk week": "week", "mo month": "month", "a yr year": "year"}
_SUFFIXES = {f"/{word}": time for words, time in _PER.items() for word in words.split()}
_WORDS = r"(?:[ -](?!(?:for|in|within|after|about|over|and|or|to)\b)[A-Za-z]+)"
_BEHIND = re.compile(
    rf"{_WORDS}{{0,3}}?[ -](?:(?:an?|per|each|every)[ -](?P<nth>(?:other|second|two|three|\d+)[ -])?"
    r"(?P<word>minute|hour|day|week|month|year)s?|(?P<ly>hour|dai|week|month|year)ly)\b"
)
_BEFORE = re.compile(r"\b(?P<ly>hour|dai|week|month|year)ly(?: (?!and\b|or\b)[A-Za-z]+){0,2} $", re.IGNORECASE)


def time_word(word: str) -> str:
    """The word for time in the singular (``week`` for ``wks``); nothing when it is another word."""
    single = word.lower().removesuffix("s")
    single = _SHORT.get(single, single) if len(word) > 1 or word.islower() else single
    return single if single in DAYS_OF else ""


def base_unit(unit: str) -> tuple[str, str]:
    """The key of a unit without the time it is per, and that time: ``mg/d`` is ``mg``, per ``day``."""
    key = unit_key(unit)
    for suffix, period in _SUFFIXES.items():
        if key.endswith(suffix):
            return unit_key(key.removesuffix(suffix)), period
    return key, ""


def period_around(text: str, start: int, end: int) -> str:
    """Per what an amount from ``start`` to ``end`` is, as the words around it say; nothing where they do not.

    ``2500 mg a week`` is per ``week``, ``2500 mg every other day`` per ``other day``: neither is an amount a day.
    """
    match = _BEHIND.match(text, end) or _BEFORE.search(text[max(0, start - 60) : start])
    if match is None:
        return ""
    if word := match["ly"]:
        return "day" if word.lower() == "dai" else str(word).lower()
    return (match["nth"] or "").replace("-", " ") + match["word"]


class Wordlist(NamedTuple):
    """What prose is read with: the keys of all units, the terms with their units, and what rules and sources are."""

    units: frozenset[str]
    terms: tuple[tuple[str, str], ...]
    identifiers: frozenset[str] = frozenset()


@lru_cache(maxsize=8)
def wordlist(book: RuleBook) -> Wordlist:
    """The units and terms of a rulebook, as prose is read with them."""
    scales = [scale for term in book.terms.values() for scale in scales_of(term, book.terms)]
    units = {base_unit(unit)[0] for scale in scales for unit in (scale.unit, *scale.factors)}
    units |= {unit for nutrient in book.products.nutrients.values() for unit in nutrient.units} | {"%"}
    identifiers = frozenset((*book.rules, *book.sources))
    return Wordlist(frozenset(units - {"1", "a", "d"}), tuple(_names_and_units(book)), identifiers)


def _names_and_units(book: RuleBook) -> Iterator[tuple[str, str]]:
    """The names of terms; those without a unit are also called by their last word (``a score of 100``)."""
    for term in book.terms.values():
        if unit := getattr(term, "unit", ""):
            yield term.name, unit
            if unit == "1" or unit.startswith("{"):
                yield term.name.rsplit(" ", 1)[-1], unit
