"""Resources of types that are not read here and can hold what rules read: counted, so that nobody takes them for none.

Only types that speak of medicines that are taken are counted always: what was handed out or given is a trace of a
product that no list of medicines may show. A procedure or a questionnaire is counted where its code or its words are
those of a condition or a product of the rulebook: records hold many, and hardly any is about calcium.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cds.intake.bundle import Resources
from cds.intake.meaning import meanings
from cds.intake.record import UNREADABLE, Json, Record
from cds.intake.vocabulary import Vocabulary

ALWAYS = {
    "MedicationDispense": "a medicine that was handed out",
    "MedicationAdministration": "a medicine that was given",
    "NutritionOrder": "it orders supplements",
    "Parameters": "it holds other resources",
}
"""The types that are counted whatever they say, with the reason."""
BY_MEANING = {
    "Procedure": "dialysis, a transplant or bariatric surgery are conditions of the rulebook",
    "QuestionnaireResponse": "a patient may write there what she takes",
}
"""The types that are counted where their codes or words are known to the rulebook, with the reason."""
CONTAINED = frozenset({"Observation", "Condition", "MedicationStatement", "MedicationRequest", *ALWAYS})
"""The types that are counted inside another resource: what is contained has no place of its own in the data."""
DID_NOT_HAPPEN = frozenset({"entered-in-error", "cancelled", "declined", "not-done"})


def note_passed_over(record: Record, resources: Resources, words: Vocabulary) -> None:
    """Count what was passed over, each with whether it is about something that the rulebook would speak of alone."""
    for resource in (*resources.others, *(item for listed in resources.by_type.values() for item in listed)):
        if resources.is_about_patient(resource) is not False:
            for name, item in _parts(resource):
                if not _did_not_happen(item):
                    _note(record, name, item, resource, resources, words)


def _parts(resource: Json) -> Iterator[tuple[str, Json]]:
    """The resource itself, where its type is not read, and what it contains, each with its name."""
    if resource["resourceType"] in ALWAYS.keys() | BY_MEANING.keys():
        yield resource["resourceType"], resource
    contained = resource.get("contained")
    for item in contained if isinstance(contained, list) else ():
        kind = item.get("resourceType") if isinstance(item, dict) else None
        if isinstance(kind, str) and kind in CONTAINED:
            yield f"contained {kind}", item


def _did_not_happen(item: Json) -> bool:
    status = item.get("status")
    return isinstance(status, str) and status in DID_NOT_HAPPEN


def _note(record: Record, name: str, item: Json, holder: Json, resources: Resources, words: Vocabulary) -> None:
    """Count one; what breaks in it is its own problem."""
    try:
        concepts = list(_concepts(item, holder, resources))
        calcium = any(_is_calcium(concept, words) for concept in concepts)
        known = calcium or any(_is_known(concept, item["resourceType"], words) for concept in concepts)
    except UNREADABLE:
        calcium = known = False
    if name not in BY_MEANING or known:
        record.passed_over.append((name, calcium or (known and name not in BY_MEANING)))


def _concepts(item: Json, holder: Json, resources: Resources) -> Iterator[Any]:
    """What a resource is about: its code, its medicine, the answers of a questionnaire."""
    later = item.get("medication")
    r5: Json = later if isinstance(later, dict) else {}
    reference = item.get("medicationReference") or r5.get("reference")
    target = resources.resolve(reference.get("reference"), holder) if isinstance(reference, dict) else None
    shown = {"text": reference.get("display")} if isinstance(reference, dict) else None
    yield from (item.get("code"), item.get("medicationCodeableConcept"), r5.get("concept"), shown)
    yield (target or {}).get("code")
    yield from _answers(item.get("item"))


def _answers(items: Any) -> Iterator[Json]:
    """The answers of a questionnaire, as concepts."""
    for item in _objects(items):
        for answer in _objects(item.get("answer")):
            yield {"coding": [answer.get("valueCoding")], "text": answer.get("valueString")}
            yield from _answers(answer.get("item"))
        yield from _answers(item.get("item"))


def _objects(value: Any) -> Iterable[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else ()


def _is_calcium(concept: Any, words: Vocabulary) -> bool:
    product = meanings(words.book).medicine(concept, ()).product
    return product is not None and "calcium" in product.contents.nutrients


def _is_known(concept: Any, kind: str, words: Vocabulary) -> bool:
    """Whether a concept is a result, or a condition of the rulebook."""
    look_up = meanings(words.book)
    if kind == "Observation":
        found = look_up.result(concept)
        return bool(found.measurements or found.questions)
    return kind in ("Condition", *BY_MEANING) and bool(look_up.condition(concept).terms)
