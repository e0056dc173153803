"""Dosage elements -> units a day and units an intake, as intervals.

What is not stated is a range, never a guess: see `clinical` defaults below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.dates import Moment, moment
from cds.intake.record import UNREADABLE, Json
from cds.quantity import Interval, point, tidy, unit_key

DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}
# HL7 v3 GTSAbbreviation and the abbreviations that prescribers write, as intakes a day.
TIMING_CODES = {
    "QD": 1.0, "OD": 1.0, "AM": 1.0, "PM": 1.0, "BED": 1.0, "HS": 1.0, "QHS": 1.0, "DAILY": 1.0, "BID": 2.0,
    "TID": 3.0, "QID": 4.0, "QOD": 0.5, "Q4H": 6.0, "Q6H": 4.0, "Q8H": 3.0, "Q12H": 2.0, "Q24H": 1.0,
    "WK": 1 / 7, "QWK": 1 / 7, "MO": 1 / 30.4375,
}  # fmt: skip
EVERY_MEAL = frozenset({"C", "AC", "PC"})
"""'With, before, after a meal' without saying which: one to three times a day."""
COUNTED = frozenset(
    "tablet tablets tab tabs tbl capsule capsules cap caps pill pills chew chews chewable gummy gummies softgel "
    "softgels packet packets sachet sachets wafer wafers lozenge lozenges dose doses ea each 1 unit_dose drop".split()
)
USUAL_UNITS = Interval(1, 4)
"""Units a day of a calcium product whose frequency is not stated (terms: 'frequency: [1, 4] units/day')."""


class Dose(NamedTuple):
    """The amount of one intake: a number in a unit; ``unit`` is '' for dose forms and '?' when it is not stated."""

    number: Interval
    unit: str


class Schedule(NamedTuple):
    """One Dosage element: the dose of an intake, intakes a day, and what is not clear about them."""

    dose: Dose | None
    per_day: Interval | None
    as_needed: bool
    most: Dose | None
    bounds: tuple[Moment | None, Moment | None]
    text_only: bool


def schedules(items: Any) -> list[Schedule]:
    """The schedules of the ``dosage`` or ``dosageInstruction`` of a record.

    Beside other doses a dose of zero is no intake; an element that cannot be read is a schedule without content.
    """
    found = [_readable(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    some = [s for s in found if s.dose is None or s.dose.number.high > 0]
    return some or found


def _readable(item: Json) -> Schedule:
    try:
        return _schedule(item)
    except UNREADABLE:
        return Schedule(None, None, False, None, (None, None), False)


def _schedule(item: Json) -> Schedule:
    stated_timing = item.get("timing")
    timing: Json = stated_timing if isinstance(stated_timing, dict) else {}
    dose, per_day = _dose(item), intakes_a_day(timing)
    as_needed = item.get("asNeededBoolean") is True or isinstance(item.get("asNeededCodeableConcept"), dict)
    stated = dose is not None or per_day is not None
    return Schedule(dose, per_day, as_needed, _most(item), _bounds(timing), not stated and bool(item.get("text")))


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
    if most is None or not isinstance(period, dict):
        return None
    days = DAYS.get(str(period.get("code") or period.get("unit")), 0) * float(period.get("value") or 1)
    return Dose(most.number.times(1 / days), most.unit) if days else None


def _bounds(timing: Json) -> tuple[Moment | None, Moment | None]:
    repeat = timing.get("repeat")
    period = repeat.get("boundsPeriod") if isinstance(repeat, dict) else None
    if not isinstance(period, dict):
        return None, None
    return moment(str(period.get("start") or "")), moment(str(period.get("end") or ""))


def intakes_a_day(timing: Json) -> Interval | None:
    """Intakes a day of a Timing; None when it does not say."""
    repeat = timing.get("repeat")
    if isinstance(repeat, dict) and (found := _repeated(repeat)) is not None:
        return found
    code = timing.get("code")
    listed = code.get("coding") if isinstance(code, dict) else None
    words: Iterable[Any] = [c.get("code") for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    for word in (*words, code.get("text") if isinstance(code, dict) else None):
        if isinstance(word, str) and word.upper() in TIMING_CODES:
            return point(tidy(TIMING_CODES[word.upper()]))
    return None


def _repeated(repeat: Json) -> Interval | None:
    events = _events(repeat)
    days = repeat.get("dayOfWeek")
    weekly = len(days) / 7 if isinstance(days, list) and days else None
    frequency, period = repeat.get("frequency"), repeat.get("period")
    if period is None and frequency is None:
        if events is None and weekly is None:
            return None
        return (events or point(1)).times(weekly or 1)
    length = DAYS.get(str(repeat.get("periodUnit", "d")))
    if length is None or not _positive(period, 1) or not _positive(frequency, 1):
        return None
    low, high = float(frequency or 1), float(repeat.get("frequencyMax") or frequency or 1)
    shortest, longest = float(period or 1) * length, float(repeat.get("periodMax") or period or 1) * length
    each = Interval(tidy(low / longest), tidy(high / shortest))
    if events is not None and length == 1.0 and float(frequency or 1) == 1:
        each = each.across(events)
    return each.times(weekly) if weekly is not None and length <= 1.0 else each


def _positive(value: Any, default: float) -> bool:
    number = default if value is None else value
    return isinstance(number, (int, float)) and not isinstance(number, bool) and number > 0


def _events(repeat: Json) -> Interval | None:
    """Intakes a day that ``when`` and ``timeOfDay`` name."""
    when, times = repeat.get("when"), repeat.get("timeOfDay")
    if isinstance(times, list) and times:
        return point(float(len(times)))
    if not isinstance(when, list) or not when:
        return None
    low = float(len(when))
    return Interval(low, low + 2.0 * sum(code in EVERY_MEAL for code in when))
