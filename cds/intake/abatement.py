"""When a condition ended: the abatement of a Condition in all its forms, as days."""

from __future__ import annotations

import math
from typing import Any

from cds.intake.dates import Moment, moment, on_days
from cds.intake.frequency import days_of
from cds.intake.record import Json
from cds.intake.steps import NEVER

NOT_UNDERSTOOD = on_days(1, NEVER)
"""An end that is on record, and nobody can say when."""
LONG_AGO = on_days(1, 1)
"""An end on a day that is not recorded, before the record was written."""
GOES_ON = frozenset({"", "none", "never", "ongoing", "continuing", "active", "present", "unresolved", "not resolved",
                     "n/a", "na"})  # fmt: skip
"""Texts of an abatement that say that there is none."""


def abatement(resource: Json, birth: Moment | None) -> Moment | None:
    """The days between which a condition ended; None where no end is on record."""
    found = next((key for key in resource if key.startswith("abatement")), "")
    value = resource.get(found)
    match found.removeprefix("abatement"):
        case "" | "Boolean" if value in (None, False):
            return None
        case "Boolean" if value is True:
            return LONG_AGO
        case "DateTime" | "Date":
            return _day(value) or NOT_UNDERSTOOD
        case "Period":
            return (_day(value.get("end")) if isinstance(value, dict) else None) or NOT_UNDERSTOOD
        case "Age":
            return _at_age(value, value, birth)
        case "Range" if isinstance(value, dict):
            return _at_age(value.get("low"), value.get("high"), birth)
        case "String":
            return _written(value)
        case _:
            return NOT_UNDERSTOOD


def _day(value: Any) -> Moment | None:
    return moment(value) if isinstance(value, str) else None


def _written(text: Any) -> Moment | None:
    if isinstance(text, str) and text.strip().lower() in GOES_ON:
        return None
    return _day(text) or NOT_UNDERSTOOD


def _at_age(low: Any, high: Any, birth: Moment | None) -> Moment:
    """From the first day of the lower age to the last day of the higher one, which is an age for a whole unit."""
    first, last = days_of(low), days_of(_one_more(high))
    if birth is None or first is None or last is None or last.high == math.inf:
        return NOT_UNDERSTOOD
    return on_days(birth.first + math.floor(first.low), min(birth.last + math.ceil(last.high), NEVER))


def _one_more(age: Any) -> Any:
    number = age.get("value") if isinstance(age, dict) else None
    return {**age, "value": number + 1} if isinstance(number, (int, float)) else None
