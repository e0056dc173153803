"""Clinical readings that decide between two answers: how old a kidney value may be, rises, contradictions, wording."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    VITAMIN_D,
    Json,
    bundle,
    condition,
    daily,
    dosage,
    observation,
    patient,
    read,
    request,
    statement,
)

from cds.evaluation import Evaluation, evaluate
from cds.facts.chart import Chart, chart_of
from cds.intake.reading import read_record
from cds.quantity import Interval, point
from cds.result import result_of
from cds.rulebook.model import RuleBook

EGFR, EGFR_UNIT = "LOINC 98979-8", "mL/min/{1.73_m2}"
IONISED, PTH = "LOINC 1995-0", "LOINC 2731-8"
TABLET = statement(CARBONATE_500, dosage())
DENOSUMAB = "ATC M05BX04"


def ago(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def chart(book: RuleBook, *resources: Json) -> Chart:
    return chart_of(read_record(bundle(patient(), *resources), book, AS_OF), book, AS_OF)


def answer(book: RuleBook, *resources: Json, who: Json | None = None) -> Evaluation:
    return evaluate(read_record(bundle(who or patient(), TABLET, *resources), book, AS_OF), book, AS_OF)


def said(evaluation: Evaluation) -> set[str]:
    return {code for item in evaluation.decision.said for code in item.codes}


def egfr(value: float, days: int, identity: str = "e") -> Json:
    return observation(EGFR, value, EGFR_UNIT, day=ago(days), identity=identity)


def creatinine(value: float, days: int, identity: str) -> Json:
    return observation(CREATININE, value, "mg/dL", day=ago(days), identity=identity)


def calcium(value: float, days: int = 5, identity: str = "ca") -> Json:
    return observation(CALCIUM, value, "mg/dL", day=ago(days), identity=identity)


def test_an_egfr_too_old_for_its_own_size_gives_way_to_a_newer_creatinine(book: RuleBook) -> None:
    fact = chart(book, egfr(16, 121), creatinine(0.8, 5, "c")).value("eGFR")

    assert fact is not None
    assert fact.taken_from == "computed eGFR"
    assert fact.value.low > 60


def test_a_creatinine_older_than_a_stale_low_egfr_does_not_replace_it(book: RuleBook) -> None:
    assert chart(book, egfr(16, 121), creatinine(0.8, 130, "c")).value("eGFR") is None


def test_a_creatinine_that_rose_and_fell_within_a_week_is_a_rise(book: RuleBook) -> None:
    fact = chart(book, creatinine(1.0, 60, "a"), creatinine(1.6, 5, "b"), creatinine(1.0, 1, "c")).value(
        "creatinine rise"
    )

    assert fact is not None
    assert fact.value == point(1.6)


def test_a_creatinine_that_only_fell_is_no_rise(book: RuleBook) -> None:
    fact = chart(book, creatinine(1.6, 5, "b"), creatinine(1.0, 1, "c")).value("creatinine rise")

    assert fact is not None
    assert fact.value.high < 1


def test_of_contradicting_results_the_more_abnormal_one_counts_and_both_are_named(book: RuleBook) -> None:
    evaluation = answer(book, egfr(80, 5), calcium(9.0, identity="a"), calcium(11.0, identity="b"))
    (fact,) = [fact for fact in result_of(evaluation)["facts"] if fact["term"] == "serum calcium"]

    assert (evaluation.decision.outcome, evaluation.decision.decided_by) == ("hold", "CA-01")
    assert {"contradictory-calcium", "repeat-calcium", "hold-calcium", "order-pth"} <= said(evaluation)
    assert fact["source"] == ["Observation/b", "Observation/a"]
    assert "9 on" in fact["note"]
    assert "11 on" in fact["note"]


def test_a_newest_normal_result_against_a_high_one_of_the_day_before_is_held_by_the_contradiction(
    book: RuleBook,
) -> None:
    evaluation = answer(book, egfr(80, 5), calcium(9.0, 5, "a"), calcium(11.0, 6, "b"))

    assert (evaluation.decision.outcome, evaluation.decision.decided_by) == ("hold", "DATA-07")


def test_an_old_contradiction_with_a_high_result_is_not_taken_as_resolved(book: RuleBook) -> None:
    evaluation = answer(book, egfr(80, 5), calcium(9.4, 400, "a"), calcium(11.0, 400, "b"))

    assert (evaluation.decision.outcome, evaluation.decision.decided_by) == ("hold", "CA-01")


def test_contradicting_creatinines_of_long_ago_do_not_count(book: RuleBook) -> None:
    evaluation = answer(
        book, egfr(50, 5), calcium(9.4), creatinine(1.0, 500, "a"), creatinine(2.0, 500, "b")
    )  # fmt: skip

    assert "contradictory-kidney-data" not in said(evaluation)


def test_without_a_birth_date_a_low_calcium_still_protects_from_a_hold(book: RuleBook) -> None:
    evaluation = answer(
        book, calcium(7.9), observation(VITAMIN_D, 120, "ng/mL", identity="d"), who=patient(birth=None)
    )  # fmt: skip

    assert (evaluation.decision.outcome, evaluation.decision.decided_by) == ("insufficient-data", "DATA-01")
    assert "hold-calcium" not in said(evaluation)


def test_food_is_asked_about_also_before_a_kidney_test(book: RuleBook) -> None:
    assert "ask-dietary-calcium" in said(answer(book, statement("RxNorm 308915", dosage(), identity="two")))


def test_a_little_food_calcium_is_named_in_a_healthy_adult_without_tests(book: RuleBook) -> None:
    diet = observation("LOINC 35264-1", 290, "mg/d", identity="diet")
    evaluation = answer(book, diet, who=patient(birth="1986-07-01"))

    assert evaluation.decision.outcome == "continue"
    assert {"low-risk-no-labs", "raise-food-calcium"} <= said(evaluation)


def test_pausing_calcium_for_an_antibiotic_is_never_said_while_calcium_is_low_or_is_treatment(book: RuleBook) -> None:
    antibiotic = request("RxNorm 2551", identity="cipro")
    treated = condition("SNOMED 36976004", identity="hypopara")
    for more, pausing in (([calcium(9.4)], True), ([calcium(7.9)], False), ([calcium(9.4), treated], False)):
        cards = result_of(answer(book, egfr(80, 5), antibiotic, *more))["cards"]
        assert any(re.search("pausing (a|the) supplement", card["detail"]) for card in cards) is pausing


def test_a_denosumab_dose_protects_for_183_days(book: RuleBook) -> None:
    for days, protected in ((183, True), (184, False)):
        dose = statement(
            DENOSUMAB, status="completed", identity="deno", effectiveDateTime=ago(days), effectivePeriod=None
        )
        state = chart(book, TABLET, dose).state("antiresorptive protection").word
        assert state == ("present" if protected else "absent"), days


def test_a_dosage_that_calls_the_product_a_phosphate_binder_makes_it_one(book: RuleBook) -> None:
    for text, binder in (
        ("1 tablet with meals as phosphate binder", True),
        ("Phosphate binder: 1 tablet with each meal", True),
        ("2 hours before the phosphate binder", False),
        ("not together with phosphate binder", False),
    ):
        (product,) = read(book, statement(CARBONATE_500, dosage(text=text))).products
        assert (product.intent == "phosphate-binder") is binder, text


def test_the_reason_that_an_order_points_to_can_make_it_a_phosphate_binder(book: RuleBook) -> None:
    why = [{"reference": "Condition/1", "display": "Hyperphosphataemia in kidney disease"}]
    (product,) = read(book, request(CARBONATE_500, dosage(), reasonReference=why)).products

    assert product.intent == "phosphate-binder"


def test_a_brand_is_not_lost_when_the_text_also_says_calcium_chew(book: RuleBook) -> None:
    (product,) = read(book, statement("", dosage(), text="Viactiv calcium chew")).products

    assert product.amounts["calcium"][0] == Interval(500, 650)
    assert "vitamin K" in product.holds


def test_a_code_system_is_known_by_its_other_names(book: RuleBook) -> None:
    for system in ("urn:oid:2.16.840.1.113883.6.1", "http://loinc.org/", "https://loinc.org"):
        result = observation(CALCIUM, 9.4, "mg/dL")
        result["code"]["coding"][0]["system"] = system
        (reading,) = read(book, result).readings["serum calcium"]
        assert reading.value == point(9.4), system


def test_milligrams_of_a_brand_may_be_its_salt_and_are_not_taken_for_the_element(book: RuleBook) -> None:
    for text, milligrams, calcium_a_day in (
        ("TUMS", 500, Interval(200.2, 500)),
        ("Caltrate", 600, point(600)),
        ("Caltrate", 1500, point(600.6)),
        ("calcium carbonate 1250 mg (500 mg elemental) tablet", 1250, point(500.5)),
    ):
        assert daily(book, dosage(milligrams, "mg"), code="", text=text) == calcium_a_day, (text, milligrams)


def test_a_millimole_of_a_calcium_salt_holds_a_millimole_of_calcium(book: RuleBook) -> None:
    assert daily(book, dosage(12.5, "mmol"), code="ATC A12AA04") == point(501)


def test_a_result_of_12_the_day_before_a_normal_one_leaves_no_advice_to_take_vitamin_d(book: RuleBook) -> None:
    evaluation = answer(
        book, egfr(80, 5), calcium(9.6, 5, "a"), calcium(12.1, 6, "b"), observation(VITAMIN_D, 9, "ng/mL", identity="d")
    )

    assert evaluation.decision.outcome == "stop"
    assert "stop-vitamin-d" in said(evaluation)
    assert "VD-01" not in {item.rule for item in evaluation.decision.said}


def test_a_normal_ionised_calcium_does_not_settle_a_contradiction_with_a_high_result(book: RuleBook) -> None:
    ionised = observation(IONISED, 1.2, "mmol/L", day=ago(6), identity="i")
    evaluation = answer(book, egfr(80, 5), calcium(9.4, 5, "a"), calcium(10.9, 5, "b"), ionised)

    assert (evaluation.decision.outcome, evaluation.decision.decided_by) == ("hold", "DATA-07")


SCORE, ERGOCALCIFEROL = "SNOMED 450360000", "vitamin D2 50000 IU capsule"


def score(value: float, days: int, identity: str) -> Json:
    return observation(SCORE, value, "{score}", day=ago(days), identity=identity)


@pytest.mark.parametrize(("days", "counts"), [(1825, 300), (1826, 100)])
def test_of_coronary_scores_the_highest_of_1825_days_counts(book: RuleBook, days: int, counts: float) -> None:
    found = chart(book, score(300, days, "high"), score(100, 400, "newest")).value("coronary calcium score")
    assert found is not None
    assert found.value == point(counts)


def test_of_coronary_scores_older_than_that_the_newest_counts(book: RuleBook) -> None:
    found = chart(book, score(300, 3000, "high"), score(100, 2000, "newest")).value("coronary calcium score")
    assert found is not None
    assert found.value == point(100)


@pytest.mark.parametrize(("product", "days", "known"), [
    (ERGOCALCIFEROL, 84, True), (ERGOCALCIFEROL, 85, False), ("calcium carbonate 500 mg tablet", 84, False),
])  # fmt: skip
def test_a_short_vitamin_d_course_was_started_for_the_result_before_it(
    book: RuleBook, product: str, days: int, known: bool
) -> None:
    period = {"start": ago(70), "end": ago(70 - days + 1)}
    course = statement("", dosage(unit="{capsule}", every="wk"), text=product, effectivePeriod=period,
                       identity="course")  # fmt: skip
    before = observation(VITAMIN_D, 15, "ng/mL", day=ago(80), identity="before")
    after = observation(VITAMIN_D, 30, "ng/mL", day=ago(10), identity="after")
    found = chart(book, course, before, after).value("25-OH vitamin D before a short course")
    assert (found and found.value) == (point(15) if known else None)
