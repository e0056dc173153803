"""Resources without an id keep apart: their full URL or their place in the data names them, in issues and on cards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, SIGN, call, client_of, draft, not_sent, orders, searchset, service_for
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    Json,
    bundle,
    concept,
    condition,
    dosage,
    observation,
    patient,
    quantity,
    read,
    request,
    statement,
)

from cds.cards.card import cards_of_rules
from cds.cards.models import checked
from cds.cards.references import with_references
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.result import result_of
from cds.review.what_if import what_if
from cds.rulebook.model import RuleBook
from cds.service.page.evaluated import evaluated

SERVER, URN = "http://ehr.example/fhir", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


def nameless(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key != "id"}


def calcium(value: float = 9.4, day: str = "2026-01-10", **more: Any) -> Json:
    return nameless(observation(CALCIUM, value, "mg/dL", day, **more))


def entries(*listed: tuple[str, Json]) -> Json:
    parts = [{"fullUrl": url, "resource": item} if url else {"resource": item} for url, item in listed]
    return {"resourceType": "Bundle", "type": "collection", "entry": parts}


def sources(data: object, book: RuleBook) -> list[str]:
    record = read_record(data, book, AS_OF)
    return [reading.source for reading in record.readings["serum calcium"]]


NAMES = {
    "": "Observation entry 2",
    f"{SERVER}/Observation/ca1": "Observation/ca1",
    f"{SERVER}/Observation/ca1/_history/3": "Observation/ca1",
    "Observation/ca1": "Observation/ca1",
    URN: URN,
    "urn:oid:1.2.840.113619": "urn:oid:1.2.840.113619",
    f"{SERVER}/Patient/ca1": "Observation entry 2",
    f"{SERVER}/Observation?code=17861-6": "Observation entry 2",
    f"{SERVER}/Observation/<b>_x_</b>": "Observation entry 2",
    f"{SERVER}/Observation/": "Observation entry 2",
    f"urn:uuid:{'0' * 80}": "Observation entry 2",
    "urn:uuid:\u202e[x](http://evil.example)": "Observation entry 2",
    "Bundle/x": "Observation entry 2",
}


@pytest.mark.parametrize("url", NAMES)
def test_a_result_without_id_is_named_by_its_full_url_or_by_the_number_of_its_entry(book: RuleBook, url: str) -> None:
    assert sources(entries(("", patient()), (url, calcium())), book) == [NAMES[url]]


def test_an_id_goes_before_the_full_url(book: RuleBook) -> None:
    named = observation(CALCIUM, 9.4, "mg/dL", identity="own")
    assert sources(entries(("", patient()), (f"{SERVER}/Observation/other", named)), book) == ["Observation/own"]


def test_the_number_counts_the_entries_of_bundles_and_lists_at_every_depth(book: RuleBook) -> None:
    two = [calcium(9.4), calcium(9.5)]
    inner = bundle(nameless(condition()), *two)
    assert sources([patient(), *two], book) == ["Observation entry 2", "Observation entry 3"]
    assert sources([bundle(patient(), two[0]), inner], book) == ["Observation entry 1.2", "Observation entry 2.3"]
    nested = bundle(patient(), inner, bundle(bundle(calcium(9.6))))
    assert sources(nested, book) == ["Observation entry 2.2", "Observation entry 2.3", "Observation entry 3.1.1"]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "other",
    [(f"{SERVER}/Observation/ca1", calcium(9.8)), ("", observation(CALCIUM, 9.8, "mg/dL", identity="ca1"))],
)
def test_two_resources_never_have_one_name(book: RuleBook, other: tuple[str, Json], *, first: bool) -> None:
    one = ("http://elsewhere.example/Observation/ca1", calcium(9.4))
    pair = [one, other] if first else [other, one]
    found = sources(entries(("", patient()), *pair), book)
    assert len(set(found)) == 2
    assert "Observation/ca1" in found


def test_equal_resources_without_id_count_once(book: RuleBook) -> None:
    assert sources([patient(), calcium(), calcium()], book) == ["Observation entry 2"]


def test_a_medication_that_is_sent_twice_without_id_is_found_by_either_full_url(book: RuleBook) -> None:
    medication = {"resourceType": "Medication", "code": concept(CARBONATE_500)}
    other = URN.replace("0", "1")
    taken = [
        statement("", dosage(number), identity=f"m{number}", medicationCodeableConcept=None,
                  medicationReference={"reference": url})
        for number, url in ((1, URN), (2, other))
    ]  # fmt: skip
    data = entries(("", patient()), (URN, medication), (other, medication), *(("", item) for item in taken))
    record = read_record(data, book, AS_OF)
    assert {product.source for product in record.products} == {"MedicationStatement/m1", "MedicationStatement/m2"}
    assert "unresolved-reference" not in {issue.code for issue in record.issues}


def issues(record: Record, code: str) -> list[str]:
    return [issue.source for issue in record.issues if issue.code == code]


def test_equal_issues_of_different_resources_are_two_issues(book: RuleBook) -> None:
    empty = [calcium(valueQuantity=None, effectiveDateTime=day) for day in ("2026-01-01", "2026-01-02")]
    record = read(book, *({k: v for k, v in item.items() if v is not None} for item in empty))
    assert issues(record, "no-value") == ["Observation entry 2", "Observation entry 3"]


EQUAL_ISSUES = {
    "other-patient": [calcium(v, subject={"reference": "Patient/q"}) for v in (9.1, 9.2)],
    "subject-unclear": [calcium(v, subject=None) for v in (9.1, 9.2)],
    "unreadable-resource": [calcium(9.4, d, valueQuantity=quantity(9.4, "mg/dL"))
                            | {"referenceRange": [{"low": {"value": 10**400, "code": "mg/dL"}}]}
                            for d in ("2026-01-01", "2026-01-02")],
    "not-r4-valid": [calcium(v, madeUp=1) for v in (9.1, 9.2)],
    "unknown-resource": [{"resourceType": "MadeUpThing", "value": v} for v in (1, 2)],
    "no-medication": [nameless(statement("", medicationCodeableConcept=None, note=v)) for v in (1, 2)],
    "no-code": [nameless(condition(note=v)) for v in (1, 2)],
    "unclear-condition": [nameless(condition("ICD-10-CM M81.0", verification="provisional", note=v)) for v in (1, 2)],
    "server-message": [{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": v}]}
                       for v in "ab"],
}  # fmt: skip


@pytest.mark.parametrize("code", EQUAL_ISSUES)
def test_every_kind_of_issue_names_its_own_resource(book: RuleBook, code: str) -> None:
    pair = EQUAL_ISSUES[code]
    record = read(book, *pair)
    report_invalid(record)
    kind = pair[0]["resourceType"]
    assert issues(record, code) == [f"{kind} entry 2", f"{kind} entry 3"]


def test_an_entry_without_a_type_is_named_by_its_number(book: RuleBook) -> None:
    record = read(book, {"id": "x"}, {"id": "y"})
    assert issues(record, "unknown-resource") == ["entry 2", "entry 3"]


def test_a_statement_and_an_order_that_are_named_by_urn_are_one_product_with_the_range_of_both(book: RuleBook) -> None:
    stated, ordered = nameless(statement(CARBONATE_500, dosage(1))), nameless(request(CARBONATE_500, dosage(2)))
    data = entries(("", patient()), (URN, stated), (URN.replace("0", "1"), ordered))
    (product,) = read_record(data, book, AS_OF).products
    amount = product.amounts["calcium"][0]
    assert (amount.low, amount.high, product.source) == (500, 1000, URN)


def test_an_auditor_reads_of_a_result_without_id_which_entry_it_is(book: RuleBook) -> None:
    data = bundle(patient(), calcium(11.4), nameless(statement(CARBONATE_500, dosage(2))))
    cards = cards_of_rules(evaluate(read_record(data, book, AS_OF), book, AS_OF))
    checked(cards)
    assert "Observation entry 2" in with_references(cards[0])


def test_the_result_names_both_products_of_a_total(book: RuleBook) -> None:
    taken = [nameless(statement(code, dosage(1))) for code in (CARBONATE_500, "RxNorm 308889")]
    facts = result_of(evaluate(read_record(bundle(patient(), *taken), book, AS_OF), book, AS_OF))["facts"]
    (total,) = [fact for fact in facts if fact["term"] == "calcium supplement dose"]
    assert total["source"] == ["MedicationStatement entry 2", "MedicationStatement entry 3"]


def test_what_has_no_id_is_not_sent_back_as_a_change_not_even_under_the_id_of_another(book: RuleBook) -> None:
    taken = nameless(statement(CARBONATE_500, dosage(2)))
    other = statement("RxNorm 11289", identity="m")
    high = observation(CALCIUM, 12.9, "mg/dL")
    data = entries(("", patient()), ("", high), (f"{SERVER}/MedicationStatement/m", taken), ("", other))
    cards = cards_of_rules(evaluate(read_record(data, book, AS_OF), book, AS_OF))
    actions = [a for card in cards for s in card.get("suggestions", ()) for a in s["actions"]]
    assert [action for action in actions if action["type"] != "create"] == []


@pytest.mark.slow
def test_two_products_without_id_stay_two_for_what_if(book: RuleBook) -> None:
    record = read(book, nameless(statement(CARBONATE_500, dosage(1))), nameless(statement("RxNorm 901040", dosage(1))),
                  observation(CALCIUM, 9.4, "mg/dL"))  # fmt: skip
    named = read(book, statement(CARBONATE_500, dosage(1)), statement("RxNorm 901040", dosage(1), identity="n"),
                 observation(CALCIUM, 9.4, "mg/dL"))  # fmt: skip
    assert what_if(record, book, AS_OF) == what_if(named, book, AS_OF)


def test_the_page_shows_each_result_with_its_own_number_and_date(book: RuleBook) -> None:
    data = bundle(patient(), calcium(9.4, "2026-01-10"), calcium(9.9, "2026-01-12"),
                  nameless(observation("LOINC 1751-7", 4.0, "g/dL", "2026-01-11")))  # fmt: skip
    lines = [line for line in evaluated(data, book, AS_OF)["values"] if line["type"] == "Observation"]
    assert [(line["source"], line["label"], line["date"], line["counts"]) for line in lines] == [
        ("Observation entry 2", "serum calcium", "2026-01-10", True),
        ("Observation entry 3", "serum calcium", "2026-01-12", True),
        ("Observation entry 4", "albumin", "2026-01-11", True),
    ]


def test_the_subject_of_a_suggestion_is_a_reference_only_where_the_patient_has_one(book: RuleBook) -> None:
    who, high = nameless(patient()), calcium(11.4, subject=None)
    taken = nameless(statement(CARBONATE_500, dosage(2), subject=None))
    for url, subject in (("", {"type": "Patient"}), (URN, {"type": "Patient"}),
                         (f"{SERVER}/Patient/p", {"reference": "Patient/p"})):  # fmt: skip
        data = entries((url, who), ("", high), ("", taken))
        cards = cards_of_rules(evaluate(read_record(data, book, AS_OF), book, AS_OF))
        actions = [a for card in cards for s in card.get("suggestions", ()) for a in s["actions"]]
        assert [action["resource"]["subject"] for action in actions] == [subject] * len(actions) != []


def test_the_patient_without_id_has_the_same_cards_wherever_the_entry_stands(book: RuleBook) -> None:
    who, rest = nameless(patient()), [calcium(11.4, subject=None)]
    uuids = [
        [card["uuid"] for card in cards_of_rules(evaluate(read_record(data, book, AS_OF), book, AS_OF))]
        for data in (bundle(who, *rest), bundle(*rest, who))
    ]
    assert uuids[0] == uuids[1]


def test_a_draft_order_without_id_hides_no_order_on_record_without_id(book: RuleBook) -> None:
    client, ordered = client_of(service_for(book)), nameless(request(CARBONATE_500, dosage(1)))
    context = {"draftOrders": orders(nameless(draft("7646")))}
    for on_record, spoken in ((searchset(ordered), True), (searchset(), False)):
        body = call("order-sign", context, statements=searchset(), requests=on_record)
        assert bool(client.post(SIGN, json=body).json()["cards"]) is spoken


@pytest.mark.parametrize("copies", [1, 2])
def test_a_list_with_a_medicine_that_has_neither_id_nor_name_was_not_read_in_full(book: RuleBook, copies: int) -> None:
    points = statement("", medicationCodeableConcept=None, medicationReference={"reference": "Medication/not-sent"})
    body = call(statements=searchset(*[nameless(points)] * copies))
    found = client_of(service_for(book)).post(REVIEW, json=body).json()
    assert not_sent(found["cards"]) == {"statements"}


@pytest.mark.slow
def test_the_command_line_names_each_result_by_its_entry(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    empty = {key: value for key, value in calcium().items() if key != "valueQuantity"}
    data = bundle(patient(), empty, {**empty, "valueQuantity": quantity(9.4)}, {**empty, "status": "final", "note": []})
    file.write_text(json.dumps(data), encoding="utf-8")
    command = [sys.executable, "-m", "cds", "evaluate", file, "--long", "--as-of", AS_OF.isoformat()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    text = " ".join(done.stdout.split())
    assert "Data: Observation entry 2: A result of serum calcium is on record without a value. [no-value]" in text
    assert "Data: Observation entry 3: A result of serum calcium has no unit" in text
    assert "Data: Observation entry 4: A result of serum calcium is on record without a value. [no-value]" in text
