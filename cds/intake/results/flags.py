"""The flag of a result (high, low, normal) beside its number: where the two do not agree, somebody has to look.

The number counts all the same. But what a laboratory calls high is not called normal without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds.intake.elements import codings, listed, remembered, texts
from cds.intake.record import Reading, Record
from cds.intake.results.ranges import NONE, Limits
from cds.intake.results.written import FLAGS, HIGH, LOW, NORMAL, ODD
from cds.jsontypes import Json
from cds.quantity import Interval

CONTRADICTS = "flag-not-borne-out"


def flags_of(part: Json) -> frozenset[str]:
    """What the interpretation says in codes or words: high, low, normal, or abnormal."""
    stated = part.get("interpretation")
    return _said(stated) if stated else NONE_SAID


NONE_SAID: frozenset[str] = frozenset()


@remembered
def _said(interpretation: Any) -> frozenset[str]:
    found = (word for concept in listed(interpretation) for word in _words(concept))
    return frozenset(FLAGS[word] for word in found if word in FLAGS)


def _words(concept: Any) -> Iterator[str]:
    yield from (code.strip().lower() for coding in codings(concept) if isinstance(code := coding.get("code"), str))
    yield from (text.strip().lower() for text in texts(concept))


def contradicts(flags: frozenset[str], value: Interval, limits: Limits) -> bool:
    """Whether a flag says what the number and its range do not: one that is high lies above a stated limit."""
    low, high = limits
    above = high is not None and value.high > high
    below = low is not None and value.low < low
    if HIGH in flags and not above:
        return True
    if LOW in flags and not below:
        return True
    surely_above = high is not None and value.low > high
    surely_below = low is not None and value.high < low
    return NORMAL in flags and (surely_above or surely_below)


def note_contradiction(part: Json, flag: str, reading: Reading, record: Record, term: str) -> None:
    """Note a flag, also one in the text of the result, that the number and its range do not bear out.

    Of a range that could not be read it is said already that nobody compared the number with it.
    """
    flags = (flags_of(part) | {flag}) - {"", ODD}
    is_unread = reading.limits == NONE and part.get("referenceRange")
    if not is_unread and contradicts(flags, reading.value, reading.limits):
        said = " and ".join(sorted(flags))
        text = f"A result of {term} is flagged {said}, and no range that it states says so."
        record.note(CONTRADICTS, reading.source, text, term=term)
