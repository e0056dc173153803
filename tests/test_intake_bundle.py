"""A Bundle becomes one patient's resources: references of every form, one patient only, R4 only, nothing lost."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from generated import the_book
from hypothesis import given
from hypothesis import strategies as st
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    MANY,
    Json,
    bundle,
    codes_of,
    concept,
    condition,
    dosage,
    observation,
    patient,
    read,
    request,
    resource,
    statement,
)

from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.intake.reading import parse_json, read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.rulebook.model import RuleBook

HERE, THERE, URN = "http://here.org/fhir", "http://there.org/fhir", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
WITHOUT_ID = {key: value for key, value in patient().items() if key != "id"}


def about(subject: Json | None) -> Json:
    return observation(CALCIUM, 9.4, "mg/dL", subject=subject)


def with_urls(*entries: tuple[str, Json]) -> Json:
    listed = [{"fullUrl": url, "resource": item} if url else {"resource": item} for url, item in entries]
    return {"resourceType": "Bundle", "type": "collection", "entry": listed}


def record_of(data: object, book: RuleBook) -> Record:
    return read_record(data, book, AS_OF)


OWN = {
    "relative": ("", patient(), "Patient/p"),
    "versioned": ("", patient(), "Patient/p/_history/7"),
    "relative, with a full URL": (f"{HERE}/Patient/p", patient(), "Patient/p"),
    "absolute": (f"{HERE}/Patient/p", patient(), f"{HERE}/Patient/p"),
    "absolute and versioned": (f"{HERE}/Patient/p", patient(), f"{HERE}/Patient/p/_history/2"),
    "absolute, where no full URL is given": ("", patient(), f"{HERE}/Patient/p"),
    "urn": (URN, WITHOUT_ID, URN),
    "urn, of a patient with an id": (URN, patient(), URN),
    "relative to the full URL of a patient without id": (f"{HERE}/Patient/p", WITHOUT_ID, "Patient/p"),
}


@pytest.mark.parametrize("form", OWN)
def test_a_reference_of_any_form_leads_to_the_patient(book: RuleBook, form: str) -> None:
    url, who, reference = OWN[form]
    record = record_of(with_urls((url, who), ("", about({"reference": reference}))), book)
    assert "serum calcium" in record.readings
    assert not codes_of(record) & {"other-patient", "subject-unclear"}


@pytest.mark.parametrize(
    ("url", "reference"),
    [("", "Patient/q"), ("", "Patient/pp"), ("", f"{HERE}/Patient/q"), (f"{HERE}/Patient/p", f"{THERE}/Patient/p"),
     (URN, URN.replace("0", "1")), ("", "Group/p"), ("", f"{HERE}/Patient/xp")],
)  # fmt: skip
def test_what_is_about_somebody_else_is_not_used(book: RuleBook, url: str, reference: str) -> None:
    record = record_of(with_urls((url, patient()), ("", about({"reference": reference}))), book)
    assert record.readings == {}
    assert "other-patient" in codes_of(record)


@pytest.mark.parametrize(
    "subject",
    [None, {}, {"identifier": {"value": "7"}}, {"display": "She"}, {"reference": "#who"}, {"reference": 5}, 5],
)
def test_a_subject_without_a_reference_is_the_patient_with_an_issue(book: RuleBook, subject: Any) -> None:
    record = read(book, about(subject))
    assert "serum calcium" in record.readings
    assert "subject-unclear" in codes_of(record)


@pytest.mark.parametrize(
    ("system", "value", "about_patient"),
    [("urn:mrn", "7", True), ("urn:mrn", "8", False), ("urn:other", "8", True), (None, "8", True), (5, "8", True)],
)
def test_a_subject_with_another_identifier_of_the_same_system_is_somebody_else(
    book: RuleBook, system: Any, value: str, *, about_patient: bool
) -> None:
    who = patient(identifier=[{"system": "urn:mrn", "value": "7"}, "odd"])
    subject = {"identifier": {"system": system, "value": value}}
    record = record_of(bundle(who, about(subject)), book)
    assert codes_of(record) == ({"subject-unclear"} if about_patient else {"other-patient"})
    assert ("serum calcium" in record.readings) is about_patient


CARBONATE = resource("Medication", "med", code=concept(CARBONATE_500))


@pytest.mark.parametrize(
    ("url", "reference"),
    [("", "Medication/med"), (f"{HERE}/Medication/med", f"{HERE}/Medication/med"), (URN, URN),
     ("", "Medication/med/_history/3"), (f"{HERE}/Medication/med", "Medication/med"), ("", "#med")],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_a_medicine_is_found_by_a_reference_of_any_form(
    book: RuleBook, url: str, reference: str, *, first: bool
) -> None:
    contained = {"contained": [CARBONATE]} if reference.startswith("#") else {}
    taken = statement(CARBONATE_500, dosage(1), medicationCodeableConcept=None,
                      medicationReference={"reference": reference}, **contained)  # fmt: skip
    others = [] if contained else [(url, CARBONATE)]
    entries = [("", patient()), *others, ("", taken)] if first else [("", taken), *others, ("", patient())]
    record = record_of(with_urls(*entries), book)
    assert [product.salt for product in record.products] == ["carbonate"]
    assert "unresolved-reference" not in codes_of(record)


@pytest.mark.parametrize("reference", ["Medication/gone", "#gone", f"{HERE}/Medication/gone", URN, "Patient/p"])
def test_a_reference_that_leads_nowhere_is_reported_and_its_display_is_a_weak_match(
    book: RuleBook, reference: str
) -> None:
    parts: Json = {
        "medicationCodeableConcept": None,
        "medicationReference": {"reference": reference, "display": "Tums"},
    }
    record = read(book, statement("", dosage(1), **parts))
    assert codes_of(record) >= {"unresolved-reference", "matched-by-name"}
    assert len(record.products) == 1


def refused(data: object, book: RuleBook) -> str:
    with pytest.raises(RecordError) as caught:
        record_of(data, book)
    assert str(caught.value).endswith(f"[{caught.value.code}]")
    return caught.value.code


STU3 = bundle(patient(), {**condition("SNOMED 64859006"), "clinicalStatus": "active"},
              observation(CALCIUM, 9, "mg/dL", context={"reference": "Encounter/1"}))  # fmt: skip
R5_TAKEN = statement("", medicationCodeableConcept=None, medication={"concept": concept(CARBONATE_500)})
R5 = bundle(patient(), R5_TAKEN, {**R5_TAKEN, "id": "another"})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bundle(patient(), patient("q")), "several-patients"), (bundle(about(None)), "no-patient"), ([], "no-patient"),
        (bundle(WITHOUT_ID, {**WITHOUT_ID, "gender": "male"}), "several-patients"), (STU3, "wrong-release"),
        (R5, "wrong-release"), ({}, "not-fhir"), ("text", "not-fhir"), (5, "not-fhir"), (None, "not-fhir"),
        ({"resourceType": ["Bundle"]}, "not-fhir"), ({"resourceType": "Bundle"}, "no-patient"),
        ({"resourceType": "Bundle", "entry": 5}, "no-patient"), ([1, "x", None, [[]]], "no-patient"),
    ],
)  # fmt: skip
def test_what_is_not_one_patient_in_r4_is_refused(book: RuleBook, data: object, code: str) -> None:
    assert refused(data, book) == code


def tagged(*resources: Json, book: RuleBook) -> list[str]:
    """The resources that are reported as of another release."""
    issues = record_of(bundle(patient(), *resources), book).issues
    return [issue.source for issue in issues if issue.code == "other-release"]


AS_TEXT = {**condition("SNOMED 64859006"), "clinicalStatus": "active"}
R5_ORDER = {**request(CARBONATE_500, dosage(), identity="r5"), "medicationCodeableConcept": None,
            "medication": {"concept": concept(CARBONATE_500)}}  # fmt: skip
VISIT = {"encounter": {"reference": "Encounter/1"}}


@pytest.mark.parametrize(
    "others",
    [
        [], [about(None)], [statement(CARBONATE_500)], [request(CARBONATE_500, **VISIT)], [about(None) | VISIT],
        [condition("SNOMED 312894000", identity="c2")], [statement(CARBONATE_500, dosage())], [about(None)] * 3,
    ],
)  # fmt: skip
def test_one_status_as_a_string_never_refuses_the_data(book: RuleBook, others: list[Json]) -> None:
    record = record_of(bundle(patient(), AS_TEXT, *others), book)

    assert [mention.state.word for mention in record.mentions["osteoporosis"]] == ["present"]
    assert tagged(AS_TEXT, *others, book=book) == ["Condition/c"]


def test_a_status_as_a_string_is_read(book: RuleBook) -> None:
    resolved = {**AS_TEXT, "clinicalStatus": "resolved"}

    assert "osteoporosis" not in record_of(bundle(patient(), resolved), book).mentions


@pytest.mark.parametrize(
    "odd", [about(None) | {"context": {"reference": "Encounter/1"}}, statement(CARBONATE_500, taken="y"), R5_ORDER]
)
def test_one_resource_of_another_release_among_r4_is_read_and_reported(book: RuleBook, odd: Json) -> None:
    record = record_of(bundle(patient(), odd, condition("SNOMED 64859006"), request(CARBONATE_500, **VISIT)), book)

    assert "other-release" in codes_of(record)
    assert "osteoporosis" in record.mentions
    assert odd in record.used


def test_what_stu3_says_about_taking_is_read(book: RuleBook) -> None:
    for taken, state in (("y", "present"), ("unk", "unknown"), ("na", "unknown")):
        (product,) = read(book, about(None) | VISIT, statement(CARBONATE_500, dosage(), taken=taken)).products
        assert product.state.word == state
    assert read(book, about(None) | VISIT, statement(CARBONATE_500, dosage(), taken="n")).products == []


TWO_ODD = bundle(patient(), AS_TEXT, {**AS_TEXT, "id": "c2"}, about(None))
OUTVOTED = bundle(patient(), AS_TEXT, {**AS_TEXT, "id": "c2"}, about(None) | VISIT, request(CARBONATE_500, **VISIT))
WITH_R4_DATES = bundle(patient(), *({**AS_TEXT, "id": name, "recordedDate": "2025-01-01"} for name in "abc"))
TWO_OF_R5 = bundle(patient(), R5_ORDER, {**R5_ORDER, "id": "r6"}, about(None), condition("SNOMED 64859006"))
BESIDE_PLAIN = bundle(patient(), about(None) | {"context": {"reference": "Encounter/1"}}, AS_TEXT, condition(text="x"))


def declared(profile: str) -> Json:
    return {"meta": {"profile": [profile]}}


CORE = "http://hl7.org/fhir/StructureDefinition/Condition"
OLD = [condition("SNOMED 64859006", identity=name, **declared(f"{CORE}|3.0.2")) for name in "ab"]
GOALS = [resource("Goal", name, status="in-progress") for name in "gh"]


@pytest.mark.parametrize(
    "data",
    [bundle(patient(), *OLD), bundle(patient(), *OLD, *GOALS), bundle(patient(), R5_ORDER, {**R5_ORDER, "id": "r6"})],
)
def test_data_are_refused_when_they_are_of_another_release_as_a_whole(book: RuleBook, data: Json) -> None:
    assert refused(data, book) == "wrong-release"


@pytest.mark.parametrize(
    "data",
    [TWO_ODD, OUTVOTED, WITH_R4_DATES, TWO_OF_R5, BESIDE_PLAIN, bundle(patient(), OLD[0], about(None)),
     bundle(patient(), condition("SNOMED 64859006", **declared("http://hl7.org/fhir/R5/condition")), about(None)),
     bundle(patient(), R5_ORDER, {**R5_ORDER, "id": "r6"}, about(None)), bundle(patient(), R5_ORDER)],
)  # fmt: skip
def test_forms_of_another_release_beside_what_can_be_read_are_read_and_reported(book: RuleBook, data: Json) -> None:
    record = record_of(data, book)
    assert "other-release" in codes_of(record)
    assert record.used[1:], "what can be read is read"


def test_a_profile_of_r4_or_of_somebody_else_says_nothing_against_the_data(book: RuleBook) -> None:
    profiles = (f"{CORE}|4.0.1", "http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition|3.0.2", CORE)
    resources = [condition("SNOMED 64859006", **declared(profile)) for profile in profiles]
    assert not any(tagged(item, book=book) for item in resources)


def test_lists_single_resources_nested_bundles_and_repeated_patients_are_read(book: RuleBook) -> None:
    inner = bundle(about({"reference": "Patient/p"}))
    for data in (
        [patient(), inner],
        bundle(patient(), inner),
        bundle(patient(), patient(), inner),
        [patient(), *[inner] * 3],
    ):
        assert len(record_of(data, book).readings["serum calcium"]) == 1
    assert record_of(patient(), book).sex == "female"


def test_entries_without_a_resource_or_a_type_are_skipped(book: RuleBook) -> None:
    odd = [{}, {"resource": None}, {"resource": {"id": "x"}}, {"resource": 5}, None, {"request": {"method": "GET"}}]
    data = bundle(patient(), about(None))
    record = record_of({**data, "entry": [*odd, *data["entry"]]}, book)
    assert "serum calcium" in record.readings
    assert "unknown-resource" in codes_of(record)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b'{"resourceType":"Patient"}\n{"resourceType":"Patient"}', "line 2, column 1"), (b"", "line 1, column 1"),
        (b'{"a": 1\n "b": 2}', "line 2, column 2"), (b'{"value": NaN}', "line 1"), (b"\xff\xfe{\x00}\x00", "offset 0"),
        (b"[" * 100_000, "line 1"), (b'{"a":"\\ud800"}', "line 1"), (b'{"value":1e999}', "line 1"),
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused_with_its_place(raw: bytes, place: str) -> None:
    with pytest.raises(RecordError, match=place) as caught:
        parse_json(raw)
    assert caught.value.code == "not-json"


def test_a_byte_order_mark_is_no_part_of_the_data() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


def test_json_nested_deeper_than_64_levels_is_refused() -> None:
    with pytest.raises(RecordError) as caught:
        parse_json(b"[" * 65 + b"]" * 65)
    assert caught.value.code == "too-deep"


SIGNS = st.text('[]{}"\\,: ax\n', max_size=6)


@given(st.integers(1, 70), st.data())
def test_only_brackets_outside_of_texts_are_levels(depth: int, data: st.DataObject) -> None:
    nested: Any = data.draw(SIGNS)
    for _ in range(depth):
        before, after = data.draw(SIGNS), data.draw(SIGNS)
        nested = data.draw(st.sampled_from([{before: nested, f"{after}2": after}, [before, nested, after], [nested]]))
    raw = json.dumps(nested, indent=data.draw(st.sampled_from([None, 1]))).encode()
    if depth <= 64:
        assert parse_json(raw) == nested
    else:
        with pytest.raises(RecordError, match="nested deeper than 64 levels"):
            parse_json(raw)


GOAL = resource("Goal", "g", lifecycleStatus="active", subject={"reference": "Patient/p"}, target=[
    {"measure": concept("LOINC 6301-6"), "detailRange": {"low": {"value": 2, "code": "{INR}"},
                                                         "high": {"value": 3, "code": "{INR}"}}}])  # fmt: skip
VALID = [
    observation("LOINC 62292-8", 18, "ng/mL", referenceRange=[{"low": {"value": 20, "code": "ng/mL"}}]),
    resource("Observation", "q", status="final", code=concept("LOINC 82810-3"), effectivePeriod={"end": "2026-01-01"},
             valueCodeableConcept=concept("SNOMED 77386006", "Pregnant")),
    resource("Observation", "panel", status="final", code=concept(text="panel"), issued="2026-01-01T10:00:00Z",
             component=[{"code": concept("LOINC 2777-1"), "valueQuantity": {"value": 3, "code": "mg/dL"}}]),
    condition("ICD-10-CM M81.0", "Osteoporosis", onsetPeriod={"start": "2020"}),
    statement(CARBONATE_500, dosage(2, frequency=2, maxDosePerPeriod={"numerator": {"value": 3, "unit": "tablet"},
              "denominator": {"value": 1, "code": "d"}}), text="Caltrate", reasonCode=[concept(text="heartburn")]),
    request("", dosage(1, route=concept(text="oral")), medicationCodeableConcept=None,
            medicationReference={"reference": "Medication/med"}),
    resource("Medication", "med", ingredient=[{"itemCodeableConcept": concept("RxNorm 1897"), "strength":
             {"numerator": {"value": 1250, "code": "mg"}, "denominator": {"value": 1}}}]),
    GOAL, patient(), condition("SNOMED 34000006", identity="c2"), condition(text="sarcoidosis", identity="c3"),
]  # fmt: skip
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.text(max_size=6),
    st.sampled_from([[], {}, [None], [[]], [{}], {"a": 1}, "2026", "0000-00-00", 10**30, "Patient/p", "<", "active"]),
)  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([at] if at else []), *(place for key, item in inner for place in places(item, (*at, key)))]


@given(st.integers(0, len(VALID) - 1), st.integers(0, 200), ODD)
@MANY
def test_a_broken_resource_never_takes_the_others_down(which: int, where: int, odd: Any) -> None:
    resources = copy.deepcopy(VALID)
    options = [place for place in places(resources[which]) if place != ("resourceType",)]
    *path, last = options[where % len(options)]
    target: Any = resources[which]
    for key in path:
        target = target[key]
    target[last] = odd
    good = observation(CALCIUM, 9.4, "mg/dL", identity="good", subject=None)
    record = record_of(bundle(*resources, good), the_book())
    report_invalid(record)
    assert [reading.source for reading in record.readings["serum calcium"]] == ["Observation/good"]
    assert evaluate(record, the_book(), AS_OF).outcome


def test_a_broken_resource_is_reported(book: RuleBook) -> None:
    broken = condition("ICD-10-CM M81.0", onsetDateTime="2020", verificationStatus={"coding": [{"code": []}]}, text=5)
    worse = observation(CALCIUM, 9.4, "mg/dL", identity="x", valueQuantity={"value": {}, "code": "mg/dL"})
    record = read(book, broken, worse, about({"reference": "Patient/p"}))
    assert len(record.readings["serum calcium"]) == 1
    assert {"Condition/c", "Observation/x"} >= {issue.source for issue in record.issues} != set()
