"""Dosage elements -> units a day and units an intake, as intervals.

What is not stated is None, never a guess. The structure of an element counts before its words. Words fill what the
structure leaves out; where both say something and they contradict each other, either may be meant.
"""

from __future__ import annotations

from typing import Any

from cds.intake.elements import listed, modified, remembered
from cds.intake.medicines.dosages.directions import said_in_code, said_of, texts_of
from cds.intake.medicines.dosages.dosage_words import in_words
from cds.intake.medicines.dosages.meals import says_with_meals
from cds.intake.medicines.dosages.schedule import AS_TEXT, Schedule
from cds.intake.medicines.dosages.timings import NUMBERS_OF_TIMING, intakes_a_day, length_of
from cds.intake.numbers import number_of
from cds.intake.record import UNREADABLE
from cds.intake.sigs.dose import ANY_NUMBER, NOT_UNDERSTOOD, Dose, quantity
from cds.intake.sigs.dose_units import UNKNOWN
from cds.intake.sigs.said import as_one
from cds.intake.times import Moment, days_of, moment
from cds.jsontypes import Json
from cds.quantity import Interval


def schedules(items: Any) -> list[Schedule]:
    """The schedules of the ``dosage`` or ``dosageInstruction`` of a record.

    An element that cannot be read is a schedule without content. A text alone is read as one.
    """
    found = items if isinstance(items, list) else [items]
    elements = [{"text": item} if isinstance(item, str) else item for item in found]
    return [schedule for item in elements if isinstance(item, dict) for schedule in _readable(item)]


@remembered
def _readable(item: Json) -> list[Schedule]:
    try:
        return in_words(_schedule(item), said_of(item))
    except UNREADABLE:
        return [Schedule()]


def _schedule(item: Json) -> Schedule:
    if modified(item):
        raise ValueError("modifier extension")
    stated_timing, number = item.get("timing"), item.get("sequence")
    timing: Json = stated_timing if isinstance(stated_timing, dict) else {}
    repeat = timing.get("repeat")
    hours = _hours(repeat)
    return Schedule(
        dose=_dose(item),
        per_day=_often(timing),
        as_needed=_as_needed(item),
        most=_most(item),
        bounds=_bounds(timing),
        length=length_of(timing),
        sequence=None if number is None else whole(number),
        hours=hours,
        notes=frozenset({AS_TEXT} if _has_numbers_as_text(item) else ()),
        meals=says_with_meals(hours, texts_of(item)),
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


def _often(timing: Json) -> Interval | None:
    """Intakes a day by the structure of a timing, else by the words of its code."""
    if (stated := intakes_a_day(timing)) is not None:
        return stated
    return as_one(said_in_code(timing.get("code")).parts).per_day if timing.get("code") else None


def _as_needed(item: Json) -> bool:
    """Whether it is taken as needed (R5 calls it ``asNeeded``)."""
    stated = [is_true(item.get(key)) for key in ("asNeededBoolean", "asNeeded")]
    return any(stated) or bool(item.get("asNeededCodeableConcept") or item.get("asNeededFor"))


def _hours(repeat: Any) -> frozenset[str]:
    named = [repeat.get(key) for key in ("when", "timeOfDay")] if isinstance(repeat, dict) else []
    return frozenset(str(hour) for listed in named if isinstance(listed, list) for hour in listed)


_RATES = ("rateQuantity", "rateRatio", "rateRange")


def _dose(item: Json) -> Dose | None:
    """The dose of an intake; where only a rate is stated, a dose that is not understood."""
    parts = [part for part in (*listed(item.get("doseAndRate")), item) if isinstance(part, dict)]
    for part in parts:
        if (dose := quantity(part.get("doseQuantity"))) is not None:
            return dose
        if (dose := _range(part.get("doseRange"))) is not None:
            return dose
    return NOT_UNDERSTOOD if any(part.get(rate) for part in parts for rate in _RATES) else None


def _has_numbers_as_text(item: Json) -> bool:
    """Whether the dose or a number of the timing was written as text."""
    timing = item.get("timing")
    repeat = timing.get("repeat") if isinstance(timing, dict) else None
    numbers = [repeat.get(key) for key in NUMBERS_OF_TIMING] if isinstance(repeat, dict) else []
    doses = [part.get("doseQuantity") for part in (*listed(item.get("doseAndRate")), item) if isinstance(part, dict)]
    numbers += [dose.get("value") for dose in doses if isinstance(dose, dict)]
    return any(isinstance(number, str) and number_of(number) is not None for number in numbers)


def _range(value: Any) -> Dose | None:
    if not isinstance(value, dict):
        return None
    low, high = quantity(value.get("low")), quantity(value.get("high"))
    if high is None:
        return low and Dose(Interval(low.number.low, ANY_NUMBER.high), low.unit)
    if low is not None and low.unit not in (high.unit, UNKNOWN):
        return NOT_UNDERSTOOD
    return Dose(Interval(low.number.low if low else 0, high.number.high), high.unit)


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
