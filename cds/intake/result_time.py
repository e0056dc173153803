"""When a result was true: the time of its specimen."""

from __future__ import annotations

from cds.intake.dates import Moment, moment
from cds.intake.record import Json, Record


def time_of(resource: Json, record: Record) -> Moment | None:
    """The time of a result; a date of issue in its place, and a time without a zone, are noted."""
    when, is_issued = _moment_of(resource)
    if is_issued:
        record.note("issued-as-date", record.name_of(resource))
    if when is not None and not when.zoned:
        record.note("date-without-zone", record.name_of(resource))
    return when


def plain_time_of(resource: Json) -> Moment | None:
    """The time of a result that is not used, without a note."""
    return _moment_of(resource)[0]


def _moment_of(resource: Json) -> tuple[Moment | None, bool]:
    """The time of the specimen: effective time, end of the period else its start, else (and True) the date of issue."""
    text = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    period = resource.get("effectivePeriod")
    if text is None and isinstance(period, dict):
        text = period.get("end") or period.get("start")
    is_issued = text is None and resource.get("issued") is not None
    text = resource["issued"] if is_issued else text
    return moment(text) if isinstance(text, str) else None, is_issued
