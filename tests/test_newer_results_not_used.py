"""A calcium or kidney result that could not be used and may be newer: an older one does not stand in for it."""

from __future__ import annotations

from typing import Any

import pytest
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    Json,
    condition,
    deciding_card,
    dosage,
    observation,
    read,
    statement,
)

from cds.evaluation import evaluate
from cds.result import result_of
from cds.rulebook.model import RuleBook

EGFR, IONISED, CORRECTED = "LOINC 98979-8", "LOINC 1995-0", "LOINC 29265-6"
TAKEN = statement(CARBONATE_500, dosage())
OLD, NEW = "2025-12-01", "2026-01-14"
HIGH: Json = {"interpretation": [{"coding": [{"code": "HH"}]}]}
NORMAL: Json = {"interpretation": [{"coding": [{"code": "N"}]}]}


def changed(result: Json, **parts: Any) -> Json:
    """A result with some elements otherwise, and without those that are None."""
    return {key: part for key, part in {**result, **parts}.items() if part is not None}


def newer(code: str = CALCIUM, value: float = 13.4, unit: str = "mg/dL", day: str | None = NEW, **parts: Any) -> Json:
    return changed(observation(code, value, unit, day, identity="newer"), **parts)


def answer(book: RuleBook, *results: Json) -> Json:
    """The answer for a woman with osteoporosis on calcium, whose older calcium and kidneys are normal."""
    usual = observation(CALCIUM, 9.4, "mg/dL", OLD, "ca"), observation(EGFR, 82, "mL/min/{1.73_m2}", OLD, "egfr")
    osteoporosis = condition("SNOMED 64859006")
    return result_of(evaluate(read(book, osteoporosis, TAKEN, *usual, *results), book, AS_OF))


NOT_USED: dict[str, tuple[Json, str]] = {
    "in words": (newer(valueQuantity=None, valueString="very high"), "very high"),
    "in another unit": (newer(valueQuantity={"value": 13.4, "unit": "grain"}), "unit not understood"),
    "not final": (newer(status="registered"), "not final yet"),
    "impossible": (newer(value=134), "value impossible"),
    "flagged, without a value": (newer(valueQuantity=None, **HIGH), "flagged, no value"),
    "without a day": (newer(day=None), "no date"),
    "without a known code, and high if it is one": (
        {**newer(value=10.7), "code": {"coding": [{"system": "https://lab.example.org"}], "text": "Calcium"}},
        "no known code",
    ),
    "corrected": (newer(CORRECTED, valueQuantity={"value": 13.4, "unit": "grain"}), "unit not understood"),
    "ionised": (newer(IONISED, valueQuantity={"value": 1.7, "unit": "grain"}), "unit not understood"),
}  # fmt: skip


@pytest.mark.parametrize("how", NOT_USED)
def test_a_newer_calcium_that_could_not_be_used_is_looked_at_before_an_older_one_is_believed(
    book: RuleBook, how: str
) -> None:
    result, said = NOT_USED[how]
    found = answer(book, result)
    assert (found["outcome"], found["decidedBy"]) == ("insufficient-data", "DATA-02")
    card = deciding_card(found)
    assert card["indicator"] == "warning"
    assert said in card["summary"]
    assert "may go on" not in " ".join(each["summary"] for each in found["cards"])


@pytest.mark.parametrize(("code", "value", "unit"), [(CREATININE, 4.7, "mg/dL"), (EGFR, 12, "mL/min/{1.73_m2}")])
def test_a_newer_kidney_result_that_could_not_be_used_is_looked_at_too(
    book: RuleBook, code: str, value: float, unit: str
) -> None:
    found = answer(book, newer(code, value, unit, status="registered"))
    assert (found["outcome"], found["decidedBy"]) == ("insufficient-data", "DATA-03")
    assert "not final yet. Look at it now" in deciding_card(found)["summary"]


LEFT_ALONE = {
    "older": newer(day="2025-11-01", valueQuantity={"value": 13.4, "unit": "grain"}),
    "of the same day": newer(day=OLD, valueQuantity={"value": 13.4, "unit": "grain"}),
    "withdrawn": newer(status="entered-in-error"),
    "of tomorrow": newer(day="2026-01-16"),
    "without a value or a flag": newer(valueQuantity=None, dataAbsentReason={"text": "haemolysed"}),
    "spoiled, by its own note": newer(note=[{"text": "Specimen hemolysed"}]),
    "without a known code, and normal whatever it is": {**newer(value=9.9), "code": {"text": "Calcium gesamt X"}},
    "flagged as normal": newer(valueQuantity=None, **NORMAL),
    "of another test": newer("LOINC 19123-9", 2.0, "mg/dL", valueQuantity={"value": 2.0, "unit": "grain"}),
}


@pytest.mark.parametrize("how", LEFT_ALONE)
def test_what_says_nothing_newer_about_calcium_leaves_the_older_one(book: RuleBook, how: str) -> None:
    found = answer(book, LEFT_ALONE[how])
    assert (found["outcome"], found["decidedBy"]) == ("continue", "BONE-01")


def test_an_older_high_calcium_still_holds(book: RuleBook) -> None:
    high = observation(CALCIUM, 11.0, "mg/dL", "2026-01-10", "high")
    assert answer(book, high, newer(valueQuantity={"value": 13.4, "unit": "grain"}))["outcome"] == "hold"


def test_active_vitamin_d_does_not_pause_calcium_while_a_calcium_waits_to_be_looked_at(book: RuleBook) -> None:
    calcitriol = statement("RxNorm 1894", text="calcitriol", identity="calcitriol")
    old = observation(CALCIUM, 9.4, "mg/dL", "2025-06-01", "ca")
    without = result_of(evaluate(read(book, TAKEN, calcitriol, old), book, AS_OF))
    assert (without["outcome"], without["decidedBy"]) == ("hold", "VD-09")
    unread = newer(value=6.8, valueQuantity={"value": 6.8, "unit": "grain"})
    found = result_of(evaluate(read(book, TAKEN, calcitriol, old, unread), book, AS_OF))
    assert (found["outcome"], found["decidedBy"]) == ("insufficient-data", "DATA-02")
    assert not [card for card in found["cards"] if "pausing" in card["summary"]]
