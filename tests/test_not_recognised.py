"""Medicines and conditions that nothing in the rulebook is: counted, named, on the card, never passed over."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, SELECT, call, client_of, draft, orders, rules_in, searchset, service_for
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    EXTENSION,
    Json,
    bundle,
    concept,
    condition,
    dosage,
    observation,
    patient,
    request,
    resource,
    statement,
)
from starlette.testclient import TestClient

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook
from cds.service.observability.metrics import Metrics

MEDICINE, CONDITION = "medicine-not-understood", "condition-not-understood"
RXNORM, SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
AMOXICILLIN: Json = {"coding": [{"system": RXNORM, "code": "308182", "display": "Amoxicillin 250 MG Oral Capsule"}]}
HAY_FEVER: Json = {"coding": [{"system": SNOMED, "code": "21719001", "display": "Allergic rhinitis caused by pollen"}]}
USUAL = (
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"), condition("ICD-10-CM M81.0", identity="bone"),
)  # fmt: skip


def medicine(named: Any, identity: str = "x", **more: Any) -> Json:
    """A statement about a medicine by a concept or a text."""
    known = concept(text=named) if isinstance(named, str) else named
    return statement("", identity=identity, **{"medicationCodeableConcept": known, **more})


def problem(named: Any, identity: str = "y", **more: Any) -> Json:
    known = concept(text=named) if isinstance(named, str) else named
    return {**condition("", identity=identity, **more), "code": known}


def answer(book: RuleBook, *resources: Json, who: Json | None = None) -> Json:
    return result_of(evaluate(read_record(bundle(who or patient(), *resources), book, AS_OF), book, AS_OF))


def said(result: Json, code: str = MEDICINE) -> list[str]:
    return [issue["text"] for issue in result["issues"] if issue["code"] == code]


def notice(result: Json) -> list[str]:
    listed: list[str] = result["cards"][0]["extension"][EXTENSION].get("notUnderstood", [])
    return listed


def test_one_issue_says_how_many_medicines_were_not_understood_and_which(book: RuleBook) -> None:
    ordered = request("", text="Kalziumbrause", identity="r")
    taken = (medicine("Ossoforta forte"), medicine("Ossoforta forte", "again"))
    result = answer(book, statement(identity="calcium"), *taken, ordered)
    assert said(result) == ["3 of 4 medicines were not understood: Ossoforta forte; Kalziumbrause."]
    assert [issue["source"] for issue in result["issues"] if issue["code"] == MEDICINE] == ["Patient/p"]


def test_one_issue_says_how_many_conditions_were_not_understood_and_which(book: RuleBook) -> None:
    result = answer(book, condition("ICD-10-CM M81.0"), problem("Nierenschwäche"), problem(HAY_FEVER, "z"))
    told = "1 of 3 conditions was not understood: Nierenschwäche."
    assert said(result, CONDITION) == [told], "a code and a name that are known say that the other is something else"


COUNTED = {
    "active": (medicine("Foo"), True),
    "without a status": (medicine("Foo", status=None), True),
    "an order": (request("", text="Foo"), True),
    "an order without an intent": (request("", text="Foo", intent=None), True),
    "stopped": (medicine("Foo", status="stopped"), False),
    "entered in error": (medicine("Foo", status="entered-in-error"), False),
    "on hold": (medicine("Foo", status="on-hold"), False),
    "ended last year": (medicine("Foo", effectivePeriod={"start": "2024-01-01", "end": "2025-01-01"}), False),
    "not to be done": (request("", text="Foo", doNotPerform=True), False),
    "a proposal": (request("", text="Foo", intent="proposal"), False),
    "of somebody else": (medicine("Foo", subject={"reference": "Patient/other"}), False),
}


@pytest.mark.parametrize("kind", COUNTED)
def test_only_a_medicine_that_may_be_taken_is_counted(book: RuleBook, kind: str) -> None:
    item, counts = COUNTED[kind]
    assert said(answer(book, item)) == (["1 of 1 medicines was not understood: Foo."] if counts else [])


THERE = {
    "active": (problem("Foo"), True),
    "of unknown status": (problem("Foo", clinicalStatus=None), True),
    "provisional": (problem("Foo", verification="provisional"), True),
    "resolved, and some terms count when they are over": (problem("Foo", clinical="resolved"), True),
    "refuted": (problem("Foo", verification="refuted"), False),
    "of somebody else": (problem("Foo", subject={"reference": "Patient/other"}), False),
}


@pytest.mark.parametrize("kind", THERE)
def test_only_a_condition_that_may_be_there_is_counted(book: RuleBook, kind: str) -> None:
    item, counts = THERE[kind]
    assert said(answer(book, item), CONDITION) == (["1 of 1 conditions was not understood: Foo."] if counts else [])


def test_a_medicine_that_is_known_to_be_no_calcium_product_is_recognised(book: RuleBook) -> None:
    excluded = {"coding": [{"system": RXNORM, "code": "83366", "display": "atorvastatin calcium"}]}
    polycarbophil = {"coding": [{"system": RXNORM, "code": "308933"}]}
    assert said(answer(book, medicine(excluded), medicine(polycarbophil, "z"))) == []


def test_a_medicine_without_a_name_is_counted_with_the_others(book: RuleBook) -> None:
    pointing = statement("", medicationCodeableConcept=None, medicationReference={"reference": "Medication/away"})
    result = answer(book, pointing, statement("", identity="n", medicationCodeableConcept=None))
    assert said(result) == ["2 of 2 medicines were not understood: without a name."]
    assert {"unresolved-reference", "no-medication"} <= {issue["code"] for issue in result["issues"]}


def test_a_medicine_or_condition_that_breaks_while_it_is_read_is_counted_as_not_recognised(book: RuleBook) -> None:
    broken = statement(identity="m", status=["active"], text="Calcium carbonate 1250 mg")
    odd = problem("Osteoporosis", onsetPeriod={"start": "2020"}, recordedDate=["2020"])
    result = answer(book, broken, odd, statement(identity="fine"))
    assert said(result) == ["1 of 2 medicines was not understood: Calcium carbonate 1250 mg."]
    assert [i["source"] for i in result["issues"] if i["code"] == "unreadable-resource"] == ["MedicationStatement/m"]
    assert result["findings"]["osteoporosis"] == "present", "a date of odd shape is no date"


def test_at_most_eight_names_are_listed_each_short_and_harmless(book: RuleBook) -> None:
    names = ["<b>bold</b> [x](javascript:1)\u202e", "y" * 300, *(f"Foo {number}" for number in range(9))]
    result = answer(book, *(medicine(name, f"m{number}") for number, name in enumerate(names)))
    (text,) = said(result)
    assert text.startswith("11 of 11 medicines were not understood: <b>bold</b> [x](javascript:1); ")
    assert text.endswith("; Foo 5 and 3 more.")
    assert "y" * 63 + "…" in text
    assert "y" * 64 not in text
    detail = result["cards"][0]["detail"]
    assert "<b>" not in detail
    assert "[x](javascript" not in detail
    assert "and 3 more." in detail


def test_the_deciding_card_tells_where_no_product_was_found(book: RuleBook) -> None:
    result = answer(book, medicine("Kalziumbrause"), problem("Nierenschwäche"))
    assert (result["outcome"], result["decidedBy"]) == ("insufficient-data", "SCOPE-03")
    assert result["findings"]["calcium products"] == "unknown"
    detail = result["cards"][0]["detail"]
    assert "**Not understood: please look.** 1 of 1 medicines was not understood: Kalziumbrause. 1 of 1 cond" in detail
    assert notice(result) == [
        "1 of 1 medicines was not understood: Kalziumbrause.", "1 of 1 conditions was not understood: Nierenschwäche."
    ]  # fmt: skip


def test_the_deciding_card_tells_whatever_the_answer_is(book: RuleBook) -> None:
    usual = (statement(CARBONATE, dosage(1)), *USUAL, medicine("Kalziumbrause"))
    going_on = answer(book, *usual)
    assert going_on["outcome"] == "continue"
    assert notice(going_on) == ["1 of 2 medicines was not understood: Kalziumbrause."]
    held = answer(book, *usual, observation(CALCIUM, 11.5, "mg/dL", day="2026-01-12", identity="high"))
    assert held["outcome"] == "hold"
    assert notice(held) == notice(going_on)


def test_what_was_not_understood_is_never_absent_and_moves_no_answer_but_one_that_reassures(book: RuleBook) -> None:
    usual = (statement(CARBONATE, dosage(4)), *USUAL)
    understood, open_ = answer(book, *usual), answer(book, *usual, medicine("Kalziumbrause"))
    assert understood["findings"]["antiresorptive drug"] == "absent"
    assert open_["findings"]["antiresorptive drug"] == "unknown"
    assert (open_["outcome"], open_["advice"]) == (understood["outcome"], understood["advice"])


def test_with_everything_recognised_no_card_and_no_issue_speaks_of_it(book: RuleBook) -> None:
    result = answer(book, statement(CARBONATE, dosage(1)), *USUAL)
    assert notice(result) == said(result) == said(result, CONDITION) == []
    assert "recognised" not in str(result["cards"])


CARBONATE = "RxNorm 282465"
HEALTHY = patient(birth="1980-07-01")


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ((), "present"), ((problem(HAY_FEVER),), "present"), ((medicine(AMOXICILLIN),), "present"),
        ((problem("Nierenschwäche"),), "unknown"), ((medicine("Wassertabletten"),), "unknown"),
        ((problem({"coding": [{"system": SNOMED, "code": "1"}]}),), "unknown"),
        ((problem("Nierenschwäche"), condition("ICD-10-CM E11.9")), "absent"),
    ],
)  # fmt: skip
def test_nobody_is_of_low_risk_while_something_on_record_may_be_anything(
    book: RuleBook, more: tuple[Json, ...], state: str
) -> None:
    result = answer(book, statement(CARBONATE, dosage(1)), *more, who=HEALTHY)
    assert result["findings"]["no risk flag"] == state
    assert ("DATA-05" in result["fired"]) is (state == "present")


@pytest.fixture
def client(book: RuleBook) -> TestClient:
    return client_of(service_for(book))


def cards(client: TestClient, *medicines: Json) -> list[Json]:
    body = call(statements=searchset(*medicines), observations=searchset())
    found: list[Json] = client.post(REVIEW, json=body).json()["cards"]
    return found


def test_a_workflow_is_silent_about_a_medicine_that_is_known_to_be_something_else(client: TestClient) -> None:
    assert cards(client, medicine(AMOXICILLIN)) == []
    oid = {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.73", "code": "J01CA04", "display": "Amoxicillin"}]}
    assert cards(client, medicine(oid)) == []


OPEN = {
    "a text alone": "Xylofan 500 mg",
    "a code of a system that the rules do not use": {"coding": [{"system": "http://fhir.de/CodeSystem/ifa/pzn",
                                                               "code": "00240447", "display": "Calcimed"}]},
    "a code without a system": {"coding": [{"code": "308182", "display": "Xylofan 250 MG"}]},
    "a code without a name": {"coding": [{"system": RXNORM, "code": "308182"}]},
}  # fmt: skip


@pytest.mark.parametrize("kind", OPEN)
def test_a_workflow_shows_the_card_where_nobody_can_say_what_a_medicine_is(client: TestClient, kind: str) -> None:
    (card,) = cards(client, medicine(AMOXICILLIN, "a"), medicine(OPEN[kind], "b"))
    assert rules_in([card]) == {"SCOPE-03"}
    (told,) = card["extension"][EXTENSION]["notUnderstood"]
    assert told.startswith("1 of 2 medicines was not understood: ")
    assert "Amoxicillin 250 MG Oral Capsule" not in told, "it is known to be something else"


def test_a_selected_order_that_may_be_calcium_is_answered(client: TestClient) -> None:
    for named, speaks in ((concept(text="Kalziumbrause"), True), (AMOXICILLIN, False)):
        picked = draft(medicationCodeableConcept=named)
        context = {"draftOrders": orders(picked), "selections": ["MedicationRequest/r"]}
        found = client.post(SELECT, json=call("order-select", context, statements=searchset())).json()["cards"]
        assert bool(found) is speaks


@pytest.mark.slow
def test_the_terminal_and_the_json_name_what_was_not_recognised_and_error_messages_do_not(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(bundle(patient(), medicine("CANARY-Kalzium"))), "utf-8")
    told = "1 of 1 medicines was not understood"
    # On one screen the deciding card says it; --long has it among the remarks about the data, too.
    for words, inside in (((), told), (("--long",), f"Data: Patient/p: {told}"), (("--json",), MEDICINE)):
        command = [sys.executable, "-m", "cds", "evaluate", str(path), "--as-of", "2026-01-15", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert inside in " ".join(done.stdout.split())
        assert "CANARY-Kalzium" in done.stdout
        assert "CANARY" not in done.stderr


def test_no_figure_and_no_text_of_an_issue_alone_holds_the_names(book: RuleBook) -> None:
    record = read_record(bundle(patient(), medicine("CANARY-Kalzium")), book, AS_OF)
    assert [issue.text for issue in record.issues] == ["1 of 1 medicines was not understood"]
    metrics = Metrics(lambda: (book,))
    metrics.decision(evaluate(record, book, AS_OF))
    shown = metrics.exposition()[0].decode()
    assert "CANARY" not in shown
    assert f'record_issue_total{{code="{MEDICINE}"}} 1.0' in shown


def test_other_resources_are_not_counted(book: RuleBook) -> None:
    result = answer(book, resource("AllergyIntolerance", "a", code=concept(text="Penicillin")))
    assert said(result) == said(result, CONDITION) == []


def test_a_record_that_says_nothing_is_known_leaves_everything_open_and_is_said(book: RuleBook) -> None:
    absent = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    said_so = {
        "coding": [{"system": absent, "code": "no-medication-info", "display": "No information about medications"}]
    }
    result = answer(book, medicine(said_so))
    assert (result["outcome"], result["findings"]["calcium products"]) == ("insufficient-data", "unknown")
    assert notice(result) == ["The record says that nothing is known about medicines."]


def test_a_name_that_says_that_nothing_was_prescribed_is_no_medicine(book: RuleBook) -> None:
    result = answer(book, request("", text="Reason calcium not prescribed"))
    assert (result["outcome"], notice(result)) == ("not-applicable", [])
    assert [issue["code"] for issue in result["issues"]] == ["not-taken"]


def test_a_condition_in_the_answer_to_an_unknown_question_is_a_question(book: RuleBook) -> None:
    asserted = resource(
        "Observation", "o", status="final", subject={"reference": "Patient/p"}, effectiveDateTime="2025-12-01",
        code={"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "ASSERTION"}]},
        valueCodeableConcept=concept("SNOMED 64859006"),
    )  # fmt: skip
    result = answer(book, statement(CARBONATE, dosage(1)), *USUAL[:3], asserted)
    assert result["findings"]["osteoporosis"] == "unknown"
    assert [issue["code"] for issue in result["issues"]] == ["unclear-condition"]
