"""No entry of a Bundle is passed over in silence: it is read, honoured as a deletion, or said to be missing."""

from __future__ import annotations

from typing import Any

import pytest
from calls import TODAY, call, searchset
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    EXTENSION,
    Json,
    cds_services,
    codes_of,
    condition,
    dosage,
    observation,
    patient,
    statement,
)
from people import request as order

from cds.evaluation import evaluate
from cds.hooks.answering import answer as answer_to
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.result import result_of
from cds.rulebook.model import RuleBook

CARBONATE, SERVER = "RxNorm 282465", "http://ehr.example/fhir"
OTHERS = (
    condition("ICD-10-CM M81.0", identity="bone"), observation(CALCIUM, 9.4, "mg/dL", identity="ca"),
    observation(ALBUMIN, 4.2, "g/dL", identity="alb"), observation(CREATININE, 0.8, "mg/dL", identity="crea"),
)  # fmt: skip
TAKEN = statement(CARBONATE, dosage(), identity="cal")


def held(*entries: Any, kind: str = "collection", resources: tuple[Json, ...] = OTHERS) -> Json:
    own = [{"resource": item} for item in (patient(), *resources)]
    return {"resourceType": "Bundle", "type": kind, "entry": [*own, *entries]}


def record_of(book: RuleBook, data: object) -> Record:
    return read_record(data, book, AS_OF)


def answer(book: RuleBook, data: object) -> Json:
    return result_of(evaluate(record_of(book, data), book, AS_OF))


@pytest.mark.parametrize("entry", [TAKEN, {"Resource": TAKEN}, {"resource": None, **TAKEN}, {"RESOURCE": TAKEN}])
def test_a_resource_that_stands_in_another_place_is_read_and_that_is_said(book: RuleBook, entry: Json) -> None:
    result = answer(book, held(entry))
    assert result["outcome"] == "continue"
    assert [i["source"] for i in result["issues"] if i["code"] == "bare-resource"] == ["MedicationStatement/cal"]


NOTHING: dict[str, Any] = {
    "only a full URL": {"fullUrl": f"{SERVER}/MedicationStatement/9"}, "nothing": {}, "null": {"resource": None},
    "no entry": None, "an answer without its resource": {"response": {"status": "200 OK"}},
    "not modified": {"response": {"status": "304"}}, "stored, in a history": {"request": {"method": "PUT", "url": "x"}},
    "a search that deletes": {"request": {"method": "DELETE", "url": "Condition?code=1"}},
}  # fmt: skip


@pytest.mark.parametrize("why", NOTHING)
def test_an_entry_that_holds_no_resource_is_a_part_that_was_not_sent(book: RuleBook, why: str) -> None:
    result = answer(book, held(NOTHING[why]))
    assert result["outcome"] == "insufficient-data", "no product was found, and one may be what was not sent"
    assert {"incomplete-data", "unknown-resource"} & {issue["code"] for issue in result["issues"]}
    (decides,) = [own for card in result["cards"] if (own := card["extension"][EXTENSION]).get("decides")]
    assert decides["notUsed"][0]["count"] == 1


@pytest.mark.parametrize(
    "entry",
    [{"request": {"method": "GET", "url": "Patient/p"}}, {"response": {"status": "201 Created"}},
     {"response": {"status": "200", "location": "Patient/p/_history/1"}}, {"response": {"status": "204"}}],
)  # fmt: skip
def test_an_entry_that_asks_or_that_answers_whoever_stored_data_misses_nothing(book: RuleBook, entry: Json) -> None:
    assert not codes_of(record_of(book, held(entry))) & {"incomplete-data", "unknown-resource"}


def deleted(url: str = "MedicationStatement/cal", full: str = "", **response: str) -> Json:
    return {**({"fullUrl": full} if full else {}), "request": {"method": "DELETE", "url": url},
            "response": {"status": "204", **response}}  # fmt: skip


def version(number: int, day: str) -> Json:
    return {"resource": {**TAKEN, "meta": {"versionId": str(number), "lastUpdated": f"{day}T10:00:00Z"}}}


BEFORE, AT, AFTER = "2025-12-01", "2025-12-02T10:00:00Z", "2025-12-03"
HISTORIES: dict[str, tuple[list[Json], bool | None]] = {
    "deleted later, by time": ([version(1, BEFORE), deleted(lastModified=AT)], True),
    "deleted later, by time, listed first": ([deleted(lastModified=AT), version(1, BEFORE)], True),
    "deleted later, by version": ([version(1, BEFORE), deleted(etag='W/"2"')], True),
    "deleted and put again, by time": ([version(3, AFTER), deleted(lastModified=AT), version(1, BEFORE)], False),
    "deleted and put again, by version": ([deleted(etag='W/"2"'), version(3, AFTER)], False),
    "deleted above, without a time": ([deleted(), {"resource": TAKEN}], True),
    "deleted below, without a time": ([{"resource": TAKEN}, deleted()], None),
    "by full URL": ([deleted("", f"{SERVER}/MedicationStatement/cal"), {"resource": TAKEN}], True),
    "by an absolute URL": ([deleted(f"{SERVER}/MedicationStatement/cal/_history/2"), {"resource": TAKEN}], True),
    "another one": ([deleted("MedicationStatement/other"), {"resource": TAKEN}], False),
}


@pytest.mark.parametrize("case", HISTORIES)
def test_what_was_deleted_is_not_there_and_what_may_have_been_is_not_known(book: RuleBook, case: str) -> None:
    entries, gone = HISTORIES[case]
    result = answer(book, held(*entries, kind="history"))
    assert result["outcome"] == {True: "not-applicable", False: "continue", None: "insufficient-data"}[gone]
    codes = {issue["code"] for issue in result["issues"]}
    assert ("deleted-resource" in codes) is (gone is not False or len(entries) == 3)


@pytest.mark.parametrize("entry", [
    {"fullUrl": "https://x.example/fhir/Encounter/9"}, {"request": {"method": "DELETE", "url": "Appointment?x=1"}},
    {"fullUrl": "https://x.example/Slot/1", "response": {"status": "404"}},
])  # fmt: skip
def test_what_is_missing_of_an_administrative_type_opens_no_question(book: RuleBook, entry: Json) -> None:
    assert "incomplete-data" not in codes_of(record_of(book, held(entry)))


def test_a_deletion_on_another_page_of_the_history_counts(book: RuleBook) -> None:
    page = {"resourceType": "Bundle", "type": "history", "entry": [deleted(lastModified=AT)]}
    result = answer(book, [page, held(version(1, BEFORE), kind="history")])
    assert (result["outcome"], result["decidedBy"]) == ("not-applicable", "SCOPE-03")


def test_a_workflow_is_not_silent_about_an_entry_without_its_resource(book: RuleBook) -> None:
    missing = searchset()
    missing["entry"] = [{"fullUrl": f"{SERVER}/MedicationStatement/9"}]
    found = answer_to(call(statements=missing), cds_services()["patient-view"], book, TODAY)
    assert found.missing == ("statements",)
    assert found.cards


def test_two_equal_orders_with_different_full_urls_are_two_and_that_is_said(book: RuleBook) -> None:
    nameless = {key: value for key, value in order(CARBONATE, dosage()).items() if key != "id"}
    one, other = ({"fullUrl": f"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e{n}", "resource": nameless} for n in (1, 2))
    assert "recorded-twice" in codes_of(record_of(book, held(one, other)))
    assert "recorded-twice" not in codes_of(record_of(book, held(one, one)))
