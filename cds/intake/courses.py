"""A medication record -> whether and when the medicine is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from cds.intake.dates import Moment, moment, on_days
from cds.intake.dosage import Schedule, schedules
from cds.intake.record import COURSE_OVER, UNREADABLE, Course, Json, Record
from cds.intake.steps import NEVER, end_of, placed
from cds.intake.taken import NOT_TAKEN, STU3_TAKEN, is_no_order, may_be_taken, says_not_taken
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State
from cds.rulebook.model import Medication

PLANNED, COMPLETED = "intended", "completed"
DOSED = frozenset({"active", "completed", "stopped"})
ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order", "plan"})
PLANNED_LATER = "A medicine is planned for a later day; it does not count as taken yet."
COMPLETED_LATER = "A medicine is recorded as completed before its recorded end; whether it is taken is not certain."


class Span(NamedTuple):
    """When a medicine is taken: its first and last day, the day of a single dose, and the schedules in their time.

    ``lasts`` are the days from the first to the last where a length was stated and no last day was recorded.
    """

    start: Moment | None
    end: Moment | None
    given: Moment | None
    plan: list[Schedule]
    lasts: Interval | None = None


def is_open(resource: Json, day: int) -> bool:
    """Whether a record says that the medicine is taken on a day, or leaves it open: also where its dates break."""
    try:
        if not may_be_taken({**resource, "status": None} if resource.get("status") == COMPLETED else resource):
            return False
        span = span_of(resource, schedules(resource.get("dosage") or resource.get("dosageInstruction")))
        return bool(_state(resource.get("status"), span, day)[0])
    except UNREADABLE:
        return True


def course_of(
    resource: Json, record: Record, span: Span, name: str, day: int, longest: float | None = None
) -> Course | None:
    """When and whether it is taken; None when it is not taken and never was a recorded dose.

    ``longest`` are the days for which a dose acts: a course that is over and still acts is not said to be passed over.
    """
    status, source = resource.get("status"), record.name_of(resource)
    is_order = resource["resourceType"] == "MedicationRequest"
    taken = resource.get("taken")
    if says_not_taken(resource):
        record.note("not-taken", source)
        return None
    if status == "entered-in-error":
        record.note("entered-in-error", source)
        return None
    if is_no_order(resource):
        record.note("medication-status", source)
        return None
    state, issue = _state(STU3_TAKEN.get(str(taken), status), span, day)
    if is_order and resource.get("intent") not in ORDERS and state is PRESENT:
        state, issue = UNKNOWN, "medication-status"
    dosed = _dosed(span, day) if status in DOSED else None
    if issue and not (issue == COURSE_OVER and _still_acts(dosed, longest, day)):
        record.note(issue, source, _text_of(issue, state, status))
    if status == "on-hold":
        record.note("not-taken", source, "A medicine is on hold; it does not count as taken.")
    if state is ABSENT and dosed is None:
        return None
    if state is PRESENT and resource.get("statusReason"):
        record.note("status-reason", source)
    prescribed = is_order and resource.get("reportedBoolean") is not True and "reportedReference" not in resource
    return Course(state, name, source, span.start, span.end, dosed, prescribed, lasts=span.lasts, stated=not is_order)


def _text_of(issue: str, state: State, status: object) -> str:
    """What an issue about a course says where its code does not say it all."""
    if status == COMPLETED:
        return COMPLETED_LATER
    return PLANNED_LATER if state is ABSENT and issue == "planned-medicine" else ""


def longest_effect(terms: Sequence[Medication]) -> float | None:
    """For how many days an injection counts as present after a dose; None where none of the terms says so."""
    return max((term.acts_for for term in terms if term.acts_for is not None), default=None)


def still_acting(course: Course, longest: float | None, day: int) -> Course:
    """An injection counts as present for so many days after a recorded dose, also when its period has ended."""
    return course._replace(state=PRESENT) if _still_acts(course.dosed, longest, day) else course


def _still_acts(dosed: tuple[int, int] | None, longest: float | None, day: int) -> bool:
    return dosed is not None and longest is not None and day - dosed[1] <= longest


def _state(status: object, span: Span, day: int) -> tuple[State, str]:
    """Whether it is taken on a day, and the issue that this raises ('' for none).

    A course of a stated length is over on the second day after its last one: it may have begun in the evening. One that
    is completed and whose recorded end is still to come contradicts itself.
    """
    start, end, spare = span.start, span.end, 0 if span.lasts is None else 1
    if status == COMPLETED and end is not None and not spare and end.first > day:
        return UNKNOWN, "medication-status"
    if status in NOT_TAKEN:
        return ABSENT, ""
    if start is not None and start.first > day:
        return ABSENT, "planned-medicine"
    if end is not None and end.last + spare < day:
        return ABSENT, COURSE_OVER if status == "active" else ""
    if status == PLANNED:
        return UNKNOWN, "planned-medicine"
    if status != "active":
        return UNKNOWN, "medication-status"
    if end is not None and spare and end.first + spare < day:
        return UNKNOWN, "course-may-be-over"
    return PRESENT, ""


def span_of(resource: Json, plan: Sequence[Schedule]) -> Span:
    """When a medicine is taken, by its record and the dosage in it.

    How long a supply lasts (``dispenseRequest``) does not end a course: a patient may have some left, or buy more.
    """
    start, end, given = _recorded(resource, plan)
    known = start or _ordered(resource)
    timed = placed(plan, known)
    last = end_of(timed)
    if end is not None or last is None:
        return Span(known, end, given, timed)
    if all(s.length is None or s.bounds[1] for s in plan):
        return Span(known, _unless_still_taken(resource, last), given, timed)
    lasts = _lasts(plan, known)
    latest = _latest_start(resource, known, lasts) if start is None else known
    timed = placed(plan, latest)
    last = end_of(timed)
    return Span(known, last and _unless_still_taken(resource, last), given, timed, lasts)


def _recorded(resource: Json, plan: Sequence[Schedule]) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Start, end, and the day on which a single dose was given, as far as they are recorded."""
    period = resource.get("effectivePeriod")
    if isinstance(period, dict):
        return _day(period, "start"), _day(period, "end"), None
    if (given := _day(resource, "effectiveDateTime")) is not None:
        return given, None, given
    return min((s.bounds[0] for s in plan if s.bounds[0]), default=None), None, None


def _day(holder: Json, key: str) -> Moment | None:
    return moment(str(holder.get(key) or ""))


def _ordered(resource: Json) -> Moment | None:
    return _day(resource, "authoredOn")


def _lasts(plan: Sequence[Schedule], start: Moment | None) -> Interval:
    """The days of the whole course: from the first day of its first step to the last day of its last one."""
    begins = start or on_days(1, 1)
    last = end_of(placed(plan, on_days(begins.first, begins.first)))
    longest = math.inf if last is None or last.last >= NEVER else last.last - begins.first + 1
    return Interval(1 if last is None else last.first - begins.first + 1, longest)


def _latest_start(resource: Json, ordered: Moment | None, lasts: Interval) -> Moment | None:
    """The days on which a course of a known length may have begun whose start is not recorded.

    An ordered course begins within its own length after the order; it may be repeated as often as the order says.
    A course that was said to be taken on a day began by then.
    """
    if ordered is None:
        asserted = _day(resource, "dateAsserted")
        return asserted and on_days(1, asserted.last)
    dispense = resource.get("dispenseRequest")
    repeats = dispense.get("numberOfRepeatsAllowed") if isinstance(dispense, dict) else 0
    times = 1 + (repeats if isinstance(repeats, int) and repeats > 0 else 0)
    return on_days(ordered.first, int(min(ordered.last + lasts.high * times, NEVER)))


def _unless_still_taken(resource: Json, last: Moment) -> Moment:
    """The last day; any later one where somebody said after it that the medicine is taken."""
    asserted = _day(resource, "dateAsserted")
    return on_days(last.first, NEVER) if asserted is not None and asserted.first > last.last else last


def _dosed(span: Span, day: int) -> tuple[int, int] | None:
    """The earliest and latest day of the last dose, where the record says one: a dated dose, or a closed period.

    The start of a treatment that goes on is no dose date.
    """
    start, end, given = span.start, span.end, span.given
    if given is not None:
        return (given.first, min(given.last, day)) if given.first <= day else None
    if start is None or end is None or start.first > day:
        return None
    ended = end.last <= day or start.first == end.last or (span.lasts is not None and end.first < day)
    return (start.first, min(end.last, day)) if ended else None
