"""The numbers in a sentence, with their units: ``12 mg/dL (3.0 mmol/L)``, ``20 to below 30 ng/mL``, ``3 months``.

Digits that belong to a name are no numbers (``vocabulary`` lists them); all other digits are, also those that are
glued to their words: ``13wk``, ``3000-mg-a-day``, ``13-fold``, ``13,5 mg/dL``.
A number without a unit takes that of the term that stands before it (``eGFR below 30``) or of the number that it is
joined with (``from 12 to 20 ng/mL``). Numbers that are written as words (``two``, ``half``) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cds.review.number_words import DAYS_OF, Wordlist, base_unit, period_around, time_word, without_names
from cds.rulebook.model.form import DAY

YEAR_OF_AGE, YEAR_OF_A_SOURCE = "a", "year of a source"
_NUMBER = re.compile(r"(?<![\d.])(?:(?<![\w])-)?\d+(?:,\d{3}(?!\d))*(?:[.,]\d+)?")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_UNIT = re.compile(r"[ -]?([A-Za-z%µ[][A-Za-z%µ/.\d{}[\]_^]*(?:(?<=1\.73) m\^?2\b)?)")
_SPELLED_OUT = {"milligram": "mg", "microgram": "ug", "gram": "g", "millimole": "mmol", "unit": "[iu]", "percent": "%"}
_JOINED = re.compile(r"(?:\s|-|–|\b(?:to|and|or|up|below|above)\b)+")
_RANGE = re.compile(r"[-–]|\bto\b")
_BEFORE = r"(?: (?:is|was|of|to|at|from|below|above|under|over|least|most|about|up))*"
_AGED = re.compile(r"\b(?:under|aged|age of) $", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


class WrittenNumber(NamedTuple):
    """A number of a text, ``words`` from place ``at``; its unit is empty where the text has none.

    Times are in days (``time`` is the word of the text, ``written`` the number that stands there). ``per``: the time
    that the text says it is an amount of (``day``, ``week``). ``decimals`` are those that the text has. ``side`` tells
    the ends of a range (-1 and 1): below 20 may be written as ``to 19``, above 0 as ``1 to``.
    """

    number: float
    unit: str
    words: str
    at: int
    written: float
    decimals: int
    per: str = ""
    time: str = ""
    side: int = 0


@lru_cache(maxsize=8192)
def written_numbers(text: str, words: Wordlist) -> tuple[WrittenNumber, ...]:
    """The numbers of a text, in their order."""
    text = text.replace("\n", " ")
    plain = without_names(text, words.identifiers)
    found = [_of_term(text, item, words.terms) for item in _mentions(plain, words.units)]
    _join(found, [plain[one.at + len(one.words) : other.at] for one, other in pairwise(found)])
    return tuple(_as_year(text, item) for item in found)


def _mentions(text: str, known: frozenset[str]) -> Iterator[WrittenNumber]:
    stop = 0
    for match in _NUMBER.finditer(text):
        if match.start() < stop:
            continue  # a number inside a unit: mL/min/{1.73_m2}
        written, decimals = _value(match[0])
        plain = WrittenNumber(written, "", match[0], match.start(), written, decimals)
        unit = _UNIT.match(text, match.end())
        word = unit[1].rstrip(".") if unit else ""
        end = unit.start(1) + len(word) if unit else match.end()
        found = _with_unit(plain._replace(words=text[match.start() : end]), word, text, known)
        stop = end if found else stop
        yield found or plain


def _value(written: str) -> tuple[float, int]:
    """A number as it is written, and how many decimals it has; ``13,5`` is read as ``13.5``, ``10,000`` as it means."""
    plain = _THOUSANDS.sub("", written).replace(",", ".")
    return float(plain), len(plain.partition(".")[2])


def _with_unit(plain: WrittenNumber, word: str, text: str, known: frozenset[str]) -> WrittenNumber | None:
    """The number with its unit, or as a time; None where the word behind it is neither."""
    base, per = base_unit(_SPELLED_OUT.get(word.lower().removesuffix("s"), word))
    if time := time_word(word):
        return plain._replace(number=plain.written * DAYS_OF[time], unit=DAY, time=time)
    if base in known or "/" in word.strip("/"):
        per = per or period_around(text, plain.at, plain.at + len(plain.words))
        return plain._replace(unit=base, per=per)
    return None


@lru_cache(maxsize=8)
def _terms_before(terms: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """A pattern that finds a term right before a number, and the unit of each term."""
    units = {name.lower(): unit for name, unit in terms}
    names = "|".join(re.escape(name) for name in sorted(units, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"\b({names}){_BEFORE} $", re.IGNORECASE), units


def _of_term(text: str, one: WrittenNumber, terms: tuple[tuple[str, str], ...]) -> WrittenNumber:
    """A number without a unit in that of the term before it."""
    pattern, units = _terms_before(terms)
    match = None if one.unit else pattern.search(text[max(0, one.at - 80) : one.at])
    return one._replace(unit=base_unit(units[match[1].lower()])[0]) if match else one


def _join(found: list[WrittenNumber], between: list[str]) -> None:
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


def _like(one: WrittenNumber, other: WrittenNumber) -> WrittenNumber:
    number = one.number * DAYS_OF.get(other.time, 1)
    return one._replace(number=number, unit=other.unit, per=other.per, time=other.time)


def _as_year(text: str, one: WrittenNumber) -> WrittenNumber:
    """A number without a unit that is the year of a source, or an age (``under 65``)."""
    if one.unit:
        return one
    if _YEAR.fullmatch(one.words):
        return one._replace(unit=YEAR_OF_A_SOURCE)
    return one._replace(unit=YEAR_OF_AGE) if _AGED.search(text[: one.at]) else one
