"""A condition whose status leaves it open is named on the deciding card: nobody goes on as if it were not there."""

from __future__ import annotations

from typing import Any

import pytest
from calls import call, searchset
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    EXTENSION,
    Json,
    bundle,
    cds_services,
    condition,
    deciding_card,
    dosage,
    observation,
    patient,
    statement,
)

from cds.evaluation import evaluate
from cds.hooks.answering import answer as answer_to
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

KIDNEY_INJURY, OSTEOPOROSIS, LOW_BONE_MASS = "SNOMED 14669001", "ICD-10-CM M81.0", "SNOMED 312894000"
ACUTE = "acute kidney injury diagnosis"
USUAL = (
    statement("RxNorm 282465", dosage()), condition(OSTEOPOROSIS, identity="bone"),
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"),
)  # fmt: skip
OTHERS = USUAL[1:]


def answer(book: RuleBook, *resources: Json) -> Json:
    return result_of(evaluate(read_record(bundle(patient(), *resources), book, AS_OF), book, AS_OF))


def kidneys(**parts: Any) -> Json:
    return condition(KIDNEY_INJURY, identity="aki", recordedDate="2026-01-10", **parts)


def told(result: Json) -> list[Json]:
    listed: list[Json] = deciding_card(result)["extension"][EXTENSION].get("notCertain", [])
    return listed


STATUSES: dict[str, tuple[Json, str]] = {
    "a clinical status in words of another language": (
        {"clinicalStatus": {"text": "ativa"}}, "its clinical status is not understood"),
    "a verification in words of another language": (
        {"verificationStatus": {"text": "wahrscheinlich"}}, "its verification status is not understood"),
    "provisional": ({"verification": "provisional"}, "it is recorded as provisional"),
    "differential": ({"verification": "differential"}, "it is recorded as differential"),
    "active and resolved": (
        {"clinicalStatus": {"coding": [{"code": "active"}, {"code": "resolved"}]}},
        "its clinical status says that it is active and that it is over"),
    "refuted and confirmed": (
        {"verificationStatus": [{"text": "refuted"}, {"text": "confirmed"}]},
        "its verification status contradicts itself"),
    "active, with an end in the past": (
        {"abatementDateTime": "2026-01-12"}, "it is recorded as active, and with an end"),
    "active, with an end on a day that is not recorded": (
        {"_abatementDateTime": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                                               "valueCode": "unknown"}]}}, "when it ended is not clear"),
    "with a modifier": (
        {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
        "it has a modifier that is not understood"),
    "a status that holds nothing": (
        {"clinicalStatus": {"coding": []}}, "its clinical status is not understood"),
}  # fmt: skip


@pytest.mark.parametrize("form", STATUSES)
def test_a_condition_that_is_not_certain_is_named_where_the_answer_is_to_go_on(book: RuleBook, form: str) -> None:
    parts, why = STATUSES[form]
    result = answer(book, *USUAL, kidneys(**parts))

    assert (result["outcome"], result["findings"][ACUTE]) == ("continue", "unknown")
    reason = f"Whether the patient has a condition is not certain: {why}."
    assert told(result) == [{"conditions": [ACUTE], "source": "Condition/aki", "reason": reason}]
    assert f"- {ACUTE}: 14669001: {why}." in result["cards"][0]["detail"]


def test_a_condition_that_is_certain_decides_and_no_card_says_that_it_is_not(book: RuleBook) -> None:
    held = answer(book, *USUAL, kidneys())
    assert (held["outcome"], told(held)) == ("hold", [])
    gone = answer(book, *USUAL, kidneys(verification="refuted"))
    assert (gone["outcome"], told(gone)) == ("continue", [])


def test_a_condition_that_another_entry_makes_certain_is_not_named(book: RuleBook) -> None:
    suspected = condition(OSTEOPOROSIS, identity="maybe", verification="provisional")
    assert told(answer(book, *USUAL, suspected)) == []


def test_a_condition_that_is_not_certain_is_named_where_no_product_was_found(book: RuleBook) -> None:
    result = answer(book, *OTHERS, kidneys(verification="provisional"))
    assert result["decidedBy"] == "SCOPE-03"
    assert [one["source"] for one in told(result)] == ["Condition/aki"]


def test_a_condition_that_is_not_certain_is_not_named_where_no_advice_is_given(book: RuleBook) -> None:
    dead = bundle(patient(deceasedBoolean=True), *USUAL, kidneys(verification="provisional"))
    assert told(result_of(evaluate(read_record(dead, book, AS_OF), book, AS_OF))) == []


def in_workflow(book: RuleBook, *conditions: Json) -> list[Json]:
    body = call(statements=searchset(), conditions=searchset(*conditions))
    return answer_to(body, cds_services()["patient-view"], book, AS_OF).cards


def test_a_workflow_without_a_product_speaks_of_what_could_make_a_card_and_of_nothing_else(book: RuleBook) -> None:
    assert in_workflow(book) == []
    (card,) = in_workflow(book, kidneys(verification="provisional"))
    assert "not certain that the patient has it" in card["detail"]
    assert in_workflow(book, condition(LOW_BONE_MASS, verification="provisional")) == []


FORMS: list[tuple[Json, str]] = [
    ({"clinicalStatus": {"coding": {"code": "resolved"}}}, "absent"),
    ({"clinicalStatus": {"coding": {"code": "active"}}}, "present"),
    ({"clinicalStatus": [{"coding": [{"code": "resolved"}]}]}, "absent"),
    ({"clinicalStatus": [{"text": "active"}]}, "present"),
    ({"clinicalStatus": {"code": "inactive"}}, "absent"),
    ({"clinicalStatus": ["resolved"]}, "absent"),
    ({"verificationStatus": {"coding": {"code": "refuted"}}}, "absent"),
    ({"verificationStatus": [{"coding": {"code": "entered-in-error"}}]}, "absent"),
    ({"verificationStatus": {"coding": {"code": "odd"}}}, "unknown"),
    ({"verificationStatus": {"coding": {}}}, "unknown"), ({"clinicalStatus": 5}, "unknown"),
    ({"clinicalStatus": [{"coding": 5}]}, "unknown"), ({"clinicalStatus": {}}, "present"),
    ({"clinicalStatus": {"extension": [{"url": "urn:x"}]}}, "present"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "state"), FORMS)
def test_a_status_of_an_odd_shape_is_read_or_is_unknown(book: RuleBook, parts: Json, state: str) -> None:
    result = answer(book, condition(OSTEOPOROSIS, **parts))
    assert result["findings"]["osteoporosis"] == state
    codes = {issue["code"] for issue in result["issues"]}
    assert ("unclear-condition" in codes) is (state == "unknown")
