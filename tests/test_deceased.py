"""A patient who has died gets no advice: one card says that the record says so, and nothing else is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from calls import call, draft, orders, searchset
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    Json,
    bundle,
    cds_services,
    codes_of,
    condition,
    dosage,
    observation,
    patient,
    statement,
)

from cds.evaluation import Evaluation, evaluate
from cds.hooks.answering import answer as answer_to
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

YESTERDAY, TODAY, TOMORROW = (str(AS_OF + timedelta(days=days)) for days in (-1, 0, 1))
CALCIUM_TABLET = statement(CARBONATE_500, dosage())


def answer(book: RuleBook, *resources: Json, **death: Any) -> Evaluation:
    who = bundle(patient(**death), CALCIUM_TABLET, *resources)
    return evaluate(read_record(who, book, AS_OF), book, AS_OF)


def decider(book: RuleBook, *resources: Json, **death: Any) -> str:
    return answer(book, *resources, **death).decision.decided_by


SICK = {
    "nothing else": (),
    "a calcium of 13.4": (observation(CALCIUM, 13.4, "mg/dL"),),
    "a calcium of 7.1": (observation(CALCIUM, 7.1, "mg/dL"),),
    "calciphylaxis": (condition(text="calciphylaxis"),),
    "a toxic vitamin D": (observation("LOINC 62292-8", 190, "ng/mL"),),
    "warfarin": (statement("RxNorm 11289", identity="vka"),),
    "pregnancy": (condition("SNOMED 77386006"),),
}


@pytest.mark.parametrize("also", SICK)
def test_a_patient_who_has_died_gets_one_card_and_no_advice(book: RuleBook, also: str) -> None:
    found = result_of(answer(book, *SICK[also], deceasedBoolean=True))
    (card,) = found["cards"]

    assert (found["outcome"], found["decidedBy"], found["advice"]) == (
        "not-applicable",
        "SCOPE-04",
        ["recorded-as-deceased"],
    )
    assert card["indicator"] == "info"
    assert "Recorded as deceased" in card["summary"]
    assert "suggestions" not in card
    assert "Not known" not in card["detail"]
    assert found["asks"] == []


def test_without_the_death_the_same_patients_are_advised(book: RuleBook) -> None:
    outcomes = {also: answer(book, *resources).outcome for also, resources in SICK.items()}

    assert outcomes["a calcium of 13.4"] == outcomes["calciphylaxis"] == outcomes["a toxic vitamin D"] == "stop"
    assert "SCOPE-04" not in {decider(book, *resources) for resources in SICK.values()}


@pytest.mark.parametrize(
    ("death", "dead"),
    [
        ({"deceasedBoolean": True}, True), ({"deceasedBoolean": False}, False), ({}, False),
        ({"deceasedDateTime": YESTERDAY}, True), ({"deceasedDateTime": TODAY}, True),
        ({"deceasedDateTime": f"{TODAY}T23:59:00Z"}, True), ({"deceasedDateTime": TOMORROW}, False),
        ({"deceasedDateTime": "2026"}, True), ({"deceasedDateTime": "2027"}, False),
        ({"deceasedDateTime": "2019"}, True),
        ({"deceasedBoolean": True, "deceasedDateTime": YESTERDAY}, True),
    ],
)  # fmt: skip
def test_a_death_counts_from_its_day_on(book: RuleBook, death: Json, *, dead: bool) -> None:
    found = answer(book, **death)

    assert (found.decision.decided_by == "SCOPE-04") is dead
    assert "deceased-unclear" not in codes_of(found.chart.record)


@pytest.mark.parametrize(("text", "dead"), [("true", True), ("True", True), ("false", False)])
def test_a_death_that_is_written_as_text_is_read_and_reported(book: RuleBook, text: str, *, dead: bool) -> None:
    found = answer(book, deceasedBoolean=text)

    assert (found.decision.decided_by == "SCOPE-04") is dead
    assert "deceased-unclear" in codes_of(found.chart.record)


UNCLEAR = [
    {"deceasedBoolean": "yes"}, {"deceasedBoolean": 1}, {"deceasedDateTime": "unknown"}, {"deceasedDateTime": 2019},
    {"deceasedDateTime": "2025-13-01"}, {"deceasedBoolean": False, "deceasedDateTime": YESTERDAY},
]  # fmt: skip


@pytest.mark.parametrize("death", UNCLEAR)
def test_a_death_that_is_not_clear_leaves_the_advice_and_is_named(book: RuleBook, death: Json) -> None:
    found = answer(book, observation(CALCIUM, 13.4, "mg/dL"), **death)
    cards = result_of(found)["cards"]

    assert found.outcome == "stop"
    assert found.chart.state("deceased").word == "unknown"
    assert "deceased-unclear" in codes_of(found.chart.record)
    assert "It is not certain whether the patient has died" in cards[0]["detail"]


def test_an_entry_of_the_record_says_it_too(book: RuleBook) -> None:
    assert decider(book, condition("SNOMED 419099009")) == "SCOPE-04"


def test_a_child_who_has_died_is_not_sent_to_paediatrics(book: RuleBook) -> None:
    child = bundle(patient(birth="2015-01-01", deceasedBoolean=True), CALCIUM_TABLET)
    found = evaluate(read_record(child, book, AS_OF), book, AS_OF)

    assert [said.rule for said in found.decision.said] == ["SCOPE-04"]


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
def test_an_ehr_is_shown_the_one_card(book: RuleBook, hook: str) -> None:
    high = searchset(observation(CALCIUM, 13.4, "mg/dL"))
    context = {} if hook == "patient-view" else {"draftOrders": orders(draft())}
    body = call(hook, context, patient=patient(deceasedBoolean=True), observations=high)
    cards = answer_to(body, cds_services()[hook], book, AS_OF).cards

    assert [card["summary"].split(":")[0] for card in cards] == ["Recorded as deceased"]


def test_an_ehr_that_does_not_send_the_patient_is_advised_about_a_living_one(book: RuleBook) -> None:
    body = call(patient="left out", observations=searchset(observation(CALCIUM, 13.4, "mg/dL")))
    found = answer_to(body, cds_services()["patient-view"], book, AS_OF)

    assert found.evaluation.chart.state("deceased").word == "unknown"
    assert found.evaluation.outcome == "stop"


ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def without_a_day(why: str) -> Json:
    return {"extension": [{"url": ABSENT, "valueCode": why}]}


def test_a_death_on_a_day_that_is_not_recorded_is_a_death(book: RuleBook) -> None:
    partial = {"extension": [{"url": "urn:partial-date", "valueString": "2026"}]}
    assert decider(book, _deceasedDateTime=partial) == "SCOPE-04"
    assert decider(book, deceasedDateTime=TOMORROW, _deceasedDateTime=without_a_day("unknown")) != "SCOPE-04"


MAYBE: list[Json] = [
    {"deceased": True}, {"deceased": "2026-01-01"}, {"deceasedString": "yes"}, {"_deceasedDateTime": {}},
    {"_deceasedDateTime": without_a_day("not-asked")}, {"_deceasedDateTime": without_a_day("unknown")},
    {"_deceasedBoolean": without_a_day("unknown")},
    {"deceasedBoolean": False, "_deceasedDateTime": without_a_day("unknown")},
]  # fmt: skip


@pytest.mark.parametrize("death", MAYBE)
def test_a_word_about_the_death_that_is_not_understood_is_on_the_card(book: RuleBook, death: Json) -> None:
    found = answer(book, **death)
    assert found.chart.state("deceased").word == "unknown"
    assert "It is not certain whether the patient has died" in result_of(found)["cards"][0]["detail"]


def test_a_patient_who_is_said_to_be_alive_under_the_bare_name_is_alive(book: RuleBook) -> None:
    assert answer(book, deceased=False).chart.state("deceased").word == "absent"


def test_a_date_of_death_among_the_results_leaves_it_not_certain_and_is_on_the_card(book: RuleBook) -> None:
    when = observation("LOINC 81956-5", 0, identity="death", valueQuantity=None, valueDateTime="2026-01-10")
    found = answer(book, when)
    assert found.chart.state("deceased").word == "unknown"
    assert "It is not certain whether the patient has died" in result_of(found)["cards"][0]["detail"]


@pytest.mark.parametrize("entry", [
    condition("SNOMED 419620001"), condition("SNOMED 419620001", clinical="resolved"), condition(text="Deceased"),
])  # fmt: skip
def test_an_entry_of_a_death_is_a_death_whatever_became_of_it(book: RuleBook, entry: Json) -> None:
    assert decider(book, entry) == "SCOPE-04"


def test_an_entry_of_a_death_that_is_not_certain_is_on_the_card(book: RuleBook) -> None:
    found = answer(book, condition("SNOMED 419099009", verification="provisional"))
    assert "It is not certain whether the patient has died" in result_of(found)["cards"][0]["detail"]


def test_nothing_is_read_from_a_patient_with_a_modifier_that_is_not_understood(book: RuleBook) -> None:
    found = answer(book, modifierExtension=[{"url": "urn:x", "valueBoolean": True}])
    result = result_of(found)
    assert found.chart.state("deceased").word == "unknown"
    assert (found.chart.value("age"), found.chart.value("sex")) == (None, None)
    assert "1 patient, because it cannot be read" in result["cards"][0]["detail"]
    assert result["outcome"] != "continue"
