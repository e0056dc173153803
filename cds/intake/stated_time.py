"""When something began or ended: an element ``onset[x]`` or ``abatement[x]`` of a Condition in all its forms, as days.

FHIR R4 gives both the types dateTime, Age, Period, Range and string (http://hl7.org/fhir/R4/condition.html).
"""

from __future__ import annotations

import math
from typing import Any

from cds.intake.dates import Moment, moment, on_days
from cds.intake.elements import objects
from cds.intake.frequency import days_of
from cds.intake.record import Json
from cds.intake.steps import NEVER

NOT_UNDERSTOOD = on_days(1, NEVER)
"""A time that is on record, and nobody can say when."""
NOT_APPLICABLE = "not-applicable"


def forms_of(resource: Json, element: str) -> dict[str, Any]:
    """The values of an element with a choice of types, by the name of the type; ``_`` marks one without a value."""
    named = [key for key in resource if element in key]
    values = {
        key.removeprefix(element): value
        for key in named
        if key.startswith(element) and (value := resource[key]) is not None
    }
    extended = [key.removeprefix(f"_{element}") for key in named if key.startswith(f"_{element}")]
    return values | {f"_{form}": resource[f"_{element}{form}"] for form in extended if form not in values}


def absent_reason(extended: Any) -> str:
    """The code of the extension that says why an element has no value; empty where none is there."""
    items = objects(extended.get("extension")) if isinstance(extended, dict) else []
    found = (item.get("valueCode") for item in items if str(item.get("url")).endswith("/data-absent-reason"))
    return next((code for code in found if isinstance(code, str)), "")


def stated_time(form: str, value: Any, end: str, birth: Moment | None) -> Moment | None:
    """The days of one form of such an element; ``end`` is that end of a period that counts. None: there is no time."""
    match form:
        case "DateTime" | "Date" | "String":
            return _day(value) or NOT_UNDERSTOOD
        case "Period":
            return (_day(value.get(end)) if isinstance(value, dict) else None) or NOT_UNDERSTOOD
        case "Age":
            return _at_age(value, value, birth)
        case "Range" if isinstance(value, dict):
            return _at_age(value.get("low"), value.get("high"), birth)
        case _ if form.startswith("_") and absent_reason(value) == NOT_APPLICABLE:
            return None
        case _:
            return NOT_UNDERSTOOD


def _day(value: Any) -> Moment | None:
    return moment(value) if isinstance(value, str) else None


def _at_age(low: Any, high: Any, birth: Moment | None) -> Moment:
    """From the first day of the lower age to the last day of the higher one, which is an age for a whole unit."""
    first, last = days_of(low), days_of(_one_more(high))
    if birth is None or first is None or last is None or last.high == math.inf:
        return NOT_UNDERSTOOD
    return on_days(birth.first + math.floor(first.low), min(birth.last + math.ceil(last.high), NEVER))


def _one_more(age: Any) -> Any:
    number = age.get("value") if isinstance(age, dict) else None
    return {**age, "value": number + 1} if isinstance(number, (int, float)) else None
