"""The numbers in a sentence, with their units: ``12 mg/dL (3.0 mmol/L)``, ``20 to below 30 ng/mL``, ``3 months``.

Digits that belong to a name are no numbers: ``CKD G3a``, ``25-OH vitamin D``, ``E83.59``, ``KDIGO 2017, 4.3.2 (2B)``.
A number without a unit takes that of the term that stands before it (``eGFR below 30``) or of the number that it is
joined with (``from 12 to 20 ng/mL``). Numbers that are written as words (``two``, ``half``) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cds.quantity import unit_key

DAY, YEAR_OF_AGE, YEAR_OF_A_SOURCE = "day", "a", "year of a source"
TIMES = {
    "minute": 1 / 1440, "min": 1 / 1440, "hour": 1 / 24, "h": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0,
    "year": 365.0,
}  # fmt: skip
"""The words for time that follow a number, and how many days one is."""
_NAMES = re.compile(
    r"""(?x)
    \d{4}-\d\d-\d\d | \d+(?:\.\d+){2,} | \b\d{4,}-\d\b             # a date, a section of a guideline, a LOINC code
    | \b[A-Za-z]+(?:-[A-Za-z]+)*-?\d[\w.]*                         # G3a, MK-7, CA-02, E83.59
    | \b\d+,\d{1,2}\b(?!\d)(?:-?\(OH\)\d)?(?:-\w+)*                # 1,25-dihydroxyvitamin D
    | \b\d+\(OH\)\w*                                               # 25(OH)D
    | \b\d+-(?!(?:day|week|month|year)s?\b)[A-Za-z(][\w()-]*       # 25-OH, 24-hour
    | (?i:\b(?:stages?|grade)\ \d(?:,\ \d)*(?:\ (?:or|and|to)\ \d)?)  # stage 3, 4 or 5
    """
)
_NUMBER = re.compile(r"(?<![\w.])(?:(?<!\d)-)?\d+(?:,\d{3})*(?:\.\d+)?")
_UNIT = re.compile(r"[ -]?([A-Za-z%µ[][A-Za-z%µ/.\d{}[\]_^]*)")
_DAILY = re.compile(r"(?: [a-z]+){0,3}? (?:a|per) day\b")
_JOINED = re.compile(r"(?:\s|-|–|\b(?:to|and|or|up|below|above)\b)+")
_RANGE = re.compile(r"[-–]|\bto\b")
_BEFORE = r"(?: (?:is|was|of|to|at|from|below|above|under|over|least|most|about|up))*"
_AGED = re.compile(r"\b(?:under|aged|age of) $", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


class Mention(NamedTuple):
    """A number of a text, ``words`` from place ``at``; its unit is empty where the text has none.

    Times are in days (``time`` is the word of the text, ``written`` the number that stands there). ``daily``: the text
    says that it is an amount a day. ``decimals`` are those that the text has. ``side`` tells the ends of a range
    (-1 and 1): below 20 may be written as ``to 19``, above 0 as ``1 to``.
    """

    number: float
    unit: str
    words: str
    at: int
    written: float
    decimals: int
    daily: bool = False
    time: str = ""
    side: int = 0


class Wordlist(NamedTuple):
    """What prose is read with: the keys of all units, and the terms with their units."""

    units: frozenset[str]
    terms: tuple[tuple[str, str], ...]


@lru_cache(maxsize=8192)
def mentions(text: str, words: Wordlist) -> tuple[Mention, ...]:
    """The numbers of a text, in their order."""
    text = text.replace("\n", " ")
    plain = _NAMES.sub(lambda name: " " * len(name[0]), text)
    found = [_of_term(text, item, words.terms) for item in _mentions(plain, words.units)]
    _join(found, [plain[one.at + len(one.words) : other.at] for one, other in pairwise(found)])
    return tuple(_as_year(text, item) for item in found)


def base_unit(unit: str) -> tuple[str, bool]:
    """The key of a unit without its ``a day``, and whether it had that: ``mg/d`` is ``mg``, daily."""
    key = unit_key(unit)
    for daily in ("/d", "/(24.h)", "/day", "/24h"):
        if key.endswith(daily):
            return unit_key(key.removesuffix(daily)), True
    return key, False


def time_word(word: str) -> str:
    """The word for time in the singular; nothing when it is another word."""
    single = word.lower().removesuffix("s")
    return single if single in TIMES else ""


def _mentions(text: str, known: frozenset[str]) -> Iterator[Mention]:
    stop = 0
    for match in _NUMBER.finditer(text):
        if match.start() < stop:
            continue  # a number inside a unit: mL/min/{1.73_m2}
        written, decimals = float(match[0].replace(",", "")), len(match[0].partition(".")[2])
        plain = Mention(written, "", match[0], match.start(), written, decimals)
        unit = _UNIT.match(text, match.end())
        if unit is None:
            yield plain
            continue
        word, stop = unit[1].rstrip("."), unit.start(1) + len(unit[1].rstrip("."))
        base, daily = base_unit(word)
        if time := time_word(word):
            yield plain._replace(number=written * TIMES[time], unit=DAY, words=text[match.start() : stop], time=time)
        elif base in known or "/" in word.strip("/"):
            daily = daily or _DAILY.match(text, stop) is not None
            yield plain._replace(unit=base, words=text[match.start() : stop], daily=daily)
        elif not unit[0][0].isalpha():
            yield plain  # letters right behind a number make a name of it: 2B


@lru_cache(maxsize=8)
def _terms_before(terms: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """A pattern that finds a term right before a number, and the unit of each term."""
    units = {name.lower(): unit for name, unit in terms}
    names = "|".join(re.escape(name) for name in sorted(units, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"\b({names}){_BEFORE} $", re.IGNORECASE), units


def _of_term(text: str, one: Mention, terms: tuple[tuple[str, str], ...]) -> Mention:
    """A number without a unit in that of the term before it."""
    pattern, units = _terms_before(terms)
    match = None if one.unit else pattern.search(text[max(0, one.at - 80) : one.at])
    return one._replace(unit=base_unit(units[match[1].lower()])[0]) if match else one


def _join(found: list[Mention], between: list[str]) -> None:
    """Give numbers without a unit that of the number that they are joined with, and mark the ends of ranges."""
    joined = [place for place, words in enumerate(between) if _JOINED.fullmatch(words)]
    for place in reversed(joined):
        if not found[place].unit:
            found[place] = _like(found[place], found[place + 1])
    for place in joined:
        if not found[place + 1].unit:
            found[place + 1] = _like(found[place + 1], found[place])
        if _RANGE.search(between[place]):
            found[place] = found[place]._replace(side=-1)
            found[place + 1] = found[place + 1]._replace(side=1)


def _like(one: Mention, other: Mention) -> Mention:
    number = one.number * TIMES.get(other.time, 1)
    return one._replace(number=number, unit=other.unit, daily=other.daily, time=other.time)


def _as_year(text: str, one: Mention) -> Mention:
    """A number without a unit that is the year of a source, or an age (``under 65``)."""
    if one.unit:
        return one
    if _YEAR.fullmatch(one.words):
        return one._replace(unit=YEAR_OF_A_SOURCE)
    return one._replace(unit=YEAR_OF_AGE) if _AGED.search(text[: one.at]) else one
