"""Resources of types that are not read, and what others contain: counted where they may be about the rulebook.

Only those that speak of medicines that are taken are counted always: what was handed out or given is a trace of a
product that no list of medicines may show. One that is known to be something else, by its name and code or by a name
that rules do not look for, is none of these, nor is what lies long back. A procedure or a questionnaire is counted
where its code or its words are those of a condition or a product of the rulebook: records hold many, and hardly any is
about these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.elements import objects, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.medicines.medicine_of import stated_medicine
from cds.intake.medicines.names.medicine_codes import is_excluded
from cds.intake.medicines.names.other_medicines import is_another_medicine_by_name, is_coded
from cds.intake.record import UNREADABLE, PassedOver, Record
from cds.intake.times import moment
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.jsontypes import Json
from cds.rulebook.model import AnyTerm, Condition, Joined, Medication, RuleBook, Sense, finding_names_in

ALWAYS = {
    "MedicationAdministration": "a medicine that was given, unless it is one that is read",
    "NutritionOrder": "it orders what is eaten, or taken beside it",
    "Parameters": "it holds other resources",
}
"""The types that are counted unless they are known to be about something else, with the reason."""
BY_MEANING = {
    "Procedure": "what was done may be a condition of the rulebook that is not read there",
    "QuestionnaireResponse": "a patient may write there what she takes",
}
"""The types that are counted where their codes or words are known to the rulebook, with the reason."""
TYPES_NOT_READ = ALWAYS.keys() | BY_MEANING.keys()
CONTAINED = frozenset(
    {"Observation", "Condition", "MedicationStatement", "MedicationRequest", "MedicationDispense", *ALWAYS}
)
"""The types that are counted inside another resource: what is contained has no place of its own in the data."""
MEDICINE_TYPES = frozenset(
    {"MedicationDispense", "MedicationAdministration", "MedicationStatement", "MedicationRequest"}
)
HANDED_OUT = ("whenHandedOver", "whenPrepared", "effectiveDateTime", "occurenceDateTime", "occurrenceDateTime")
PERIODS = ("effectivePeriod", "occurencePeriod", "occurrencePeriod")
WORDLESS = frozenset({"Parameters", "QuestionnaireResponse"})
"""The types of which no one text says what they are about."""
DID_NOT_HAPPEN = frozenset({"entered-in-error", "cancelled", "declined", "not-done"})


def note_passed_over(record: Record, resources: Resources, words: Vocabulary, day: int) -> None:
    """Count what was passed over, each with whether it is about something that the rulebook would speak of alone."""
    for resource in chain(resources.others, *resources.by_type.values()):
        could_say_more = "contained" in resource or resource["resourceType"] in TYPES_NOT_READ
        if could_say_more and resources.is_about_patient(resource) is not False:
            for name, item in _parts(resource):
                if id(item) in resources.read_inside:
                    continue
                if not _did_not_happen(item) and not _is_long_ago(item, day, words.book.topic.handed_out_within):
                    _note(record, name, item, resource, resources, words)


def _parts(resource: Json) -> Iterator[tuple[str, Json]]:
    """The resource itself, where its type is not read, and what it contains, each with its name."""
    if resource["resourceType"] in TYPES_NOT_READ:
        yield resource["resourceType"], resource
    contained = resource.get("contained")
    for item in contained if isinstance(contained, list) else ():
        kind = item.get("resourceType") if isinstance(item, dict) else None
        if isinstance(kind, str) and kind in CONTAINED:
            yield f"contained {kind}", item


def _did_not_happen(item: Json) -> bool:
    status = item.get("status")
    return isinstance(status, str) and status in DID_NOT_HAPPEN


def _is_long_ago(item: Json, day: int, within: int | None) -> bool:
    """Whether a medicine was handed out or given, for the last time, longer ago than it says something for.

    Never where the rulebook does not say how long that is.
    """
    if within is None or item.get("resourceType") not in ("MedicationDispense", "MedicationAdministration"):
        return False
    periods = [period for key in PERIODS if isinstance(period := item.get(key), dict)]
    stated = [item.get(key) for key in HANDED_OUT] + [period.get("end") for period in periods]
    when = [found.last for text in stated if text and (found := moment(str(text)))]
    is_going_on = any(period.get("end") is None for period in periods)
    return bool(when) and not is_going_on and max(when) < day - within


def _note(record: Record, name: str, item: Json, holder: Json, resources: Resources, words: Vocabulary) -> None:
    """Count one, with its words; what breaks in it is its own problem."""
    said = ""
    try:
        concepts, parts = _concepts(item, holder, resources)
        judged = _judgement(words.book)(concepts, parts, item["resourceType"], name)
        said = "" if item["resourceType"] in WORDLESS else _first_text([*concepts, *parts])
    except UNREADABLE:
        judged = Judged(counts=name not in BY_MEANING)
    if judged.counts:
        record.passed_over.append(PassedOver(name, judged.matters, record.name_of(holder), said))


def _first_text(concepts: Iterable[Any]) -> str:
    return next((text for concept in concepts for text in texts(concept)), "")


class Judged(NamedTuple):
    """Whether something that was not read is counted, and whether the rulebook would speak of it alone."""

    counts: bool
    matters: bool = False


@lru_cache(maxsize=8)
def _judgement(book: RuleBook) -> Callable[[list[Any], list[Any], str, str], Judged]:
    """The judgement of what is not read, by what it is about, its ingredients, type and name; remembered."""
    return remembered(lambda concepts, parts, kind, name: _judged(concepts, parts, kind, name, vocabulary(book)))


def _judged(concepts: list[Any], parts: list[Any], kind: str, name: str, words: Vocabulary) -> Judged:
    listed = [*concepts, *parts]
    if any(_is_main_product(concept, words) for concept in listed):
        return Judged(counts=True, matters=True)
    if kind in MEDICINE_TYPES and is_something_else(concepts, parts, words.book):
        return Judged(counts=False)
    if name == "MedicationAdministration":
        return Judged(counts=not _is_understood(listed, words.book))
    known = any(_is_known(concept, kind, words) for concept in listed)
    return Judged(counts=known or name not in BY_MEANING, matters=known and name not in BY_MEANING)


def _concepts(item: Json, holder: Json, resources: Resources) -> tuple[list[Any], list[Any]]:
    """What a resource is about: its code, its medicine, the answers of a questionnaire; and the ingredients of it."""
    concept, reference = stated_medicine(item)
    target = resources.resolve(reference.get("reference"), holder) if isinstance(reference, dict) else None
    shown = {"text": reference.get("display")} if isinstance(reference, dict) else None
    stated = (item.get("code"), concept, shown)
    parts = [part.get("itemCodeableConcept") for part in objects((target or {}).get("ingredient"))]
    concepts = [*stated, (target or {}).get("code"), *_answers(item.get("item"))]
    return list(filter(None, concepts)), list(filter(None, parts))


def _answers(items: Any) -> Iterator[Json]:
    """The answers of a questionnaire, as concepts."""
    for item in objects(items):
        for answer in objects(item.get("answer")):
            yield {"coding": [answer.get("valueCoding")], "text": answer.get("valueString")}
            yield from _answers(answer.get("item"))
        yield from _answers(item.get("item"))


def _is_main_product(concept: Any, words: Vocabulary) -> bool:
    product = meanings(words.book).medicine(concept, ()).product
    return product is not None and words.book.products.main.name in product.contents.nutrients


def is_something_else(concepts: Iterable[Any], ingredients: Iterable[Any], book: RuleBook) -> bool:
    """Whether a medicine is known to be nothing that could add to an answer.

    It is so where nothing in it is a product or a medicine that rules look for, and one of its concepts, or each of its
    ingredients, has a name beside a code of a system of the rulebook, or the name of a known medicine.
    """
    listed, parts = list(concepts), list(ingredients)
    found = [meanings(book).medicine(concept, ()) for concept in (*listed, *parts)]
    if any(each.product or each.unknown or not only_silences(book).issuperset(each.terms) for each in found):
        return False
    if any(is_excluded(concept, book) for concept in (*listed, *parts)):
        return True
    named = any(map(texts, (*listed, *parts)))
    ways: list[tuple[Any, list[Any]]] = [*((concept, []) for concept in listed), (None, parts)]
    return any(is_another_medicine_by_name(*way, book) or (named and is_coded(*way, book)) for way in ways)


def _is_understood(concepts: Iterable[Any], book: RuleBook) -> bool:
    """Whether a medicine is one that the rulebook knows: those that count when they were given have been read."""
    found = [meanings(book).medicine(concept, ()) for concept in concepts]
    return any(each.terms or each.product for each in found) and not any(each.unknown for each in found)


def _is_known(concept: Any, kind: str, words: Vocabulary) -> bool:
    """Whether a concept is a result, or a condition of the rulebook."""
    look_up = meanings(words.book)
    if kind == "Observation":
        found = look_up.result(concept)
        return bool(found.measurements or found.questions)
    terms = look_up.condition(concept).terms if kind in ("Condition", *BY_MEANING) else ()
    return any(kind != "Procedure" or not _is_read_there(words.book.terms[name]) for name in terms)


def _is_read_there(term: AnyTerm) -> bool:
    """Whether a term is read in procedures."""
    return isinstance(term, Condition) and bool(term.procedures)


NEGATED = frozenset({Sense.NOT, Sense.WITHOUT})


@lru_cache(maxsize=8)
def only_silences(book: RuleBook) -> frozenset[str]:
    """The terms of medicines of which rules and findings ask only whether they are not there."""
    joined = [rule.when for rule in book.rules.values()]
    joined += [found.definition for found in book.findings.values() if isinstance(found.definition, Joined)]
    parts = [part for each in joined for part in each.parts]
    negated = _terms_of((part.finding for part in parts if part.sense in NEGATED), book)
    asked = _terms_of((part.finding for part in parts if part.sense not in NEGATED), book)
    of_terms = _terms_of((name for term in book.terms.values() for name in finding_names_in(term)), book)
    return frozenset(name for name in negated if isinstance(book.terms[name], Medication)) - asked - of_terms


def _terms_of(findings: Iterable[str], book: RuleBook) -> frozenset[str]:
    """The terms that these findings read themselves; those that they join are among the parts."""
    named = (term for name in findings for term in book.findings[name].definition.terms)
    return frozenset(name for name in named if name in book.terms)
