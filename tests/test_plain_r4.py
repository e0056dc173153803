"""What is taken for plain R4 without a look by fhir.resources is valid for fhir.resources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from changed import ODD, changed
from hypothesis import given
from hypothesis import strategies as st
from people import (
    CALCIUM,
    CARBONATE_500,
    Json,
    concept,
    condition,
    dosage,
    observation,
    patient,
    quantity,
    request,
    resource,
    statement,
)
from profiles import examples

from cds.intake.plain_r4 import PLAIN, is_plain
from cds.intake.validation import r4_problem

META = {
    "profile": ["http://hl7.org/x"], "versionId": "1", "lastUpdated": "2026-01-01T10:00:00.123Z", "source": "urn:x",
    "tag": [{"system": "http://x.org", "code": "test", "display": "Test", "version": "2"}],
}  # fmt: skip
RANGE = {"doseRange": {"low": quantity(1, "{tablet}"), "high": quantity(2, "{tablet}")}, "type": concept(text="asked")}
PLACE = {"reference": "Encounter/1", "display": "a visit", "type": "Encounter"}
LIMITS = [{"low": quantity(8, "mg/dL"), "high": quantity(10, "mg/dL"), "text": "usual"}]
TAKEN = dosage(2, asNeededBoolean=True, sequence=1, text="as told", route=concept(text="oral"))
TIMED = dosage(1, timing={"code": concept(text="BID"), "repeat": {"frequencyMax": 3, "period": 1, "periodUnit": "d"}})
NUMBERED = [{"system": "urn:oid:1.2.3", "value": "17", "use": "usual", "type": concept(text="number")}]
TEXT = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a patient</div>'}
FROM = {
    "url": "http://x.org/from",
    "valueAddress": {
        "city": "Milton",
        "line": ["1 High Street"],
        "extension": [{"url": "http://x.org/place", "extension": [{"url": "latitude", "valueDecimal": 42.5}]}],
    },
}
MORE = [
    FROM,
    {"url": "http://x.org/a", "extension": [{"url": "b", "valueCoding": {"system": "urn:x", "code": "c"}}]},
    {"url": "http://x.org/word", "valueString": "a word"},
    {"url": "http://x.org/code", "valueCode": "F"},
]
NOTES = [
    {"text": "Reviewed.", "time": "2026-01-01", "authorString": "a nurse"},
    {"text": "Asked.", "authorReference": PLACE},
]
TABLETS = quantity(30, "{tablet}")
PANEL = {
    "status": "final", "code": concept(text="pressure"), "effectiveDateTime": "2026", "note": NOTES, "specimen": PLACE,
    "device": PLACE, "basedOn": [PLACE], "hasMember": [PLACE], "derivedFrom": [PLACE],
    "component": [
        {"code": concept(text="systolic"), "valueQuantity": quantity(120, "mm[Hg]"), "referenceRange": LIMITS,
         "interpretation": [concept(text="normal")]},
        {"code": concept(text="diastolic"), "dataAbsentReason": concept(text="not taken")},
    ],
}  # fmt: skip
REFERRED = {"medicationReference": {"reference": "Medication/1"}, "note": NOTES, "dosageInstruction": [TIMED]}
DISPENSED = {
    **REFERRED, "status": "completed", "category": concept(text="community"), "context": PLACE, "quantity": TABLETS,
    "performer": [{"actor": PLACE, "function": concept(text="checker")}], "authorizingPrescription": [PLACE],
    "type": concept(text="refill"), "daysSupply": quantity(30, "d"), "whenPrepared": "2026",
    "whenHandedOver": "2026-01",
}  # fmt: skip
ORDERED = {
    **REFERRED, "subject": PLACE, "status": "active", "intent": "order", "priority": "routine",
    "category": [concept(text="community")], "recorder": PLACE, "reportedBoolean": False,
    "dispenseRequest": {"validityPeriod": {"start": "2026"}, "numberOfRepeatsAllowed": 3, "quantity": TABLETS,
                        "expectedSupplyDuration": quantity(30, "d")},
}  # fmt: skip
RICH: list[Json] = [
    resource("Observation", "panel", **PANEL),
    resource("MedicationDispense", "handed", **DISPENSED),
    resource("MedicationRequest", "referred", **ORDERED),
    resource("MedicationStatement", "referred", status="active", subject=PLACE, note=NOTES,
             category=concept(text="self"), medicationReference={"reference": "Medication/1"}, context=PLACE),
    condition("ICD-10-CM M81.0", recorder=PLACE, asserter=PLACE, severity=concept(text="mild"), note=NOTES,
              bodySite=[concept(text="hip")]),
    patient(managingOrganization=PLACE, generalPractitioner=[PLACE]),
    patient(meta=META, active=True, text=TEXT, identifier=NUMBERED, extension=MORE, deceasedDateTime="2025-01-01",
            multipleBirthInteger=2, communication=[{"language": concept(text="English"), "preferred": True}]),
    observation(CALCIUM, 9.4, "mg/dL", comparator="<", meta=META, issued="2026-01-10T10:00:00+01:00", encounter=PLACE,
                category=[concept(text="laboratory")], referenceRange=LIMITS),
    condition("ICD-10-CM M81.0", "Osteoporosis", onsetDateTime="2020", recordedDate="2020-05", encounter=PLACE,
              abatementDateTime="2021-01-01T10:00:00Z", category=[concept(text="problem")]),
    statement(CARBONATE_500, TAKEN, dosage(None, doseAndRate=[RANGE]), text="Caltrate", dateAsserted="2026",
              reasonCode=[concept(text="bones")], effectivePeriod={"start": "2025", "end": "2025-02-03"}),
    request("ATC A12AA04", TIMED, requester=PLACE, reasonReference=[PLACE], encounter=PLACE, meta=META),
]  # fmt: skip


@given(changed(RICH))
@examples(2000)
def test_what_is_plain_is_valid_whatever_was_changed(item: Json) -> None:
    if is_plain(item):
        assert r4_problem(item) is None


@pytest.mark.parametrize("day", ["190\u0660", "20\u0661\u0662-01", "2024-01-01T1\u0660:00:00Z"])
def test_digits_of_other_scripts_are_not_plain(day: str) -> None:
    item = condition("ICD-10-CM M81.0", onsetDateTime=day)
    assert r4_problem(item) is not None
    assert not is_plain(item)


@pytest.mark.parametrize("item", RICH, ids=[f"{item['resourceType']}-{item['id']}" for item in RICH])
def test_whole_resources_of_every_kind_are_plain_and_valid(item: Json) -> None:
    assert is_plain(item)
    assert r4_problem(item) is None


def test_a_patient_with_a_subject_is_left_to_the_library() -> None:
    assert not is_plain(patient(subject={"reference": "Patient/p"}))


def test_every_kind_has_an_example_here() -> None:
    assert {item["resourceType"] for item in RICH} == PLAIN.keys()


def nested(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=3), items, max_size=3)


@given(st.recursive(ODD, nested), st.sampled_from(sorted(PLAIN)))
@examples(500)
def test_no_value_breaks_the_check(value: Any, kind: str) -> None:
    for key in ("code", "subject", "status", "meta", "dosage", "birthDate"):
        assert is_plain(resource(kind, "x", **{key: value})) in (True, False)


def published(shared: Path) -> Iterator[Json]:
    for path in sorted((shared / "data").glob("*/*json")):
        if path.suffix == ".ndjson":
            yield from (orjson.loads(line) for line in path.read_bytes().splitlines()[:400])
        elif path.stem != "broken-json":
            data = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            yield from (entry["resource"] for entry in data.get("entry", [{"resource": data}]) if "resource" in entry)


@pytest.mark.slow
def test_what_is_plain_in_published_data_is_valid(shared: Path) -> None:
    ours = [item for item in published(shared) if item.get("resourceType") in PLAIN]
    plain = [item for item in ours if is_plain(item)]
    assert len(plain) > len(ours) / 2 > 1000
    assert [item for item in plain if r4_problem(item) is not None] == []


def test_a_type_that_r4_does_not_know_is_a_problem_and_no_exception() -> None:
    for kind in ("InventoryItem", "MedicinalProduct", "Zork", "../x", "", "Patient.x"):
        assert r4_problem({"resourceType": kind, "id": "x"}) in (kind, "resourceType")
    assert r4_problem({"resourceType": "Specimen", "id": "x"}) is None
