"""The door of intake: FHIR JSON -> the Record of one patient.

Reading never fails because something irrelevant is malformed.
What was relevant and could not be used becomes an issue that names the resource and the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from itertools import chain
from typing import TypeAlias

from cds.intake.allergies import read_allergy
from cds.intake.bundles.bundle import Resources, gather
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.conditions.conditions import read_condition
from cds.intake.conditions.procedures import read_procedure
from cds.intake.conditions.procedures_not_understood import note_procedures_not_understood
from cds.intake.json_text import parse_json as parse_json  # noqa: PLC0414 - at the door of intake too
from cds.intake.medicines.administrations import read_administration
from cds.intake.medicines.courses.duplicates import settle_products
from cds.intake.medicines.courses.handed_out import settle_dispenses
from cds.intake.medicines.courses.links import doubt_denied, links_of
from cds.intake.medicines.dispenses import read_dispense
from cds.intake.medicines.medications import read_medication
from cds.intake.named_elsewhere import note_named_elsewhere
from cds.intake.passed_over import note_passed_over
from cds.intake.patient import read_goal, read_patient
from cds.intake.record import CONDITIONS, LISTS, MEDICINES, PARTS, UNREADABLE, Record
from cds.intake.results.answers import settle_answers
from cds.intake.results.diagnostic_reports import note_reports, place_results, reports_in
from cds.intake.results.fast_results import FastResults
from cds.intake.results.observations import read_observation
from cds.intake.results.reports import settle_results
from cds.intake.templates import MADE_OF, Templates
from cds.intake.unrecognised import kinds_not_understood, not_read, note_unrecognised
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

KINDS = {
    "Condition": CONDITIONS,
    "MedicationStatement": MEDICINES,
    "MedicationRequest": MEDICINES,
    "MedicationDispense": MEDICINES,
}
"""The types whose entries are counted as medicines or conditions, recognised or not."""
BESIDE_THE_LISTS = frozenset({"MedicationDispense", "MedicationAdministration", "Procedure", "AllergyIntolerance"})
"""The types that no list is made of: what they do not hold is not absent."""
Read: TypeAlias = Callable[[Json, Record], None]
"""Adds what a resource says to a record."""
Usual: TypeAlias = Callable[[Json, Record, Resources, int], bool]
"""Adds what a resource says, as known on a day; False where it has something unusual, and nothing was done."""


def read_record(data: object, book: RuleBook, as_of: date) -> Record:
    """What the FHIR data say about the terms of the rulebook, as known on a day.

    Args:
        data: parsed JSON: a Bundle of any type, a list of resources, or one resource.
        book: the rulebook, whose codes decide what is relevant.
        as_of: the day of the evaluation; what is dated later does not exist yet.

    Raises:
        RecordError: not FHIR, not R4, no patient, or several.

    """
    return record_of(gather(data), book, as_of)


def record_of(resources: Resources, book: RuleBook, as_of: date) -> Record:
    """What the resources of one patient say about the terms of the rulebook, as known on a day."""
    record = Record(patient="Patient", issues=resources.issues, unread=_not_sent(resources), names=resources.names)
    record.sent, record.read = resources.sent, [*chain(*resources.by_type.values()), *resources.others]
    for resource in resources.others:
        _note_unknown(resource, record)
    reports = reports_in(resources) if resources.others else []
    place_results(resources, reports)
    words, day = vocabulary(book), as_of.toordinal()
    _guarded(lambda resource, record: read_patient(resource, record, book, day), resources.patient, record)
    usual = usual_readers(book)
    for kind, with_care in WITH_CARE.items():
        if of_kind := resources.by_type[kind]:
            read = partial(with_care, words=words, resources=resources, day=day)
            _read_all(of_kind, record, resources, day, usual.get(kind, _never), read)
    settle_results(record, resources.by_type["Observation"])
    settle_answers(record, book, day)
    note_reports(record, reports, book, day)
    note_named_elsewhere(record, resources, words, day)
    links = links_of(record, resources)
    if resources.by_type["MedicationDispense"]:
        settle_dispenses(record, links)
    doubt_denied(record, links)
    settle_products(record, book.products.main.name, links)
    if record.unrecognised:
        note_unrecognised(record)
    if resources.by_type["Procedure"]:
        note_procedures_not_understood(record, resources, book, day)
    record.not_understood = kinds_not_understood(record)
    note_passed_over(record, resources, words, day)
    return record


def _not_sent(resources: Resources) -> frozenset[str]:
    """The parts of the record that were not sent: what says no type may belong to any list."""
    lost = {issue.not_used for issue in resources.issues}
    return LISTS if lost & {"Bundle", "Resource"} else frozenset(PARTS[kind] for kind in lost & PARTS.keys())


@lru_cache(maxsize=8)
def usual_readers(book: RuleBook) -> dict[str, Usual]:
    """The fast path of each type."""
    of_others = Templates(book).read
    return {"Observation": FastResults(book).read, **dict.fromkeys(MADE_OF, of_others)}


def _never(*_: object) -> bool:
    """The fast path of a type that has none."""
    return False


def _alone(read: Callable[[Json, Record, Vocabulary, int], None]) -> Callable[..., None]:
    """The reader of a type that needs none of the other resources."""

    def ask(resource: Json, record: Record, words: Vocabulary, resources: Resources, day: int) -> None:
        read(resource, record, words, day)

    return ask


WITH_CARE: Mapping[str, Callable[..., None]] = {
    "Observation": read_observation,
    "Condition": _alone(read_condition),
    "MedicationStatement": read_medication,
    "MedicationRequest": read_medication,
    "MedicationDispense": read_dispense,
    "MedicationAdministration": read_administration,
    "Procedure": _alone(read_procedure),
    "AllergyIntolerance": _alone(lambda resource, record, words, _: read_allergy(resource, record, words)),
    "Goal": _alone(read_goal),
}
"""What reads the resources of a type with care, in the order in which the types are read."""


def _read_all(listed: list[Json], record: Record, resources: Resources, day: int, usual: Usual, read: Read) -> None:
    """Read the resources of a type, those that are not usual with care.

    A list in which every resource names another patient was not read at all; beside the patient's own, those of another
    one (mother and child) are no gap.
    """
    all_of_others = True
    for resource in listed:
        about = resources.is_about_patient(resource)
        all_of_others = all_of_others and about is False
        if not (about and usual(resource, record, resources, day)):
            _read_ours(read, resource, record, about=about)
    if all_of_others and listed[0]["resourceType"] not in BESIDE_THE_LISTS:
        record.unread |= {PARTS[listed[0]["resourceType"]]}


def _read_ours(read: Read, resource: Json, record: Record, *, about: bool | None) -> None:
    """Read a resource that is about the patient; one that names no subject counts, and that is said."""
    if about is False:
        record.note("other-patient", record.name_of(resource), not_used=resource["resourceType"])
        return
    used = len(record.used)
    _guarded(read, resource, record)
    if about is None and len(record.used) > used:
        record.note("subject-unclear", record.name_of(resource))


def _guarded(read: Read, resource: Json, record: Record) -> None:
    """Read one resource; what breaks in it is its own problem and never takes the others down."""
    kind = KINDS.get(resource.get("resourceType", ""), "")
    met = record.met.get(kind, 0)
    try:
        read(resource, record)
    except UNREADABLE:
        record.lose_resource("unreadable-resource", record.name_of(resource), resource["resourceType"])
        if kind:
            record.met[kind] = met
            not_read(record, kind, resource)


def _note_unknown(resource: Json, record: Record) -> None:
    kind = resource["resourceType"]
    if kind not in R4_TYPES:
        text = f"'{kind[:64]}' is not a resource type that this program knows; it was not read."
        record.note("unknown-resource", record.name_of(resource), text, not_used="Resource")
