"""Numbers of FHIR JSON, also where they were written as text."""

from __future__ import annotations

import re
from typing import Any

from cds.quantity import Interval, point

_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_TEN_THOUSANDS = re.compile(
    r"(?<![\d.,])(\d{1,4}(?:\.\d{1,4})?)\s?[\u4e07\u842c]"
    r"(?=\s?(?:iu|i\.u|ie|u(?![a-z])|(?:国际|國際|国際)?(?:单位|單位|単位))|(?![^\W\d_]))",
    re.I,
)
"""``5万``: no letter stands behind it but those of a unit, as the sign also begins names (``万古霉素``)."""


def number_of(value: Any) -> Interval | None:
    """A number of zero or more, also as text and with a decimal comma; None where it is none.

    ``1,500`` may be more than a thousand, or less than two: it is the range of both.
    """
    if isinstance(value, str):
        return _written(value.strip())
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0:
        return None
    return point(float(value))


def written_out(text: str) -> str:
    """The text with ``50000`` for ``5万``, as Chinese labels and directions write ten thousands."""
    return text if text.isascii() else _TEN_THOUSANDS.sub(lambda match: f"{round(float(match[1]) * 10_000)}", text)


def _written(text: str) -> Interval | None:
    if not _NUMBER.fullmatch(text):
        return None
    plain = text.replace(",", ".")
    return Interval(float(plain), float(plain.replace(".", "")) if _THOUSANDS.fullmatch(text) else float(plain))
