"""MedicationDispenses -> medicines that may be taken because they were handed out.

What was handed out is one product with the order or statement of it: these say whether and how it is taken. Without
one, a supply that covers the day counts as taken; one that does not leaves open whether it is still taken, for as long
as the topic says. What was not handed out, or not yet, is nothing that is taken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.elements import modified, objects
from cds.intake.lookup import MedicineMeaning
from cds.intake.medicines.courses.taken import is_ordered
from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.medicines.dosages.periods import placed, steps_of
from cds.intake.medicines.dosages.schedule import Schedule
from cds.intake.medicines.medications import add_course, meaning_of
from cds.intake.medicines.medicine_of import Medicine, medicine_of
from cds.intake.passed_over import is_something_else
from cds.intake.record import MEDICINES, Course, Record
from cds.intake.sigs.dose import quantity
from cds.intake.times import Moment, days_of, moment
from cds.intake.unrecognised import meet, not_recognised
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State

HANDED_OUT = frozenset({"completed"})
NOT_HANDED_OUT = frozenset({"preparation", "on-hold", "cancelled", "declined", "entered-in-error"})
"""The statuses of what the patient has not got (FHIR R4, medicationdispense-status)."""
ENDED = frozenset({"stopped", "cancelled", "on-hold", "entered-in-error", "draft", "ended", "not-taken"})
"""The statuses of an order, or a statement, by which what was handed out for it may no longer be taken."""
FUTURE = "A medicine was handed out after the evaluation; it does not count."


def read_dispense(resource: Json, record: Record, words: Vocabulary, resources: Resources, day: int) -> None:
    """Keep a medicine that was handed out, until it is known what else is on record about it.

    Raises:
        ValueError: it has a modifier extension, which may say anything about it.

    """
    if modified(resource):
        raise ValueError("modifier extension")
    when, orders = handed_over(resource), ordered_by(resource, resources)
    state = _may_be_taken(resource, when, orders, words.book.topic.handed_out_within, day)
    medicine = medicine_of(resource, record, resources)
    meaning = None if medicine is None else meaning_of(resource, medicine, words)
    if medicine is None or meaning is None or not (meaning.product or meaning.terms):
        if state and not orders and not (meaning and meaning.known):
            _note_unknown(resource, record, medicine, words)
        return
    record.used.append(resource)
    if state:
        handed = _HandedOut(state, when, orders)
        _keep(handed, resource, medicine, meaning, record, words)
    else:
        record.note(*_why_not(resource, record.name_of(resource), when, day))


class _HandedOut(NamedTuple):
    """Whether what was handed out may be taken, the day, and the records that it was handed out for."""

    state: State
    when: Moment | None
    orders: list[Json]


def _keep(
    handed: _HandedOut, resource: Json, medicine: Medicine, meaning: MedicineMeaning, record: Record, words: Vocabulary
) -> None:
    """Add the course of a medicine that was handed out."""
    source, (state, when, orders) = record.name_of(resource), handed
    if meaning.by_name:
        record.note("matched-by-name", source)
    if not orders:
        meet(record, MEDICINES)
    course = Course(state, meaning.name, source, when, prescribed=bool(orders), handed_out=True)
    course = course._replace(ordered=any(map(is_ordered, orders)))
    plan = placed(schedules(resource.get("dosageInstruction")), when)
    add_course(course, (resource, medicine, meaning, plan), record, words)


def handed_over(resource: Json) -> Moment | None:
    """The day on which a medicine was handed over, else that of its preparation."""
    for key in ("whenHandedOver", "whenPrepared"):
        if isinstance(text := resource.get(key), str) and (when := moment(text)) is not None:
            return when
    return None


def ordered_by(resource: Json, resources: Resources) -> list[Json]:
    """The orders in the data for which a medicine was handed out."""
    stated = resource.get("authorizingPrescription")
    found = [resources.resolve(item.get("reference"), resource) for item in objects(stated)]
    return [order for order in found if order is not None and order.get("resourceType") == "MedicationRequest"]


def _why_not(resource: Json, source: str, when: Moment | None, day: int) -> tuple[str, ...]:
    """The issue, its source and its text, of what was handed out and is not taken."""
    if resource.get("status") == "entered-in-error":
        return "entered-in-error", source
    if when is not None and when.first > day:
        return "future-date", source, FUTURE
    return "not-handed-out" if str(resource.get("status")) in NOT_HANDED_OUT else "supply-over", source


def _may_be_taken(resource: Json, when: Moment | None, orders: list[Json], within: int | None, day: int) -> State:
    """Whether what was handed out is taken on a day: surely only while the supply lasts, and nobody ended it."""
    status = resource.get("status")
    if status in NOT_HANDED_OUT or (when is not None and when.first > day):
        return ABSENT
    lasts = covers(resource, when, day)
    if orders and lasts is ABSENT and all(str(order.get("status")) in ENDED | {"completed"} for order in orders):
        return ABSENT
    if when is not None and within is not None and day - when.last > within and lasts is ABSENT:
        return ABSENT
    is_sure = status in HANDED_OUT or (status == "in-progress" and "whenHandedOver" in resource)
    ended = any(str(order.get("status")) in ENDED for order in orders)
    return PRESENT if lasts is PRESENT and is_sure and not ended else UNKNOWN


def covers(resource: Json, when: Moment | None, day: int) -> State:
    """Whether what was handed over then lasts until a day; absent where it does not, or nobody says how long."""
    supply = resource.get("daysSupply")
    in_days = {"code": "d", **supply} if isinstance(supply, dict) and not supply.get("unit") else supply
    lasts = days_of(in_days) or _days_in(resource)
    if lasts is None or when is None:
        return ABSENT
    if when.first + lasts.low >= day:
        return PRESENT
    return UNKNOWN if when.last + lasts.high >= day else ABSENT


def _days_in(resource: Json) -> Interval | None:
    """For how many days a counted quantity lasts at the stated dose; None where one of the two is not clear."""
    stock, plan = quantity(resource.get("quantity")), schedules(resource.get("dosageInstruction"))
    steps = steps_of(plan)
    if stock is None or stock.unit or len(steps) != 1:
        return None
    amounts = [_a_day(schedule) for schedule in steps[0]]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts) or not known:
        return None
    least, most = sum(amount.low for amount in known), sum(amount.high for amount in known)
    return Interval(stock.number.low / most, stock.number.high / least) if least > 0 else None


def _a_day(schedule: Schedule) -> Interval | None:
    """How many counted units are taken a day; None where it is taken as needed, or not stated."""
    dose, times = schedule.dose, schedule.per_day
    if dose is None or dose.unit or times is None or schedule.as_needed:
        return None
    return Interval(dose.number.low * times.low, dose.number.high * times.high)


def _note_unknown(resource: Json, record: Record, medicine: Medicine | None, words: Vocabulary) -> None:
    """Keep what was handed out and is nothing that the rulebook knows, unless it is known to be something else."""
    parts: list[Any] = [] if medicine is None else [item.get("itemCodeableConcept") for item in medicine.ingredients]
    concept = None if medicine is None else medicine.concept
    if not is_something_else([concept], parts, words.book):
        not_recognised(record, MEDICINES, resource, [concept, *parts], words.book)
