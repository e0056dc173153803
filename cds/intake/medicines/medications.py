"""MedicationStatements and MedicationRequests -> courses of medicines and products.

A record names its medicine by a concept, or by a Medication with its code, ingredients and form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from cds.intake.bundles.bundle import Resources
from cds.intake.elements import listed, modified, texts
from cds.intake.lookup import MedicineMeaning, meanings
from cds.intake.medicines.contents.intents import intent_in_dosage
from cds.intake.medicines.contents.products import Product, systemic_nutrients
from cds.intake.medicines.contents.said import said_in
from cds.intake.medicines.courses.courses import course_of, is_open, longest_effect, still_acting
from cds.intake.medicines.courses.taken import may_be_taken
from cds.intake.medicines.dosages.amounts import amounts_of
from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.medicines.dosages.meals import with_meals
from cds.intake.medicines.dosages.one_unit import is_counted_one_by_one, one_unit_each
from cds.intake.medicines.dosages.periods import at, span_of
from cds.intake.medicines.dosages.schedule import Schedule
from cds.intake.medicines.medicine_of import Medicine, medicine_of
from cds.intake.medicines.names.other_medicines import says_that_nothing_is_known
from cds.intake.medicines.routes.route_codes import Route
from cds.intake.medicines.routes.routes import BY_MOUTH, REACHES, SYSTEMIC, route_of
from cds.intake.record import MEDICINES, Course, Record
from cds.intake.terminology.denials import NOT_GIVEN
from cds.intake.unrecognised import meet, not_recognised, not_recognised_in_part
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, UNKNOWN, State
from cds.rulebook.model import Medication, RuleBook


def read_medication(resource: Json, record: Record, words: Vocabulary, resources: Resources, day: int) -> None:
    """Add what a medication record says about medicines and products of the rulebook.

    Raises:
        ValueError: it has a modifier extension, which may say anything about it.

    """
    if modified(resource):
        raise ValueError("modifier extension")
    medicine = medicine_of(resource, record, resources)
    if medicine is not None and any(map(NOT_GIVEN.search, texts(medicine.concept))):
        record.note("not-taken", record.name_of(resource))
        return
    meaning = None if medicine is None else meaning_of(resource, medicine, words)
    if medicine is None or meaning is None or not meaning.known:
        _note_unknown(resource, record, medicine, words, day)
        return
    if meaning.product is not None or meaning.terms:
        _read_known(resource, record, medicine, meaning, words, day)
    elif is_open(resource, day):
        meet(record, MEDICINES)
    if meaning.unknown and is_open(resource, day):
        not_recognised_in_part(record, resource, meaning.unknown, words.book)


def _read_known(
    resource: Json, record: Record, medicine: Medicine, meaning: MedicineMeaning, words: Vocabulary, day: int
) -> None:
    """Add what is on record about a medicine or a product of the rulebook."""
    if meaning.by_name:
        record.note("matched-by-name", record.name_of(resource))
    record.used.append(resource)
    span = span_of(resource, schedules(resource.get("dosage") or resource.get("dosageInstruction")))
    longest = longest_effect(medications_of(meaning.terms, words.book))
    course = course_of(resource, record, span, meaning.name, day, longest)
    if course is None:
        return
    if course.state:
        meet(record, MEDICINES)
    course = still_acting(course, longest, day)
    add_course(course, (resource, medicine, meaning, at(span.plan, day)), record, words)


Stated: TypeAlias = tuple[Json, Medicine, MedicineMeaning, list[Schedule]]
"""A record of a medicine: the resource, what it names, what that means, and how it is taken on the day."""


def add_course(course: Course, stated: Stated, record: Record, words: Vocabulary) -> None:
    """Add a course to the medicines and products of the rulebook that it is, as far as it reaches the body."""
    resource, medicine, meaning, plan = stated
    route = route_of(resource, medicine)
    for term in medications_of(meaning.terms, words.book):
        taken = _by_way_of(course, REACHES[term.route][route], record)
        if taken is not None and (taken.state or term.acts_for is not None):
            record.courses.setdefault(term.name, []).append(taken)
    if (product := meaning.product) is None or not course.state:
        return
    systemic = systemic_nutrients(product.contents, words.book)
    if systemic and route is Route.INJECTION:
        product = product._replace(contents=product.contents.of_nutrients(systemic))
    if taken := _by_way_of(course, (SYSTEMIC if systemic else BY_MOUTH)[route], record):
        said = (*texts(medicine.concept), *medicine.forms)
        if is_counted_one_by_one(product.contents, said, words.book):
            plan = one_unit_each(plan)
        said_of = said_in(said, words.book)
        record.products.append(_taken(resource, record, product, taken, plan, words.book)._replace(said_of=said_of))
    elif not systemic:
        record.note("not-by-mouth", course.source)


def medications_of(names: Iterable[str], book: RuleBook) -> list[Medication]:
    """The terms of these names that are medicines."""
    return [term for name in names if isinstance(term := book.terms[name], Medication)]


def _note_unknown(resource: Json, record: Record, medicine: Medicine | None, words: Vocabulary, day: int) -> None:
    """Keep a medicine that may be taken and is nothing that the rulebook knows, or has no name at all."""
    if medicine is None and may_be_taken(resource):
        record.lose_resource("unnamed-medicine", record.name_of(resource), resource["resourceType"])
    if not is_open(resource, day):
        return
    if medicine is not None and says_that_nothing_is_known(medicine.concept, words.book):
        record.note("medicines-not-known", record.name_of(resource))
        return
    concepts = [] if medicine is None else [medicine.concept, *_coded(medicine.ingredients)]
    not_recognised(record, MEDICINES, resource, concepts, words.book)


def _coded(ingredients: list[Json]) -> list[Any]:
    return [item.get("itemCodeableConcept") for item in ingredients]


def _by_way_of(course: Course, reaches: State, record: Record) -> Course | None:
    """The course, as certain as that it reaches the body in the way that matters; None where it does not."""
    if reaches is UNKNOWN and course.state:
        record.note("route-unclear", course.source)
    if reaches is ABSENT:
        return None
    return course if course.state <= reaches else course._replace(state=reaches)


def meaning_of(resource: Json, medicine: Medicine, words: Vocabulary) -> MedicineMeaning:
    """What the rulebook sees in the medicine; that of a concept without ingredients beside it is remembered."""
    reasons = _reasons(resource, words.book)
    if medicine.ingredients:
        return meanings(words.book).mixture(medicine.concept, medicine.ingredients, reasons)
    return meanings(words.book).medicine(medicine.concept, reasons)


def _taken(
    resource: Json, record: Record, product: Product, course: Course, plan: list[Schedule], book: RuleBook
) -> Course:
    """The course of a product, with what it holds."""
    if product.by_name:
        record.note("matched-by-name", record.name_of(resource))
    amounts, unclear = amounts_of(product.contents, plan, book)
    for code in sorted({code for schedule in plan for code in schedule.notes}):
        record.note(code, course.source)
    if unclear and not course.handed_out:
        record.note("dosage-unclear", record.name_of(resource))
    contents = product.contents
    return course._replace(
        name=product.key,
        salt=contents.salt,
        intent=contents.intent,
        holds=contents.nutrients,
        amounts=amounts,
        codes=product.codes,
        with_meals=with_meals(plan),
    )


def _reasons(resource: Json, book: RuleBook) -> tuple[str, ...]:
    """Why the medicine is taken: its reasons, the names of those it points to, and what a dosage says."""
    coded = [text for reason in listed(resource.get("reasonCode")) for text in texts(reason)]
    dosages = listed(resource.get("dosage") or resource.get("dosageInstruction"))
    said = dict.fromkeys(filter(None, (intent_in_dosage(text, book) for text in _strings(dosages, "text"))))
    return (*coded, *said, *_strings(listed(resource.get("reasonReference")), "display"))


def _strings(items: list[Any], key: str) -> list[str]:
    """The texts under a key of those items that are objects and have one."""
    return [text for item in items if isinstance(item, dict) and isinstance(text := item.get(key), str)]
