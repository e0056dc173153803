"""When a medicine is taken: its first and last day, and dosage elements in their order.

FHIR R4, Dosage.sequence: elements with the same number are concurrent, elements with different numbers follow each
other. Without numbers they are concurrent. Records number also the parts of one day (one tablet in the morning, two
at night): elements that name different hours are such parts, and one that is taken as needed may be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from cds.intake.medicines.dosages.schedule import Schedule
from cds.intake.times import NEVER, Moment, moment, on_days
from cds.jsontypes import Json
from cds.quantity import Interval

WHENEVER = on_days(1, NEVER)


def steps_of(plan: Sequence[Schedule]) -> list[list[Schedule]]:
    """The elements that are taken at the same time, step after step; one without a number belongs to every step.

    Beside other doses a dose of zero is no intake; a step of its own says that nothing is taken.
    """
    numbers = sorted({s.sequence for s in plan if s.sequence is not None})
    if len(numbers) < 2 or _are_parts_of_a_day(plan):
        return [_without_nothing(plan)] if plan else []
    return [_without_nothing([s for s in plan if s.sequence in (number, None)]) for number in numbers]


def _without_nothing(step: Sequence[Schedule]) -> list[Schedule]:
    """The elements without a dose of zero, and without those that only say something else beside doses."""
    some = [s for s in step if s.dose is None or s.dose.number.high > 0] or list(step)
    return [s for s in some if s.dose or s.per_day] if any(s.dose and s.per_day for s in some) else some


def _are_parts_of_a_day(plan: Sequence[Schedule]) -> bool:
    """Whether all elements are for the same days, and each names hours or meals that no other one names."""
    if len({(s.bounds, s.length) for s in plan}) > 1 or not all(s.hours for s in plan):
        return False
    return not any(one.hours & other.hours for one, other in combinations(plan, 2))


def may_be_together(steps: Sequence[Sequence[Schedule]]) -> bool:
    """Whether a step that the record numbers may stand beside the others all the same: it is taken as needed."""
    return any(all(s.as_needed for s in step) for step in steps)


def may_replace_each_other(step: Sequence[Schedule]) -> list[Schedule]:
    """The elements that say different doses of every day, and neither their order nor the times of the day.

    Without numbers they are concurrent (FHIR R4, Dosage.sequence), and systems also list so the old dose and the new.
    """
    loose = [s for s in step if s.sequence is None and not s.hours and s.dose and s.per_day and s.per_day.low >= 1]
    return loose if len({(s.dose, s.per_day) for s in loose}) > 1 else []


def placed(plan: Sequence[Schedule], start: Moment | None) -> list[Schedule]:
    """The elements with the first and last day that follow from a start, from lengths, and from the order of steps.

    A step begins when the one before it ends, and ends when the next begins; a start that is not known may be any day.
    """
    numbered = [s for s in plan if s.sequence is not None]
    always = [_with_days(s, start or WHENEVER, None) for s in plan if s.sequence is None]
    steps, begins = steps_of(numbered), start or WHENEVER
    for number, step in enumerate(steps):
        until = _start_of(steps[number + 1]) if number + 1 < len(steps) else None
        steps[number] = [_with_days(s, begins, until) for s in step]
        begins = _next_day(steps[number], begins)
    return [*always, *(schedule for step in steps for schedule in step)]


def _start_of(step: Iterable[Schedule]) -> Moment | None:
    """The first day of a step, where it is recorded."""
    return min((s.bounds[0] for s in step if s.bounds[0]), default=None)


def _with_days(schedule: Schedule, begins: Moment, until: Moment | None) -> Schedule:
    first, last = schedule.bounds
    first = first or (begins if schedule.length is not None or begins is not WHENEVER else None)
    if last is None and schedule.length is not None and first is not None:
        last = _last_day(first, schedule.length)
    if last is None and until is not None:
        last = on_days(until.first - 1, until.last - 1)
    return schedule._replace(bounds=(first, last))


def _last_day(first: Moment, length: Interval) -> Moment:
    shortest = max(1, math.ceil(length.low))
    longest = max(1, math.ceil(length.high)) if length.high < math.inf else NEVER
    return on_days(min(first.first + shortest - 1, NEVER), min(first.last + longest - 1, NEVER))


def end_of(plan: Iterable[Schedule]) -> Moment | None:
    """The last day of all elements; None where one has none."""
    ends = [s.bounds[1] for s in plan]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    return on_days(max(end.first for end in known), max(end.last for end in known))


def _next_day(step: Iterable[Schedule], begins: Moment) -> Moment:
    """The day after a step; any later day where the step has no known end."""
    end = end_of(step)
    return on_days(begins.first, NEVER) if end is None else on_days(end.first + 1, min(end.last + 1, NEVER))


def at(plan: Sequence[Schedule], day: int) -> list[Schedule]:
    """The elements that may be taken on a day; the last ones where none may, all where none has a day."""
    now = [s for s in plan if not _is_later(s, day) and not _is_over(s, day)]
    begun = [s for s in plan if not _is_later(s, day)]
    return now or [s for s in begun if s.sequence == begun[-1].sequence] or list(plan)


def _is_later(schedule: Schedule, day: int) -> bool:
    return schedule.bounds[0] is not None and schedule.bounds[0].first > day


def _is_over(schedule: Schedule, day: int) -> bool:
    return schedule.bounds[1] is not None and schedule.bounds[1].last < day


class Span(NamedTuple):
    """When a medicine is taken: its first and last day, the day of a single dose, and the schedules in their time.

    ``lasts`` are the days from the first to the last where a length was stated and no last day was recorded.
    """

    start: Moment | None
    end: Moment | None
    given: Moment | None
    plan: list[Schedule]
    lasts: Interval | None = None


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
