"""When a condition ended: the abatement of a Condition in all its forms, as days."""

from __future__ import annotations

from typing import Any

from cds.intake.dates import Moment, on_days
from cds.intake.record import Json
from cds.intake.stated_time import NOT_UNDERSTOOD, forms_of, stated_time

LONG_AGO = on_days(1, 1)
"""An end on a day that is not recorded, before the record was written."""
GOES_ON = frozenset({"", "none", "never", "ongoing", "continuing", "active", "present", "unresolved", "not resolved",
                     "n/a", "na"})  # fmt: skip
"""Texts of an abatement that say that there is none."""


def abatement(resource: Json, birth: Moment | None) -> Moment | None:
    """The days between which a condition ended, by the first form that can be read; None where no end is on record."""
    read = (_end(form, value, birth) for form, value in forms_of(resource, "abatement").items())
    ends = [end for end in read if end is not None]
    return next((end for end in ends if end is not NOT_UNDERSTOOD), ends[0] if ends else None)


def _end(form: str, value: Any, birth: Moment | None) -> Moment | None:
    if form == "Boolean":
        return LONG_AGO if value is True else None if value is False else NOT_UNDERSTOOD
    if form == "String" and isinstance(value, str) and value.strip().lower() in GOES_ON:
        return None
    return stated_time(form, value, "end", birth)
