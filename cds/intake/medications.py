"""MedicationStatements and MedicationRequests -> courses of medicines and products."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cds.intake.bundle import Resources
from cds.intake.dates import Moment, moment
from cds.intake.dosage import Schedule, schedules
from cds.intake.meaning import LOCAL, MedicineMeaning, meanings, medicine_meaning
from cds.intake.products import Product, amounts_of
from cds.intake.record import Course, Json, Record
from cds.intake.vocabulary import Vocabulary, codings, texts
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Medication, RuleBook

TAKEN = frozenset({"active", "intended"})
NOT_TAKEN = frozenset(
    {"not-taken", "entered-in-error", "stopped", "on-hold", "cancelled", "completed", "draft", "ended"}
)
DOSED = frozenset({"active", "completed", "stopped"})
ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order", "plan"})
ORAL_CODES = frozenset({"26643006", "37161004", "PO"})
_AS_BINDER = re.compile(r"(?:^|\bas |\bas a |[,;:(] ?|\bmeals? )phosphate binder\b", re.I)
_BY_MOUTH = re.compile(r"\b(?:oral(?:ly)?|mouth|po|p\.o\.|sublingual|enteral|swallow|gastrostomy)\b", re.I)


def read_medication(resource: Json, record: Record, words: Vocabulary, resources: Resources, day: int) -> None:
    """Add what a medication record says about medicines and products of the rulebook."""
    concept, ingredients = _medicine(resource, record, resources)
    if concept is None:
        return
    meaning = _meaning(resource, concept, ingredients, words)
    if meaning.product is None and not meaning.terms:
        return
    if meaning.by_name:
        record.note("matched-by-name", record.name_of(resource))
    record.used.append(resource)
    plan = schedules(resource.get("dosage") or resource.get("dosageInstruction"))
    course = _course(resource, record, plan, meaning.name, day)
    if course is None:
        return
    terms = [term for name in meaning.terms if isinstance(term := words.book.terms[name], Medication)]
    course, oral = _still_acting(course, terms, day), _by_mouth(resource)
    for term in terms:
        if (oral or not term.oral) and (course.state or term.acts_for is not None):
            record.courses.setdefault(term.name, []).append(course)
    product, local = meaning.product, meaning.local or any(LOCAL.search(text) for text in _route_texts(resource))
    if product is None or not course.state or not (oral or "glucocorticoid" in product.contents.nutrients) or local:
        return
    record.products.append(_taken(resource, record, product, course, _current(plan, day), words.book))


def _meaning(resource: Json, concept: Json, ingredients: list[Json], words: Vocabulary) -> MedicineMeaning:
    """What the rulebook sees in the medicine; that of a concept without ingredients beside it is remembered."""
    reasons = _reasons(resource)
    if ingredients:
        return medicine_meaning(concept, ingredients, reasons, words)
    return meanings(words.book).medicine(concept, reasons)


def _taken(
    resource: Json, record: Record, product: Product, course: Course, plan: list[Schedule], book: RuleBook
) -> Course:
    """The course of a product, with what it holds."""
    if product.by_name:
        record.note("matched-by-name", record.name_of(resource))
    amounts, unclear = amounts_of(product, plan, book)
    if unclear:
        record.note("dosage-unclear", record.name_of(resource))
    contents = product.contents
    return course._replace(
        name=product.key, salt=contents.salt, intent=contents.intent, holds=contents.nutrients, amounts=amounts
    )


def _reasons(resource: Json) -> tuple[str, ...]:
    """Why the medicine is taken: its reasons, the names of those it points to, a dosage that calls it a binder."""
    coded = [text for reason in _listed(resource.get("reasonCode")) for text in texts(reason)]
    dosages = _listed(resource.get("dosage") or resource.get("dosageInstruction"))
    if any(_AS_BINDER.search(text) for text in _strings(dosages, "text")):
        coded.append("phosphate binder")
    return (*coded, *_strings(_listed(resource.get("reasonReference")), "display"))


def _strings(items: list[Any], key: str) -> list[str]:
    """The texts under a key of those items that are objects and have one."""
    return [text for item in items if isinstance(item, dict) and isinstance(text := item.get(key), str)]


def _medicine(resource: Json, record: Record, resources: Resources) -> tuple[Json | None, list[Json]]:
    """The concept that names the medicine and its coded ingredients; the reference's display as a last resort."""
    concept = resource.get("medicationCodeableConcept")
    reference = resource.get("medicationReference")
    if isinstance(concept, dict):
        return concept, []
    if not isinstance(reference, dict):
        record.note("no-medication", record.name_of(resource))
        return None, []
    medication = resources.resolve(reference.get("reference"), resource)
    if medication is not None and medication.get("resourceType") == "Medication":
        code = medication.get("code")
        items = [item for item in _listed(medication.get("ingredient")) if isinstance(item, dict)]
        return (code if isinstance(code, dict) else {}), items
    if reference.get("reference"):
        record.note("unresolved-reference", record.name_of(resource))
    display = reference.get("display")
    return ({"text": display}, []) if isinstance(display, str) and display else (None, [])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _course(resource: Json, record: Record, plan: list[Schedule], name: str, day: int) -> Course | None:
    """When and whether it is taken; None when it is not taken and never was a recorded dose."""
    status, source = resource.get("status"), record.name_of(resource)
    is_order = resource["resourceType"] == "MedicationRequest"
    if resource.get("doNotPerform") is True or status == "not-taken":
        record.note("not-taken", source)
        return None
    if status == "entered-in-error":
        record.note("entered-in-error", source)
        return None
    if is_order and resource.get("intent") not in ORDERS:
        record.note("medication-status", source)
        return None
    start, end, given = _period(resource, plan)
    state = _state(status, start, end, day)
    dosed = _dosed(start, end, given, day) if status in DOSED else None
    if state is UNKNOWN:
        record.note("medication-status", source)
    if status == "on-hold":
        record.note("not-taken", source, "A medicine is on hold; it does not count as taken.")
    if state is ABSENT and dosed is None:
        return None
    if state is PRESENT and resource.get("statusReason"):
        record.note("status-reason", source)
    prescribed = is_order and resource.get("reportedBoolean") is not True and "reportedReference" not in resource
    return Course(state, name, source, start, end, dosed, prescribed, stated=not is_order)


def _still_acting(course: Course, terms: list[Medication], day: int) -> Course:
    """An injection counts as present for so many days after a recorded dose, also when its period has ended."""
    longest = max((term.acts_for for term in terms if term.acts_for is not None), default=None)
    if course.state is ABSENT and course.dosed is not None and longest is not None and day - course.dosed[1] <= longest:
        return course._replace(state=PRESENT)
    return course


def _state(status: object, start: Moment | None, end: Moment | None, day: int) -> State:
    if status in NOT_TAKEN or (start is not None and start.first > day) or (end is not None and end.last < day):
        return ABSENT
    return PRESENT if status in TAKEN else UNKNOWN


def _period(resource: Json, plan: list[Schedule]) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Start, end, and the day on which a single dose was given."""
    period = resource.get("effectivePeriod")
    if isinstance(period, dict):
        return moment(str(period.get("start") or "")), moment(str(period.get("end") or "")), None
    if (given := moment(str(resource.get("effectiveDateTime") or ""))) is not None:
        return given, None, given
    starts = [s.bounds[0] for s in plan if s.bounds[0]]
    ends = [s.bounds[1] for s in plan]
    start = min(starts, default=None) or moment(str(resource.get("authoredOn") or ""))
    return start, max((e for e in ends if e), default=None) if ends and all(ends) else None, None


def _dosed(start: Moment | None, end: Moment | None, given: Moment | None, day: int) -> tuple[int, int] | None:
    """The earliest and latest day of the last dose, where the record says one: a dated dose, or a closed period.

    The start of a treatment that goes on is no dose date.
    """
    if given is not None:
        return (given.first, min(given.last, day)) if given.first <= day else None
    if start is not None and end is not None and (end.last <= day or start.first == end.last) and start.first <= day:
        return start.first, min(end.last, day)
    return None


def _current(plan: list[Schedule], day: int) -> list[Schedule]:
    """The schedules whose own bounds hold the day (all of them when none does)."""
    now = [
        s for s in plan
        if not (s.bounds[0] and s.bounds[0].first > day) and not (s.bounds[1] and s.bounds[1].last < day)
    ]  # fmt: skip
    return now or plan


def _routes(resource: Json) -> Iterator[Any]:
    for item in _listed(resource.get("dosage")) + _listed(resource.get("dosageInstruction")):
        if isinstance(item, dict) and item.get("route"):
            yield item["route"]


def _route_texts(resource: Json) -> list[str]:
    return [text for route in _routes(resource) for text in texts(route)]


def _by_mouth(resource: Json) -> bool:
    """By mouth, or no route recorded."""
    routes = list(_routes(resource))
    codes = {str(coding.get("code")) for route in routes for coding in codings(route)}
    return not routes or bool(codes & ORAL_CODES) or any(_BY_MOUTH.search(text) for text in _route_texts(resource))
