"""A status that is expected to end on a day, or has lasted for a time: whether it holds on the day of evaluation.

It holds where the expected end lies ahead, or no longer ago than it may be late; one that lies too far ahead leaves it
open, and one that is over says nothing. A time that it has lasted for is turned into the expected end.
"""

from __future__ import annotations

import math
import re
from typing import Any

from cds.intake.results.yes_and_no import number_of
from cds.intake.times import Moment, moment
from cds.jsontypes import Json
from cds.quantity import PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

DATES = ("valueDateTime", "valueDate", "valueString", "valueInstant")
DAYS_OF = {
    **dict.fromkeys("d day days tag tage jour jours giorni dias dagen dage dager dagar 天 日".split(), 1),
    **dict.fromkeys("wk wks w week weeks woche wochen ssw sa semaines settimane semanas weken uger uker".split(), 7),
    **dict.fromkeys("veckor viikkoa 周 週".split(), 7),
    **dict.fromkeys("mo month months monate mois mesi meses maanden 个月 ヶ月".split(), 30),
}
"""The days of a unit of time in an answer."""
_WEEKS_AND_DAYS = re.compile(r"(\d{1,2})\s*(?:\+|/|w|wk|weeks?|wochen|semaines|周|週)\s*(\d)?\D*")


def state_on(part: Json, code: str, term: Condition, when: Moment | None, day: int) -> State | None:
    """Whether a status holds on a day by the expected end that a result states; None where it is over."""
    is_date = any(code == each.code for each in term.ends_on)
    end = _date(part) if is_date else _end_after(part, term, when)
    if end is None:
        return UNKNOWN
    if end.last < day - (term.overdue or 0):
        return None
    return UNKNOWN if end.first > day + (term.unknown_after or 0) else PRESENT


def _date(part: Json) -> Moment | None:
    stated = next((part[key] for key in DATES if part.get(key) is not None), None)
    period = part.get("valuePeriod")
    if stated is None and isinstance(period, dict):
        stated = period.get("end") or period.get("start")
    return moment(stated) if isinstance(stated, str) else None


def _end_after(part: Json, term: Condition, when: Moment | None) -> Moment | None:
    """The end by the time that it has lasted for on the day of the result."""
    days = _lasted(part)
    if when is None or days is None or term.lasts is None or not 0 < days <= term.lasts + (term.overdue or 0):
        return None
    left = math.ceil(term.lasts - days)
    return when._replace(first=when.first + left, last=when.last + left)


def _lasted(part: Json) -> float | None:
    """The days in a quantity, an integer of weeks, or a text (``40+2``)."""
    quantity: Any = part.get("valueQuantity")
    if isinstance(quantity, dict):
        unit = str(quantity.get("code") or quantity.get("unit") or "").strip().lower()
        return _days(
            quantity.get("value"), unit if unit in DAYS_OF else str(quantity.get("unit") or "").strip().lower()
        )
    if isinstance(part.get("valueInteger"), int):
        return _days(part["valueInteger"], "wk")
    text = str(part.get("valueString") or "").strip().lower()
    if found := _WEEKS_AND_DAYS.fullmatch(text):
        return float(found[1]) * 7 + float(found[2] or 0)
    number = number_of(text)
    return _days(*number) if number else _days(float(text), "wk") if text.isdecimal() else None


def _days(value: Any, unit: str) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value * DAYS_OF[unit] if is_number and unit in DAYS_OF else None
