"""Directions as real systems print them, each from its text to what counts a day; see tests/written/sigs.jsonl.

``now`` is the amount a day in units of the dose (``2``, ``0-6``, ``1500 mg``), or what is said of it:
``stop`` (not certain to be taken), ``?`` (numbers that are not understood: any amount), ``words`` (words that are not
understood: from the reading to what is usual), ``none`` (no dose and frequency: what is usual).
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from people import CARBONATE_500, codes_of, read, statement

from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.medicines.dosages.schedule import Schedule
from cds.intake.sigs.said import Part
from cds.quantity import Interval
from cds.rulebook.model import RuleBook

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).resolve().parent / "written" / "sigs.jsonl").read_text("utf-8").splitlines()
]
ONE = 500
"""The calcium of one tablet of these tests (mg)."""


def of_a_day(schedule: Schedule) -> Interval:
    parts = (Part(schedule.dose, schedule.per_day), *schedule.others)
    days = [part.dose.number.across(part.per_day) for part in parts if part.dose and part.per_day]
    low, high = min((day.low for day in days), default=0), max((day.high for day in days), default=math.inf)
    limit = schedule.most.number.high if schedule.most else math.inf
    return Interval(0, min(high, limit)) if schedule.as_needed else Interval(low, high)


def said_of(plan: list[Schedule]) -> str:
    """What ``now`` says of a plan that is no amount; '' of one that is."""
    if any(schedule.stopped for schedule in plan):
        return "stop"
    if any(schedule.dose and schedule.dose.unit == "?" for schedule in plan):
        return "?"
    if any(other.dose is None or other.per_day is None for schedule in plan for other in schedule.others):
        return "words"
    known = any((s.dose and s.per_day) or (s.as_needed and s.most) for s in plan)
    return "" if known else "none"


def amount(text: str) -> tuple[Interval, str]:
    number, _, unit = text.partition(" ")
    low, _, high = number.partition("-")
    return Interval(float(low), float(high or low)), unit


def is_amount(now: str) -> bool:
    return now[0].isdigit()


def test_there_are_rows_of_many_countries_and_traps() -> None:
    assert len(ROWS) >= 250
    assert sum(row["printed by"] == "trap" for row in ROWS) >= 60
    assert len({row["printed by"] for row in ROWS}) >= 25


@pytest.mark.parametrize("row", ROWS, ids=[row["row"] for row in ROWS])
def test_directions_say_what_is_taken_a_day(row: dict[str, Any]) -> None:
    plan = schedules([{"text": row["text"]}])

    assert said_of(plan) == ("" if is_amount(row["now"]) else row["now"])
    if is_amount(row["now"]):
        days = [of_a_day(schedule) for schedule in plan]
        expected, unit = amount(row["now"])
        assert (sum(d.low for d in days), sum(d.high for d in days)) == pytest.approx(expected[:2], abs=1e-4)
        assert {s.dose.unit for s in plan if s.dose} <= {unit}


COUNTED = [
    row for row in ROWS if is_amount(row["now"]) and amount(row["now"])[1] == "" and amount(row["now"])[0].high < 9
]


@pytest.mark.parametrize("row", COUNTED, ids=[row["row"] for row in COUNTED])
def test_directions_in_tablets_are_an_amount_of_the_product_and_said(book: RuleBook, row: dict[str, Any]) -> None:
    record = read(book, statement(CARBONATE_500, {"text": row["text"]}))
    expected, _ = amount(row["now"])
    (product,) = record.products

    assert product.amounts["calcium"][0][:2] == pytest.approx((ONE * expected.low, ONE * expected.high), abs=0.1)
    assert "dosage-in-words" in codes_of(record) or expected.low == 0


OTHERS = [row for row in ROWS if not is_amount(row["now"])]


@pytest.mark.parametrize("row", OTHERS, ids=[row["row"] for row in OTHERS])
def test_what_is_not_understood_is_never_less_than_what_may_be_taken(book: RuleBook, row: dict[str, Any]) -> None:
    record = read(book, statement(CARBONATE_500, {"text": row["text"]}))
    (product,) = record.products
    low, high = product.amounts["calcium"][0][:2]

    assert ("said-to-stop" in codes_of(record)) == (row["now"] == "stop")
    doubted = {"said-to-stop", "course-may-be-over"} & codes_of(record)
    assert product.state.word == ("unknown" if doubted else "present")
    assert {"dosage-unclear", "dosage-in-words"} & codes_of(record) or low == 0 or row["now"] == "stop"
    if row["now"] == "?":
        assert (low, high) == (0, math.inf)


@pytest.mark.parametrize("code", ["1D1T", "1D1S", "1D1Z", "1D1ZK", "2D1S", "1D1G", "1D1Q", "1W1T", "1D400IE"])
def test_a_short_code_of_a_pharmacy_is_no_course_of_a_stated_length(book: RuleBook, code: str) -> None:
    record = read(book, statement(CARBONATE_500, {"text": code}, effectivePeriod={"start": "2025-12-01"}))
    (product,) = record.products
    assert (product.state.word, "course-may-be-over" in codes_of(record)) == ("present", False)
