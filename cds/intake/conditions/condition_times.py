"""When a condition began and ended, and how long it counts: onset and abatement in all their forms, as days.

FHIR R4 gives both elements the types dateTime, Age, Period, Range and string (http://hl7.org/fhir/R4/condition.html).
A time that cannot be read leaves a condition undated, and that is said.
"""

from __future__ import annotations

import math
from typing import Any

from cds.intake.elements import objects
from cds.intake.record import Mention, Record
from cds.intake.times import NEVER, Moment, days_of, in_utc, moment, on_days
from cds.jsontypes import Json
from cds.quantity import ABSENT, UNKNOWN
from cds.rulebook.model import Condition

UNKNOWN_TIME = on_days(1, NEVER)
"""A time that is on record, and nobody can say when."""
NOT_APPLICABLE = "not-applicable"


def forms_of(resource: Json, element: str) -> dict[str, Any]:
    """The values of an element with a choice of types, by the name of the type; ``_`` marks one without a value."""
    named = [key for key in resource if element in key]
    if not named:
        return {}
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
            return _day(value) or UNKNOWN_TIME
        case "Period":
            return (_day(value.get(end)) if isinstance(value, dict) else None) or UNKNOWN_TIME
        case "Age":
            return _at_age(value, value, birth)
        case "Range" if isinstance(value, dict):
            return _at_age(value.get("low"), value.get("high"), birth)
        case _ if form.startswith("_") and absent_reason(value) == NOT_APPLICABLE:
            return None
        case _:
            return UNKNOWN_TIME


def _day(value: Any) -> Moment | None:
    return moment(value) if isinstance(value, str) else None


def _at_age(low: Any, high: Any, birth: Moment | None) -> Moment:
    """From the first day of the lower age to the last day of the higher one, which is an age for a whole unit."""
    first, last = days_of(low), days_of(_one_more(high))
    if birth is None or first is None or last is None or last.high == math.inf:
        return UNKNOWN_TIME
    return on_days(birth.first + math.floor(first.low), min(birth.last + math.ceil(last.high), NEVER))


def _one_more(age: Any) -> Any:
    number = age.get("value") if isinstance(age, dict) else None
    return {**age, "value": number + 1} if isinstance(number, (int, float)) else None


AGES = frozenset({"Age", "Range"})
RECORDED = ("recordedDate", "assertedDate")
"""The date of the record: in R4, and the same element under its name of STU3."""


def when_of(resource: Json, record: Record, day: int) -> Moment | None:
    """Onset in any of its forms, else the date of the record; None where neither can be read.

    What was not read never makes a condition younger: the date of the record is no earlier than the onset.
    """
    forms = forms_of(resource, "onset").items()
    found = [(form, stated_time(form, value, "start", record.birth)) for form, value in forms]
    # An age that she has not reached is a slip, like a year where an age belongs.
    times = [UNKNOWN_TIME if form in AGES and t.first > day else t for form, t in found if t is not None]
    known = [time for time in times if time is not UNKNOWN_TIME]
    if times and not known:
        record.note("onset-unclear", record.name_of(resource))
    return _already(resource.get("onsetDateTime"), day) or next(iter(known), None) or recorded_on(resource, day)


def recorded_on(resource: Json, day: int) -> Moment | None:
    """The date of the record; None where it cannot be read."""
    times = (_already(resource.get(key), day) for key in RECORDED)
    return next((time for time in times if time is not None), None)


def _already(text: Any, day: int) -> Moment | None:
    """The moment of a date as it is written; one that only its zone puts after a day counts on its day in UTC."""
    when = moment(text) if isinstance(text, str) else None
    if when is None or when.first <= day:
        return when
    return in_utc(text) or when


def aged(mention: Mention, term: Condition, day: int) -> Mention | None:
    """A mention as it counts on a day: too old it is unknown, or None where it is forgotten; a no stays a no.

    One of which the date leaves the age open is forgotten only where the least age is too high.
    """
    if mention.when is None or mention.state is ABSENT:
        return mention
    least, most = mention.when.days_before(day)
    if term.forgotten_after is not None and least > term.forgotten_after:
        return None
    limits = [days for days in (term.forgotten_after, term.unknown_after) if days is not None]
    return mention._replace(state=UNKNOWN) if any(most > days for days in limits) else mention


LONG_AGO = on_days(1, 1)
"""An end on a day that is not recorded, before the record was written."""
GOES_ON = frozenset(
    {"", "none", "never", "ongoing", "continuing", "active", "present", "unresolved", "not resolved", "n/a", "na"}
)
"""Texts of an abatement that say that there is none."""


def abatement(resource: Json, birth: Moment | None) -> Moment | None:
    """The days between which a condition ended, by the first form that can be read; None where no end is on record."""
    read = (_end(form, value, birth) for form, value in forms_of(resource, "abatement").items())
    ends = [end for end in read if end is not None]
    return next((end for end in ends if end is not UNKNOWN_TIME), ends[0] if ends else None)


def _end(form: str, value: Any, birth: Moment | None) -> Moment | None:
    if form == "Boolean":
        return LONG_AGO if value is True else None if value is False else UNKNOWN_TIME
    if form == "String" and isinstance(value, str) and value.strip().lower() in GOES_ON:
        return None
    return stated_time(form, value, "end", birth)
