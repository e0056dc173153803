"""When a condition began, else when it was recorded; a time that cannot be read leaves it undated, and that is said."""

from __future__ import annotations

from typing import Any

from cds.intake.dates import Moment, in_utc, moment
from cds.intake.record import Json, Record
from cds.intake.stated_time import NOT_UNDERSTOOD, forms_of, stated_time

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
    times = [NOT_UNDERSTOOD if form in AGES and t.first > day else t for form, t in found if t is not None]
    known = [time for time in times if time is not NOT_UNDERSTOOD]
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
