"""A result that was not used is named on a card with its value, its day, and the one reason."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CALCIUM, CREATININE, Json, observation, read

from cds.evaluation import evaluate
from cds.result import result_of
from cds.rulebook.model import RuleBook


def title(book: RuleBook, *results: Json) -> str:
    """The title of the card of DATA-06; empty without one."""
    found = result_of(evaluate(read(book, *results), book, AS_OF))
    cards = [card for card in found["cards"] if card["source"]["topic"]["code"] in ("DATA-06", "DATA06")]
    return cards[0]["summary"] if cards else ""


LOST: dict[str, tuple[dict[str, Any], str]] = {
    "withdrawn": ({"status": "entered-in-error"}, "6.1 mg/dL of 10 Jan 2026 not used: withdrawn by the laboratory"),
    "no unit": ({"valueQuantity": {"value": 6.1}}, "6.1 of 10 Jan 2026 not used: unit missing"),
    "another unit": (
        {"valueQuantity": {"value": 6.1, "unit": "grain"}}, "6.1 grain of 10 Jan 2026 not used: unit not understood"),
    "impossible": (
        {"valueQuantity": {"value": 610, "unit": "mg/dL"}}, "610 mg/dL of 10 Jan 2026 not used: value impossible"),
    "of tomorrow": (
        {"effectiveDateTime": "2026-01-16"}, "6.1 mg/dL of 16 Jan 2026 not used: dated after this day"),
    "below a bound": (
        {"valueQuantity": {"value": 4, "comparator": "<", "unit": "grain"}},
        "< 4 grain of 10 Jan 2026 not used: unit not understood"),
    "at least a bound": (
        {"valueQuantity": {"value": 150, "comparator": ">=", "unit": "grain"}},
        ">= 150 grain of 10 Jan 2026 not used: unit not understood"),
    "a flag without a value": (
        {"valueQuantity": None, "interpretation": [{"coding": [{"code": "HH"}]}]},
        "of 10 Jan 2026 not used: flagged, no value"),
}  # fmt: skip


@pytest.mark.parametrize("how", LOST)
def test_the_one_true_reason_is_said_with_value_and_day(book: RuleBook, how: str) -> None:
    parts, expected = LOST[how]
    lost = {key: part for key, part in {**observation(CALCIUM, 6.1, "mg/dL"), **parts}.items() if part is not None}
    assert title(book, lost) == f"Serum calcium {expected}."


def test_two_results_with_two_reasons_are_one_card(book: RuleBook) -> None:
    no_unit = {**observation(CREATININE, 1.0, identity="c"), "valueQuantity": {"value": 1.0}}
    one = {**observation(CALCIUM, 6.1, "mg/dL"), "status": "entered-in-error"}
    found = title(book, one, no_unit)
    assert "withdrawn by the laboratory" in found or found.startswith("Results on record")
    cards = result_of(evaluate(read(book, one, no_unit), book, AS_OF))["cards"]
    detail = next(card["detail"] for card in cards if "not used" in card["summary"] or "could not" in card["summary"])
    assert "withdrawn by the laboratory" in detail
    assert "unit missing" in detail


def test_results_that_are_all_used_say_nothing(book: RuleBook) -> None:
    assert title(book, observation(CALCIUM, 9.4, "mg/dL")) == ""
