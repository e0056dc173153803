"""What is read fast, or remembered, is what is read with care: the two ways give the same record."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from changed import changed
from conftest import ROOT
from generated import people
from hypothesis import given
from hypothesis import strategies as st
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    Json,
    bundle,
    concept,
    condition,
    observation,
    patient,
    quantity,
    read,
    request,
    resource,
    statement,
)
from profiles import examples

from cds.errors import RecordError
from cds.intake.bundles.bundle import READ
from cds.intake.elements import Memory
from cds.intake.reading import parse_json, read_record
from cds.intake.record import Record
from cds.rulebook.model import RuleBook

LIMITS = [{"low": quantity(8.6, "mg/dL"), "high": quantity(10.2, "mg/dL"), "type": concept(text="normal")}]
DOSE: Json = {
    "text": "1 tablet twice daily",
    "sequence": 1,
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": quantity(1, "{tablet}")}],
}
USUAL_RECORDS: list[Json] = [
    statement("RxNorm 282465", DOSE),
    statement("RxNorm 282465", DOSE, status="completed", effectivePeriod={}),
    statement("RxNorm 11289", text="warfarin"),
    statement("", text="something else"),
    request("RxNorm 282465", DOSE, basedOn=[{"reference": "MedicationRequest/x"}]),
    request("RxNorm 282465", status="stopped"),
    request("RxNorm 282465", DOSE, intent="plan"),
    condition("SNOMED 64859006", onsetDateTime="2020", recordedDate="2020-05"),
    condition("SNOMED 77176002", recordedDate="2025-05-01"),
    condition("ICD-10-CM Z00.0", "Something else"),
]
MEDICATION = resource("Medication", "m", status="active", code=concept("RxNorm 282465"), form=concept(text="tablet"))
TO_IT: Json = {"reference": "Medication/m", "display": "calcium"}
REFERRING = [
    statement("", DOSE, medicationCodeableConcept=None, medicationReference=TO_IT),
    request("", DOSE, medicationCodeableConcept=None, medicationReference=TO_IT),
    request("RxNorm 11289", DOSE, medicationReference=TO_IT),
]
REFERRED: list[Json] = [
    MEDICATION,
    {**MEDICATION, "code": concept("", "Caltrate"), "status": "inactive"},
    {**MEDICATION, "code": concept("", "something else"), "ingredient": [{"itemCodeableConcept": {"text": "calcium"}}]},
    {**MEDICATION, "code": concept("RxNorm 11289"), "ingredient": [{"itemReference": {"reference": "Medication/m"}}]},
]
PRESSURE = [{"code": concept("LOINC 8480-6"), "valueQuantity": quantity(128, "mm[Hg]")}]
USUAL: list[Json] = [
    observation(CALCIUM, 9.4, "mg/dL", referenceRange=LIMITS),
    observation(ALBUMIN, 4, "g/dL", issued="2026-01-10T10:00:00Z", category=[concept(text="laboratory")]),
    observation(CREATININE, 88, "umol/L", day="2026-01-10T10:00:00+01:00", referenceRange=[{"high": quantity(90)}]),
    observation("LOINC 85354-9", 1, component=PRESSURE),
    condition("ICD-10-CM M81.0", "Osteoporosis", onsetDateTime="2020", recordedDate="2020-05"),
    condition("ICD-10-CM Z00.0", "Something else"),
    statement(text="Caltrate", route=concept("SNOMED 26643006"), contained=[{"resourceType": "Medication", "id": "x"}]),
]
KEYS = ["component", "focus", "modifierExtension", "dataAbsentReason", "valueInteger", "effectivePeriod", "age", "unit",
        "comparator", "appliesTo", "high", "low", "coding", "_status", "status", "subject", "id", "end", "start",
        "authoredOn", "boundsPeriod", "sequence", "onsetDateTime", "recordedDate", "intent", "reasonReference",
        "statusReason", "_onsetDateTime", "abatementDateTime", "medication", "doNotPerform"]  # fmt: skip


def content(record: Record) -> Json:
    """What a record holds; the names by what they call the resources that were used."""
    found: dict[str, Any] = {field.name: getattr(record, field.name) for field in fields(record) if field.compare}
    return {**found, "names": [record.name_of(resource) for resource in record.used]}


def read_with_care(data: object, book: RuleBook, day: date) -> Record:
    """The record as it is read where nothing is fast and nothing remembered."""

    def odd(_: object) -> None:
        raise TypeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cds.intake.reading.usual_readers", lambda _: dict.fromkeys(READ, lambda *_: False))
        patch.setattr(Memory, "get", lambda _, __, work_out: work_out())
        patch.setattr("cds.intake.elements.json_key", odd)
        return read_record(data, book, day)


def agree(data: object, book: RuleBook, day: date = AS_OF) -> None:
    """Read data on both ways, the fast one twice: what it remembers of the first time changes nothing."""
    try:
        first = content(read_record(data, book, day))
    except RecordError:
        return
    assert first == content(read_record(data, book, day)) == content(read_with_care(data, book, day))


@given(st.lists(changed(USUAL, KEYS), min_size=1, max_size=3))
@examples(400)
def test_a_usual_result_with_something_odd_is_read_as_with_care(book: RuleBook, items: list[Json]) -> None:
    agree(bundle(patient(), *items), book)


@given(st.lists(changed(USUAL_RECORDS, KEYS), min_size=1, max_size=3))
@examples(400)
def test_a_usual_record_with_something_odd_is_read_as_with_care(book: RuleBook, items: list[Json]) -> None:
    agree(bundle(patient(), *items), book)


@given(changed(REFERRED, KEYS), changed(REFERRING, KEYS))
@examples(400)
def test_a_medicine_named_elsewhere_is_read_as_with_care(book: RuleBook, medication: Json, item: Json) -> None:
    agree(bundle(patient(), medication, item), book)


@given(people())
@examples(50)
def test_generated_patients_are_read_as_with_care(book: RuleBook, resources: list[Json]) -> None:
    agree(bundle(*resources), book)


def test_recorded_patients_are_read_as_with_care(book: RuleBook) -> None:
    for line in (ROOT / "tests" / "patients.jsonl").read_bytes().splitlines():
        agree(orjson.loads(line)["bundle"], book, date(2026, 1, 15))


def test_the_samples_are_read_as_with_care(book: RuleBook) -> None:
    for file in (ROOT / "fhir_samples").rglob("bundle.json"):
        agree(orjson.loads(file.read_bytes()), book, date(2026, 1, 15))


def test_public_data_are_read_as_with_care(book: RuleBook, shared: Path) -> None:
    for file in (shared / "data").rglob("*.json"):
        with suppress(RecordError):
            agree(parse_json(file.read_bytes()), book, date(2026, 1, 15))


@pytest.mark.parametrize("item", USUAL[:4], ids=["calcium", "albumin", "creatinine", "pressure"])
def test_usual_results_are_read_fast(book: RuleBook, item: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds.intake.results.observations.meanings", None)
    assert not read(book, item).issues


@pytest.mark.parametrize("item", USUAL_RECORDS)
def test_usual_medicines_and_conditions_are_read_by_their_templates(
    book: RuleBook, item: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(book, item)
    monkeypatch.setattr("cds.intake.reading._read_ours", None)
    read(book, {**item, "id": "another", "onsetDateTime": "2024-03-01", "authoredOn": "2024-03-01"})


@pytest.mark.parametrize("item", REFERRING)
def test_usual_medicines_that_are_named_elsewhere_are_read_by_their_templates(
    book: RuleBook, item: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(book, MEDICATION, item)
    monkeypatch.setattr("cds.intake.medicines.medications.medicine_of", None)
    named = {**MEDICATION, "id": "another"}
    found = read(book, named, {**item, "id": "x", "medicationReference": {**TO_IT, "reference": "Medication/another"}})
    assert [medication["id"] for _, medication in found.named_by] == ["another"] * (
        "medicationCodeableConcept" not in item
    )


@pytest.mark.parametrize("item", REFERRING)
def test_medicines_whose_medication_was_not_sent_are_read_by_their_templates(
    book: RuleBook, item: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(bundle(patient(), item), book)
    agree(bundle(patient(), {**item, "medicationReference": {"reference": "Medication/m"}}), book)
    monkeypatch.setattr("cds.intake.medicines.medications.medicine_of", None)
    found = read(book, {**item, "id": "x", "medicationReference": {**TO_IT, "reference": "Medication/never-sent"}})
    assert [issue.source for issue in found.issues if issue.code == "unresolved-reference"] == [
        f"{item['resourceType']}/x"
    ] * ("medicationCodeableConcept" not in item)


@pytest.mark.parametrize("day", ["2026-01-16", "2026-01-15", "2025-12-20", "2024-01-15", "2023-12-01"])
def test_what_was_remembered_of_one_day_holds_for_no_other(book: RuleBook, day: str) -> None:
    """Smoking is not known any more after two years; a course of a month is over; one of the future is not taken."""
    times: list[Json] = [
        {},
        {"boundsDuration": quantity(1, "mo")},
        {"boundsPeriod": {"end": "2025-12-31"}},
        {"count": 9},
    ]
    doses = [{**DOSE, "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", **time}}} for time in times]
    two = {**DOSE, "sequence": 2, "doseAndRate": [{"doseQuantity": quantity(2, "{tablet}")}]}
    plans = [plan for dose in doses for plan in ([dose], [dose, two])]
    items = [condition("SNOMED 77176002")]
    items += [
        make("RxNorm 282465", *plan, identity=f"x{number}")
        for make in (statement, request)
        for number, plan in enumerate(plans)
    ]
    dates = {"onsetDateTime": day, "effectivePeriod": {"start": day}, "authoredOn": day}
    agree(bundle(patient(), *items), book)
    for item in items:
        agree(bundle(patient(), {**item, **dates}), book)


def test_a_full_memory_begins_anew() -> None:
    memory: Memory[int] = Memory(most=2)
    keys = [b"a", b"a", b"b", b"b", b"c", b"a"]
    assert [memory.get(key, lambda number=number: number) for number, key in enumerate(keys)] == [0, 0, 2, 2, 4, 5]
