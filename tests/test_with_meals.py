"""Taken with meals: from events and words of directions to what is asked of a product on dialysis, and what is held."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, Json, bundle, condition, dosage, observation, patient, read, request, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook

DIALYSIS = condition("ICD-10-CM Z99.2", "Dependence on renal dialysis", identity="dialysis")
CITRATE = "calcium citrate 200 mg elemental"


def timed(when: list[str], **repeat: Any) -> Json:
    return {"timing": {"repeat": {"when": when, **repeat}}, "doseAndRate": dosage()["doseAndRate"]}


ONCE_WITH_A_MEAL = timed(["C"], frequency=1, period=1, periodUnit="d")


def meals(book: RuleBook, *doses: Json) -> State:
    (product,) = read(book, statement("RxNorm 282465", *doses)).products
    return product.with_meals


@pytest.mark.parametrize(
    ("doses", "state"),
    [
        ((timed(["C"], frequency=3, period=1, periodUnit="d"),), PRESENT),
        ((timed(["C"], frequency=2, period=1, periodUnit="d"),), PRESENT),
        ((timed(["C"], frequency=1, period=1, periodUnit="d"),), UNKNOWN),
        ((timed(["C"]),), UNKNOWN),
        ((timed(["CM"]),), ABSENT),
        ((timed(["CM", "CV"]),), PRESENT),
        ((timed(["CM"]), timed(["CD"]), timed(["CV"])), PRESENT),
        ((timed(["CM"]), dosage()), ABSENT),
        ((timed(["PC", "AC"], frequency=3, period=1, periodUnit="d"),), ABSENT),
        ((timed(["HS"]),), ABSENT),
    ],
)
def test_events_of_a_timing_say_with_how_many_meals(book: RuleBook, doses: tuple[Json, ...], state: State) -> None:
    assert meals(book, *doses) is state


@pytest.mark.parametrize(
    ("text", "frequency", "state"),
    [
        ("with meals", 3, PRESENT),
        ("Take with food", 2, PRESENT),
        ("with meals", 1, ABSENT),
        ("during meals", 2, PRESENT),
        ("with breakfast and with dinner", 2, PRESENT),
        ("zu den Mahlzeiten", 3, PRESENT),
        ("pendant les repas", 3, PRESENT),
        ("随餐", 3, PRESENT),
        ("between meals", 3, ABSENT),
        ("after meals", 3, ABSENT),
        ("do not take with meals", 3, ABSENT),
        ("with or without food", 3, ABSENT),
        ("with water", 3, ABSENT),
    ],
)
def test_words_of_directions_say_with_meals(book: RuleBook, text: str, frequency: int, state: State) -> None:
    assert meals(book, dosage(frequency=frequency, text=text)) is state


def test_how_often_nobody_said_may_be_with_two_meals(book: RuleBook) -> None:
    assert meals(book, {**dosage(frequency=None), "text": "with meals"}) is UNKNOWN
    assert meals(book, {**dosage(frequency=3), "text": "with meals", "asNeededBoolean": True}) is UNKNOWN
    assert meals(book, {"text": "1 tablet three times a day with meals"}) is PRESENT


def test_one_product_is_with_meals_where_one_of_its_records_says_so(book: RuleBook) -> None:
    told = statement("RxNorm 282465", dosage(frequency=3))
    ordered = request("RxNorm 282465", dosage(frequency=3, text="with meals"))
    (product,) = read(book, told, ordered).products
    assert product.with_meals is PRESENT


def answered(book: RuleBook, *resources: Json) -> tuple[str, str, set[str]]:
    calcium = observation("LOINC 17861-6", 9.0, "mg/dL", identity="calcium")
    record = read_record(bundle(patient(), DIALYSIS, calcium, *resources), book, AS_OF)
    decision = evaluate(record, book, AS_OF).decision
    return decision.outcome, decision.decided_by, {code for said in decision.said for code in said.codes}


@pytest.mark.parametrize(
    ("products", "outcome", "decider"),
    [
        ((request("RxNorm 282465", dosage(frequency=3, text="with meals")),), "insufficient-data", "RENAL-11"),
        ((request("RxNorm 282465", dosage(frequency=1)),), "insufficient-data", "RENAL-11"),
        ((request("RxNorm 282465", dosage(frequency=1), intent="plan"),), "hold", "RENAL-03"),
        ((request("RxNorm 282465", dosage(frequency=1), reportedBoolean=True),), "hold", "RENAL-03"),
        ((statement("RxNorm 282465", dosage(frequency=1)),), "hold", "RENAL-03"),
        ((statement("RxNorm 282465", dosage(frequency=2, text="with meals")),), "insufficient-data", "RENAL-11"),
        ((statement("RxNorm 282465", dosage(frequency=1, text="with meals")),), "hold", "RENAL-03"),
        ((statement("RxNorm 282465", ONCE_WITH_A_MEAL),), "insufficient-data", "RENAL-11"),
        ((statement("", dosage(frequency=2, text="with meals"), text=CITRATE),), "hold", "RENAL-03"),
    ],
)  # fmt: skip
def test_on_dialysis_what_may_be_the_binder_is_asked_about_and_the_rest_held(
    book: RuleBook, products: tuple[Json, ...], outcome: str, decider: str
) -> None:
    found = answered(book, *products)
    assert found[:2] == (outcome, decider)
    assert ("confirm-binder" in found[2]) is (decider == "RENAL-11")
    assert ("hold-calcium" in found[2]) is (outcome == "hold")


def test_beside_an_ordered_product_the_other_one_is_held_and_both_are_named(book: RuleBook) -> None:
    ordered = request("RxNorm 282465", dosage(frequency=3, text="with meals"))
    found = answered(book, ordered, statement("", dosage(frequency=1), text=CITRATE, identity="other"))
    assert found[:2] == ("hold", "RENAL-03")
    assert {"confirm-binder", "hold-calcium"} <= found[2]


def test_with_a_calcimimetic_the_question_comes_before_the_pause(book: RuleBook) -> None:
    cinacalcet = statement("RxNorm 407990", text="cinacalcet", identity="cinacalcet")
    found = answered(book, statement("RxNorm 282465", dosage(frequency=1)), cinacalcet)
    assert found[:2] == ("insufficient-data", "RENAL-11")
