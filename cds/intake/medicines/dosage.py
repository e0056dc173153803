"""Dosage elements -> units a day and units an intake, as intervals.

What is not stated is None, never a guess.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cds.intake.elements import modified
from cds.intake.record import UNREADABLE
from cds.intake.times import Moment, days_of, intakes_a_day, length_of, moment
from cds.jsontypes import Json
from cds.quantity import Interval, point, unit_key

COUNTED = frozenset(
    "tablet tablets tab tabs tbl capsule capsules cap caps pill pills chew chews chewable gummy gummies softgel "
    "softgels packet packets sachet sachets wafer wafers lozenge lozenges dose doses ea each 1 unit_dose drop".split()
)


class Dose(NamedTuple):
    """The amount of one intake: a number in a unit; ``unit`` is '' for dose forms and '?' when it is not stated."""

    number: Interval
    unit: str


class Schedule(NamedTuple):
    """One Dosage element: the dose of an intake, intakes a day, and what is not clear about them.

    ``bounds`` are the first and the last day, ``length`` how many days it goes on; ``sequence`` is its number among
    instructions that follow each other, ``hours`` the times of the day or meals that it names.
    """

    dose: Dose | None = None
    per_day: Interval | None = None
    as_needed: bool = False
    most: Dose | None = None
    bounds: tuple[Moment | None, Moment | None] = (None, None)
    length: Interval | None = None
    sequence: int | None = None
    hours: frozenset[str] = frozenset()


def schedules(items: Any) -> list[Schedule]:
    """The schedules of the ``dosage`` or ``dosageInstruction`` of a record.

    An element that cannot be read is a schedule without content.
    """
    listed = items if isinstance(items, list) else [items]
    return [_readable(item) for item in listed if isinstance(item, dict)]


def _readable(item: Json) -> Schedule:
    try:
        return _schedule(item)
    except UNREADABLE:
        return Schedule()


def _schedule(item: Json) -> Schedule:
    if modified(item):
        raise ValueError("modifier extension")
    stated_timing, number = item.get("timing"), item.get("sequence")
    timing: Json = stated_timing if isinstance(stated_timing, dict) else {}
    repeat = timing.get("repeat")
    return Schedule(
        dose=_dose(item),
        per_day=intakes_a_day(timing),
        as_needed=_as_needed(item),
        most=_most(item),
        bounds=_bounds(timing),
        length=length_of(timing),
        sequence=None if number is None else whole(number),
        hours=_hours(repeat),
    )


def is_true(value: object) -> bool:
    """Whether a boolean is true, also where it was written as text.

    Raises:
        ValueError: it is neither true nor false; nothing may be concluded from it.

    """
    if value is None or isinstance(value, bool):
        return value is True
    word = str(value).strip().lower()
    if word not in ("true", "false"):
        raise ValueError("no boolean")
    return word == "true"


def whole(value: object) -> int:
    """A whole number, also where it was written as text.

    Raises:
        ValueError: it is none.

    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError("no whole number")
    return int(value)


def _as_needed(item: Json) -> bool:
    """Whether it is taken as needed (R5 calls it ``asNeeded``)."""
    stated = [is_true(item.get(key)) for key in ("asNeededBoolean", "asNeeded")]
    return any(stated) or bool(item.get("asNeededCodeableConcept") or item.get("asNeededFor"))


def _hours(repeat: Any) -> frozenset[str]:
    named = [repeat.get(key) for key in ("when", "timeOfDay")] if isinstance(repeat, dict) else []
    return frozenset(str(hour) for listed in named if isinstance(listed, list) for hour in listed)


def _dose(item: Json) -> Dose | None:
    rates = item.get("doseAndRate")
    for part in (*(rates if isinstance(rates, list) else ()), item):
        if isinstance(part, dict):
            if (dose := quantity(part.get("doseQuantity"))) is not None:
                return dose
            if (dose := _range(part.get("doseRange"))) is not None:
                return dose
    return None


def _range(value: Any) -> Dose | None:
    if not isinstance(value, dict):
        return None
    low, high = quantity(value.get("low")), quantity(value.get("high"))
    if high is None:
        return None
    return Dose(Interval(low.number.low if low else 0, high.number.high), high.unit)


def quantity(value: Any) -> Dose | None:
    """The number and unit of a Quantity; counted dose forms have the unit ''."""
    number = value.get("value") if isinstance(value, dict) else None
    if not isinstance(number, (int, float)) or isinstance(number, bool) or number < 0:
        return None
    for text in (value.get("code"), value.get("unit")):
        if isinstance(text, str) and text.strip():
            word = text.strip().strip("{}").lower()
            if word in COUNTED:
                return Dose(point(float(number)), "")
    unit = value.get("code") if _is_ucum(value) else value.get("unit") or value.get("code")
    return Dose(point(float(number)), unit_key(unit) if isinstance(unit, str) and unit else "?")


def _is_ucum(value: Json) -> bool:
    return "unitsofmeasure" in str(value.get("system")) and isinstance(value.get("code"), str)


def _most(item: Json) -> Dose | None:
    """The stated maximum of a day."""
    ratio = item.get("maxDosePerPeriod")
    ratio = ratio[0] if isinstance(ratio, list) and ratio else ratio
    if not isinstance(ratio, dict):
        return None
    most, period = quantity(ratio.get("numerator")), ratio.get("denominator")
    days = days_of({**period, "value": period.get("value") or 1}) if isinstance(period, dict) else None
    return Dose(most.number.times(1 / days.high), most.unit) if most and days and days.is_point else None


def _bounds(timing: Json) -> tuple[Moment | None, Moment | None]:
    repeat = timing.get("repeat")
    period = repeat.get("boundsPeriod") if isinstance(repeat, dict) else None
    if not isinstance(period, dict):
        return None, None
    return moment(str(period.get("start") or "")), moment(str(period.get("end") or ""))
