"""MedicationStatements and MedicationRequests -> courses of medicines and products."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cds.intake.amounts import amounts_of
from cds.intake.bundle import Resources, name_of
from cds.intake.courses import course_of, span_of, still_acting
from cds.intake.dosage import Schedule, schedules
from cds.intake.meaning import LOCAL, MedicineMeaning, meanings, medicine_meaning
from cds.intake.products import Product
from cds.intake.record import Course, Json, Record
from cds.intake.steps import at
from cds.intake.vocabulary import Vocabulary, codings, texts
from cds.rulebook.model import Medication, RuleBook

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
        record.note("matched-by-name", name_of(resource))
    record.used.append(resource)
    span = span_of(resource, schedules(resource.get("dosage") or resource.get("dosageInstruction")))
    course = course_of(resource, record, span, meaning.name, day)
    if course is None:
        return
    terms = [term for name in meaning.terms if isinstance(term := words.book.terms[name], Medication)]
    course, oral = still_acting(course, terms, day), _by_mouth(resource)
    for term in terms:
        if (oral or not term.oral) and (course.state or term.acts_for is not None):
            record.courses.setdefault(term.name, []).append(course)
    product, local = meaning.product, meaning.local or any(LOCAL.search(text) for text in _route_texts(resource))
    if product is None or not course.state or not (oral or "glucocorticoid" in product.contents.nutrients) or local:
        return
    record.products.append(_taken(resource, record, product, course, at(span.plan, day), words.book))


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
        record.note("matched-by-name", name_of(resource))
    amounts, unclear = amounts_of(product.contents, plan, book)
    if unclear:
        record.note("dosage-unclear", name_of(resource))
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
        record.note("no-medication", name_of(resource))
        return None, []
    medication = resources.resolve(reference.get("reference"), resource)
    if medication is not None and medication.get("resourceType") == "Medication":
        code = medication.get("code")
        items = [item for item in _listed(medication.get("ingredient")) if isinstance(item, dict)]
        return (code if isinstance(code, dict) else {}), items
    if reference.get("reference"):
        record.note("unresolved-reference", name_of(resource))
    display = reference.get("display")
    return ({"text": display}, []) if isinstance(display, str) and display else (None, [])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
