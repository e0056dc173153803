"""Short forms of directions in which a number, a time and a unit are written as one word, in plain words.

``1D1T`` is of Dutch pharmacies: once a day (D), a week (W) or a month (M) one tablet. The units are those of the
G-Standaard; one that is not known leaves the dose unknown. A code is never a number of days.
"""

from __future__ import annotations

import re

_NUMBER = r"\d{1,2}(?:[.,]\d{1,2})?(?:-\d{1,2})?"
_DUTCH = re.compile(
    rf"(?<!\w)(?P<times>{_NUMBER})(?P<per>dd?|[wm])(?P<number>{_NUMBER}|\d{{3,5}})(?P<unit>[a-z]{{0,4}})(?!\w)"
)
_COUNTED = re.compile(r"[a-z]?[tc]|[szt][abkt]?|c[ap]|tabl?|caps|stu?k|za?k|sach")
"""Tablet, capsule, piece (S) and sachet (Z), also by two letters: KT, ST, ZK, ZA."""
_MEASURED = re.compile(r"mg|gr?|ug|mcg|ml|ie")
_OTHERS = {"d": "druppel", "dr": "druppel", "dru": "druppel", "drup": "druppel", "amp": "ampul"}
_NOT_KNOWN = "%"
"""A sign that is no part of directions: it leaves the dose unknown."""
_PERIODS = {"w": "per week", "m": "per month"}
_JOINED_TIMES = re.compile(r"(?<=\d)x(?=[^\W\d_]{2})")
"""``2xtgl``."""
_COUNT = re.compile(r"(?<=\d)\s?#(?!\s?\d)")
"""``1# BID``, as prescribers in Taiwan write it; ``#30`` is a supply."""


def in_plain_words(text: str) -> str:
    """A text without capitals, with its short forms as ``1 dd 1 tablet``, ``2 x tgl`` and ``1 tab``."""
    return _COUNT.sub(" tab ", _JOINED_TIMES.sub(" x ", _DUTCH.sub(_in_words, text)))


def _in_words(match: re.Match[str]) -> str:
    times, per, number = match["times"], match["per"], match["number"]
    unit = _unit(match["unit"])
    if per == "d" or (per == "dd" and match["unit"]):
        return f"{times} dd {number} {unit}"
    if per == "dd" or unit == _NOT_KNOWN or match["unit"] == "d":
        return match[0]
    return f"{number} {unit} {times} x {_PERIODS[per]}"


def _unit(letters: str) -> str:
    if _COUNTED.fullmatch(letters):
        return "tablet"
    return letters if _MEASURED.fullmatch(letters) else _OTHERS.get(letters, _NOT_KNOWN)
