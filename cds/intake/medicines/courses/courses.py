"""Whether and when a medicine on record is taken: by its status, its negations and its time."""

from __future__ import annotations

from collections.abc import Sequence

from cds.intake.medicines.courses.notes import notes_say_stopped
from cds.intake.medicines.courses.supply import is_long_past
from cds.intake.medicines.courses.taken import (
    NOT_TAKEN,
    ORDERED,
    STU3_TAKEN,
    is_no_order,
    is_ordered,
    is_reported,
    may_be_taken,
    says_not_taken,
)
from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.medicines.dosages.periods import Span, at, span_of
from cds.intake.record import COURSE_OVER, UNREADABLE, Course, Record
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Medication

PLANNED, COMPLETED, SAID_TO_STOP = "intended", "completed", "said-to-stop"
DOSED = frozenset({"active", "completed", "stopped"})
ORDERS = ORDERED | {"plan"}
ON_HOLD = "A medicine is on hold; it does not count as taken."
PLANNED_LATER = "A medicine is planned for a later day; it does not count as taken yet."
NOTED = "A note or reason of a medicine says that it is not taken any more; whether it is taken is not certain."
COMPLETED_LATER = "A medicine is recorded as completed before its recorded end; whether it is taken is not certain."


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
    source = record.name_of(resource)
    if issue := _never(resource):
        record.note(issue, source)
        return None
    state, issue = _taken(resource, span, day)
    said = NOTED if issue == SAID_TO_STOP and not _directions_stop(span, day) else ""
    dosed = _dosed(span, day) if resource.get("status") in DOSED else None
    if issue == COURSE_OVER and _still_acts(dosed, longest, day):
        issue = ""
    _note(resource, state, issue, record, said)
    if state is ABSENT and dosed is None:
        return None
    if state is PRESENT and resource.get("statusReason"):
        record.note("status-reason", source)
    is_order = resource["resourceType"] == "MedicationRequest"
    prescribed = is_order and not is_reported(resource)
    course = Course(state, name, source, span.start, span.end, dosed, prescribed, lasts=span.lasts, stated=not is_order)
    return course._replace(ordered=is_ordered(resource))


def _never(resource: Json) -> str:
    """The issue of a record of what is not taken, whatever its time; '' for any other."""
    if says_not_taken(resource):
        return "not-taken"
    if resource.get("status") == "entered-in-error":
        return "entered-in-error"
    return "medication-status" if is_no_order(resource) else ""


def _taken(resource: Json, span: Span, day: int) -> tuple[State, str]:
    """Whether it is taken on a day, by its status, its time and its intent, and the issue that this raises."""
    status = STU3_TAKEN.get(str(resource.get("taken")), resource.get("status"))
    state, issue = _state(status, span, day)
    is_order = resource["resourceType"] == "MedicationRequest"
    if is_order and resource.get("intent") not in ORDERS and state is PRESENT:
        return UNKNOWN, "medication-status"
    if state is PRESENT and (doubt := _doubt(resource, span, day)):
        return UNKNOWN, doubt
    return state, issue


def _note(resource: Json, state: State, issue: str, record: Record, said: str) -> None:
    status, source = resource.get("status"), record.name_of(resource)
    if issue:
        record.note(issue, source, said or _text_of(issue, state, status))
    if status == "on-hold":
        record.note("not-taken", source, ON_HOLD)


def _doubt(resource: Json, span: Span, day: int) -> str:
    """The issue by which a medicine that is recorded as taken may not be taken; '' for none."""
    if _directions_stop(span, day) or notes_say_stopped(resource):
        return SAID_TO_STOP
    is_order = resource["resourceType"] == "MedicationRequest"
    return "order-long-past" if is_order and is_long_past(resource, day) else ""


def _directions_stop(span: Span, day: int) -> bool:
    return any(schedule.stopped for schedule in at(span.plan, day))


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
