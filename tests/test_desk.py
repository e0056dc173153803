"""The answer as the clinician at the desk reads it: what can be clicked, and texts that stand beside each other."""

from __future__ import annotations

import re

from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    VITAMIN_D,
    Json,
    bundle,
    condition,
    dosage,
    observation,
    patient,
    statement,
)

from cds.cards.card import EXTENSION
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
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
    found = answer(book, TABLET, calcium(11.2), pth(8), KIDNEYS)
    first = found["cards"][0]
    orders = [s["actions"][0]["resource"] for s in first["suggestions"] if s["actions"][0]["type"] == "create"]

    assert (found["outcome"], found["decidedBy"], first["indicator"]) == ("stop", "PTH-02", "warning")
    assert {order["priority"] for order in orders} == {"urgent"}


def test_abbreviations_keep_their_capitals_where_titles_are_put_together(book: RuleBook) -> None:
    kidneys = observation("LOINC 98979-8", 50, "mL/min/{1.73_m2}", identity="egfr")
    osteoporosis = condition("SNOMED 64859006", identity="osteoporosis")
    food = observation("LOINC 35264-1", 700, "mg/d", identity="food")
    summary = answer(book, TABLET, calcium(9.4), kidneys, osteoporosis, food)["cards"][-1]["summary"]

    assert summary.startswith("Also review: ")
    assert "CKD" in summary
    assert not re.search(r"\bcKD\b", summary)
