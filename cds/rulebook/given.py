"""What a case says about its patient: ``10.6 mg/dL, 30 days ago``, ``400 to 1000 mg/d``, ``missing``, ``yes``.

Several results of one term stand in one line: ``59 mL/min, 100 days ago; 58 mL/min, 5 days ago``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cds.quantity import Interval, State, point
from cds.rulebook.model import SEXES

DAYS_AGO = 30
"""How old a value is when a case does not say."""
STATES = {"yes": State.PRESENT, "no": State.ABSENT, "unknown": State.UNKNOWN}
_NUMBER = r"-?\d+(?:\.\d+)?"
_VALUE = re.compile(rf"(?:(below|above) )?({_NUMBER})(?: to ({_NUMBER}))?(?: (?!to )(\S+))?(?:, (\d+) days ago)?")
FAR = 1e6


class Given(NamedTuple):
    """A value in a unit, so many days before the case; or no value at all."""

    value: Interval | None
    unit: str = ""
    days_ago: int = DAYS_AGO


def given_values(text: str) -> list[Given]:
    """The values that a text states, one or several with ``; `` between them; none when one of them is no value."""
    values = [given_value(part) for part in text.split("; ")]
    return [value for value in values if value is not None] if all(values) else []


def given_value(text: str) -> Given | None:
    """The value that a text states; None when it states none."""
    if text == "missing":
        return Given(None)
    if text in SEXES:
        return Given(point(SEXES[text]))
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    side, low, high, unit, days = match.groups()
    number = float(low)
    value = point(number)
    if side == "below":
        value = Interval(0.0, number, high_open=True)
    elif side == "above":
        value = Interval(number, FAR, low_open=True)
    elif high:
        value = Interval(number, float(high))
    return Given(value, unit or "", int(days) if days else DAYS_AGO)


def given_state(text: str) -> State | None:
    """The state that ``yes``, ``no`` or ``unknown`` stands for; None for anything else."""
    return STATES.get(text)
