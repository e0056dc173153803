"""The answer as the clinician at the desk reads it: what can be clicked, and texts that stand beside each other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    EXTENSION,
    VITAMIN_D,
    Json,
    bundle,
    condition,
    dosage,
    observation,
    patient,
    statement,
)

from cds.cards.card import cards_of
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.review.remarks import remarks
from cds.rulebook.model import RuleBook

TABLET = statement(CARBONATE_500, dosage())
WITH_VITAMIN_D = statement("", dosage(), text="calcium 600 mg + vitamin D3 400 IU tablet")
WITH_MAGNESIUM = statement("RxNorm 1245383", dosage())
KIDNEYS = observation(CREATININE, 0.8, "mg/dL", identity="creatinine")
PTH = "LOINC 2731-8"


def answer(book: RuleBook, *resources: Json, who: Json | None = None) -> Json:
    return result_of(evaluate(read_record(bundle(who or patient(), *resources), book, AS_OF), book, AS_OF))


def calcium(value: float, hour: int = 8, identity: str = "calcium") -> Json:
    return observation(CALCIUM, value, "mg/dL", day=f"2026-01-10T{hour:02}:00:00Z", identity=identity)


def vitamin_d(value: float) -> Json:
    return observation(VITAMIN_D, value, "ng/mL", identity="vitamin-d")


def pth(value: float) -> Json:
    return observation(PTH, value, "pg/mL", identity="pth")


def actions(found: Json) -> list[Json]:
    suggestions = [s for card in found["cards"] for s in card.get("suggestions", ())]
    return [action for suggestion in suggestions for action in suggestion["actions"]]


def updates(found: Json) -> list[str]:
    return [action["resource"]["status"] for action in actions(found) if action["type"] == "update"]


def card(found: Json, rule: str) -> Json:
    (shown,) = [card for card in found["cards"] if card["extension"][EXTENSION].get("rule") == rule]
    return shown


def test_stopping_vitamin_d_never_stops_a_tablet_that_also_holds_calcium_while_calcium_is_low(book: RuleBook) -> None:
    found = answer(book, WITH_VITAMIN_D, calcium(7.9), vitamin_d(160), KIDNEYS)

    assert found["outcome"] == "continue"
    assert "stop-vitamin-d" in found["advice"]
    assert updates(found) == []


def test_stopping_magnesium_never_stops_a_tablet_that_also_holds_calcium(book: RuleBook) -> None:
    high = observation("LOINC 19123-9", 2.8, "mg/dL", identity="magnesium")
    found = answer(book, WITH_MAGNESIUM, calcium(9.4), high, KIDNEYS)

    assert "avoid-magnesium-egfr30" in found["advice"]
    assert updates(found) == []


def test_a_tablet_with_calcium_and_vitamin_d_is_paused_once(book: RuleBook) -> None:
    found = answer(book, WITH_VITAMIN_D, calcium(11.2), KIDNEYS)

    assert {"hold-calcium", "hold-vitamin-d"} <= set(found["advice"])
    assert updates(found) == ["on-hold"]


def test_the_card_that_says_stop_orders_its_tests_for_today_whatever_its_indicator(book: RuleBook) -> None:
    found = answer(book, TABLET, calcium(12.2), pth(8), KIDNEYS)
    first = found["cards"][0]
    orders = [s["actions"][0]["resource"] for s in first["suggestions"] if s["actions"][0]["type"] == "create"]

    assert (found["outcome"], found["decidedBy"], first["indicator"]) == ("stop", "CA-02", "critical")
    assert {order["priority"] for order in orders} == {"urgent"}


def test_abbreviations_keep_their_capitals_where_titles_are_put_together(book: RuleBook) -> None:
    said = []
    for line in (Path(__file__).resolve().parent / "patients.jsonl").read_bytes().splitlines():
        data = json.loads(line)
        day = date.fromisoformat(data["asOf"])
        cards = cards_of(evaluate(read_record(data["bundle"], book, day), book, day))
        said += [card["summary"] for card in cards if card["summary"].startswith("Also review: ")]

    assert [text for text in said if re.search(r"\bcKD\b|\bhIV\b|\bcOVID\b", text)] == []
    assert [text for text in said if re.search(r"[:;] [A-Z]{2,}", text)]


def summaries(found: Json) -> dict[str, str]:
    """The summary of each card by its rule, folded ones included."""
    parts = [(card["extension"][EXTENSION], card["summary"]) for card in found["cards"]]
    alone = {own["rule"]: summary for own, summary in parts if "rule" in own}
    return alone | {one["rule"]: one["summary"] for own, _ in parts for one in own.get("folded", ())}


def test_beside_hold_or_stop_no_summary_says_that_calcium_goes_on(book: RuleBook) -> None:
    toxic, calciphylaxis = vitamin_d(160), condition("SNOMED 237900002", identity="calciphylaxis")
    for high, outcome in ((11.0, "hold"), (12.5, "stop")):
        found = answer(
            book, TABLET, calcium(high), calcium(7.3, 12, "low"), toxic, calciphylaxis, KIDNEYS
        )  # fmt: skip
        shown = summaries(found)

        assert found["outcome"] == outcome
        assert {"CA-05", "VD-06", "DIS-03", "DATA-07"} <= shown.keys()
        assert [
            text for text in shown.values() if re.search(r"keep calcium|not stop|reduce nothing|before ch", text)
        ] == []


def test_the_deciding_card_of_a_hold_says_hold(book: RuleBook) -> None:
    active = statement("ATC A11CC04", identity="calcitriol")
    high_dose = statement("", dosage(), text="vitamin D3 10000 IU capsule", identity="d3")
    sarcoidosis = condition("SNOMED 31541009", identity="sarcoidosis")
    myeloma = condition("SNOMED 109989006", identity="myeloma")
    twice = calcium(11.0), calcium(9.0, 12, "second")
    for more in ((active,), (high_dose,), (sarcoidosis,), (myeloma,), twice):
        found = answer(book, TABLET, KIDNEYS, *more)

        assert found["outcome"] == "hold", more
        assert "paus" in found["cards"][0]["summary"], found["cards"][0]["summary"]


def test_a_card_that_does_not_hold_does_not_ask_for_calcium_to_wait(book: RuleBook) -> None:
    treated = condition("SNOMED 36976004", identity="hypopara")
    active = statement("ATC A11CC04", identity="calcitriol")
    shown = summaries(answer(book, TABLET, KIDNEYS, treated, active))

    assert shown["VD-09"] == "On active vitamin D with no calcium in 90 days: option: calcium and phosphate now."


def test_food_is_not_asked_about_where_it_is_recorded(book: RuleBook) -> None:
    kidneys = observation("LOINC 98979-8", 50, "mL/min/{1.73_m2}", identity="egfr")
    food = observation("LOINC 35264-1", 900, "mg/d", identity="food")
    shown = summaries(answer(book, TABLET, calcium(9.4), kidneys, food))

    assert "ask about" not in shown["RENAL-02"]


def test_a_pause_of_a_product_with_vitamin_k_warns_of_a_rising_inr(book: RuleBook) -> None:
    chew = statement("", dosage(), text="Viactiv calcium chew")
    warfarin = statement("ATC B01AA03", identity="warfarin")
    found = answer(book, chew, warfarin, calcium(11.2), KIDNEYS)

    assert found["outcome"] == "hold"
    assert "INR may rise" in summaries(found)["INT-09"]


def test_no_summary_names_a_limit_above_the_one_that_holds_in_kidney_disease(book: RuleBook) -> None:
    kidneys = observation("LOINC 98979-8", 50, "mL/min/{1.73_m2}", identity="egfr")
    chronic = condition("SNOMED 433144002", identity="ckd")
    more = [condition(code, identity=f"c{code[-4:]}") for code in ("SNOMED 36348003", "SNOMED 95570007")]
    food = observation("LOINC 35264-1", 900, "mg/d", identity="food")
    thiazide = statement("ATC C03AA03", identity="thiazide")
    shown = summaries(answer(book, TABLET, calcium(9.4), kidneys, chronic, food, thiazide, *more))

    assert "RENAL-01" in shown
    assert {"STONE-01", "INT-06", "PTH-03"} <= shown.keys()
    assert [text for text in shown.values() if re.search(r"the RDA|1000-1200", text)] == []


FORBIDDEN = {
    "average-of-results": "The two values were averaged.",
    "below-800-in-ckd": "In CKD take less than 800 mg a day.",
    "binder-away-from-meals": "Take the binder between meals.",
    "calcification-reversal-promised": "This can slow calcification.",
    "calcium-alone-treats-osteoporosis": "Calcium alone is enough for the bones.",
    "calcium-as-arterial-treatment": "A lower dose protects the arteries.",
    "calcium-caused-calcification": "The tablets caused the calcification.",
    "called-toxic": "This is a toxic dose.",
    "citrate-with-aluminium": "Take citrate with aluminium hydroxide.",
    "diagnosis-of-phpt-stated-as-certain": "The PTH proves hyperparathyroidism.",
    "heel-tscore-as-diagnosis": "The heel T-score shows osteoporosis.",
    "high-dose-vitamin-d-recommended": "Start high-dose vitamin D.",
    "high-protein": "Eat more protein.",
    "hypocalcaemia-guard-as-fact": "The result counts as low calcium.",
    "increase-calcium": "Increase calcium to two tablets.",
    "iv-calcium-advice": "Give calcium gluconate.",
    "k2-supplement-recommended": "Consider vitamin K2 for the arteries.",
    "low-calcium-diet": "Limit dairy products.",
    "magnesium-supplement-recommended": "Add magnesium against calcification.",
    "order-cac": "Order a CAC in a year.",
    "order-imaging": "Order a CT of the heart.",
    "race-coefficient": "A race-adjusted eGFR was used.",
    "reassure": "A small rise can be ignored.",
    "repletion-course-as-error": "50000 IU a week is an overdose.",
    "routine-25ohd": "A routine 25-OH vitamin D is due.",
    "start-calcium": "A calcium supplement should be started.",
    "stop-antiretroviral": "Pause dolutegravir for the course.",
    "stop-binder": "Pause the binder.",
    "stop-for-cac-value": "Stop because of the score.",
    "stop-levothyroxine": "Pause levothyroxine.",
    "stop-lithium": "Lower lithium.",
    "stop-other-drug": "Stop the bisphosphonate.",
    "stop-ppi": "Stop omeprazole.",
    "stop-thiazide": "Pause the thiazide.",
    "stop-vitamin-k-abruptly": "Stop the vitamin K product.",
    "stop-vka-alone": "Pause warfarin until the INR is back.",
    "supplement-blamed-for-high-calcium": "Calcium is high because of the supplement.",
    "supplement-harm-stated-as-proven": "Calcium supplements cause infarction.",
    "unit-guessed": "The unit is assumed.",
    "vitamin-c-for-calcification": "Vitamin C protects the vessels.",
}
BY_MEANING = {"above-ul-warning-as-action", "reduce-dose-to-rda", "vitamin-k-food-with-vka"}
"""Claims that depend on the patient and not on words: silencing and the tests of silencing hold them."""


def claims_of(book: RuleBook, text: str) -> set[str]:
    return {
        claim.code
        for claim in book.never.values()
        for phrase in claim.phrases
        if re.search(rf"\b{re.escape(phrase)}\b", text, re.IGNORECASE)
    }


def test_a_sentence_that_makes_a_forbidden_claim_is_found_by_its_phrases(book: RuleBook) -> None:
    assert FORBIDDEN.keys() | BY_MEANING == book.never.keys()
    assert [code for code, text in FORBIDDEN.items() if code not in claims_of(book, text)] == []


@pytest.mark.slow
def test_nothing_that_is_shown_makes_a_forbidden_claim(book: RuleBook) -> None:
    lines = (Path(__file__).parent / "patients.jsonl").read_text("utf-8").splitlines()
    shown: set[str] = set()
    for people in map(json.loads, lines):
        day = date.fromisoformat(people["asOf"])
        for one in result_of(evaluate(read_record(people["bundle"], book, day), book, day))["cards"]:
            shown |= {one["summary"], one["detail"].split("**Based on**")[0], one["source"]["label"]}
            shown |= {part["summary"] for part in one["extension"][EXTENSION].get("folded", ())}
            shown |= {item["label"] for item in (*one.get("suggestions", ()), *one.get("links", ()))}

    assert len(shown) > 100
    assert {text: claims_of(book, text) for text in shown if claims_of(book, text)} == {}


@pytest.mark.slow
def test_a_title_or_an_advice_that_makes_a_forbidden_claim_is_a_problem(book: RuleBook) -> None:
    rule, advice = book.rules["CAC-05"], book.advice["exercise"]
    told = replace(
        book,
        rules={**book.rules, "CAC-05": rule._replace(title="Consider K2")},
        advice={**book.advice, "exercise": advice._replace(says="Increase the supplement.")},
    )
    places = [problem.place for problem in remarks(told, AS_OF) if problem.code == "never-claim"]

    assert sorted(places) == ["CAC-05 title", "exercise"]


def orders(found: Json) -> dict[str, list[str]]:
    """The priorities under which each test or referral is asked for."""
    asked: dict[str, list[str]] = {}
    for action in actions(found):
        if action["type"] == "create":
            code = action["resource"]["code"]
            name = code["coding"][0]["code"] if "coding" in code else code["text"]
            asked.setdefault(name, []).append(action["resource"]["priority"])
    return asked


def test_what_a_critical_card_asks_for_is_urgent_and_it_stands_above_the_deciding_one(book: RuleBook) -> None:
    calciphylaxis = condition("SNOMED 237900002", identity="calciphylaxis")
    dialysis = condition("ICD-10-CM Z99.2", identity="dialysis")
    found = answer(book, TABLET, calcium(8.0), calciphylaxis, dialysis)

    assert [card["indicator"] for card in found["cards"]][:2] == ["critical", "warning"]
    assert found["cards"][1]["extension"][EXTENSION]["decides"]
    assert orders(found)["Referral: nephrology"] == ["urgent"]
    assert orders(found)["2777-1"] == ["urgent"]


def test_a_test_that_two_advices_order_is_ordered_once(book: RuleBook) -> None:
    thiazide = statement("ATC C03AA03", identity="thiazide")
    old = observation(CALCIUM, 10.4, "mg/dL", day="2025-10-01", identity="calcium")
    over = statement(CARBONATE_500, dosage(frequency=4), identity="over")
    found = answer(book, over, thiazide, old, KIDNEYS, observation("LOINC 35264-1", 700, "mg/d", identity="food"))

    assert {"repeat-calcium", "order-calcium"} <= set(found["advice"])
    assert orders(found)["17861-6"] == ["routine"]
