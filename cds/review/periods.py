"""Words for time in a sentence: how long something is (``90 days``, ``13wk``), and per what an amount is."""

from __future__ import annotations

import re

from cds.quantity import unit_key

PER_DAY = "day"
TIMES = {
    "minute": 1 / 1440, "min": 1 / 1440, "hour": 1 / 24, "h": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0,
    "year": 365.0,
}  # fmt: skip
"""The words for time that follow a number, and how many days one is."""
_SHORT = {"hr": "hour", "d": "day", "wk": "week", "mo": "month", "mth": "month", "yr": "year", "y": "year"}
_SUFFIXES = {
    "/d": "day",
    "/(24.h)": "day",
    "/day": "day",
    "/24h": "day",
    "/h": "hour",
    "/hr": "hour",
    "/hour": "hour",
    "/wk": "week",
    "/week": "week",
    "/mo": "month",
    "/month": "month",
    "/yr": "year",
    "/year": "year",
    "/a": "year",
}
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
    return single if single in TIMES else ""


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
