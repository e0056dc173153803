"""What changes the meaning of a medication record, or voids it, is never passed over."""

from __future__ import annotations

from typing import Any

import pytest
from people import CARBONATE_500, Json, codes_of, concept, daily, dosage, read, request, resource, statement

from cds.quantity import Interval
from cds.rulebook.model import RuleBook

CHANGED: Json = {"modifierExtension": [{"url": "http://hospital.example/negated", "valueBoolean": True}]}
POINTING: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#med"}}


@pytest.mark.parametrize("builder", [statement, request])
def test_a_medication_record_with_a_modifier_is_not_used_and_nothing_is_known_to_be_absent(
    book: RuleBook, builder: Any
) -> None:
    record = read(book, builder(CARBONATE_500, dosage(1), text="Calcium", **CHANGED))
    assert record.products == []
    assert "unreadable-resource" in codes_of(record)
    assert "medicines" in record.unread
    assert [item.name for item in record.unrecognised] == ["Calcium"]


def contained(**more: Any) -> Json:
    medication = resource("Medication", "med", code=concept(CARBONATE_500), **more)
    return statement("", dosage(1), **POINTING, contained=[medication])


@pytest.mark.parametrize(
    ("more", "issue"), [(CHANGED, "unreadable-resource"), ({"status": "entered-in-error"}, "entered-in-error")]
)
def test_a_medication_that_is_void_or_changed_names_no_medicine(book: RuleBook, more: Json, issue: str) -> None:
    record = read(book, contained(**more))
    assert record.products == []
    assert {issue, "unnamed-medicine"} <= codes_of(record)
    assert "medicines" in record.unread
    assert len(read(book, contained(status="active")).products) == 1


def test_a_dosage_with_a_modifier_says_no_amount(book: RuleBook) -> None:
    assert daily(book, dosage(1, **CHANGED)) == daily(book)
    assert daily(book, dosage(1)) == Interval(500, 500)


@pytest.mark.parametrize(("first", "second"), [("1", "2"), (1, "2"), (" 1", "2")])
def test_steps_whose_numbers_are_written_as_text_are_not_added_up(book: RuleBook, first: Any, second: Any) -> None:
    steps = dosage(1, sequence=first), dosage(1, frequency=3, sequence=second)
    assert daily(book, *steps) == Interval(500, 1500)


@pytest.mark.parametrize("number", ["first", True, 1.5])
def test_a_step_whose_number_cannot_be_read_says_no_amount(book: RuleBook, number: Any) -> None:
    record = read(book, statement(CARBONATE_500, dosage(1, sequence=number)))
    assert "dosage-unclear" in codes_of(record)


@pytest.mark.parametrize("stated", [True, "true", "True"])
def test_as_needed_is_read_also_as_text(book: RuleBook, stated: Any) -> None:
    assert daily(book, dosage(2, asNeededBoolean=stated)) == Interval(0, 1000)


@pytest.mark.parametrize("stated", [False, "false"])
def test_not_as_needed_is_read_also_as_text(book: RuleBook, stated: Any) -> None:
    assert daily(book, dosage(2, asNeededBoolean=stated)) == Interval(1000, 1000)


def test_as_needed_that_is_neither_yes_nor_no_says_no_amount(book: RuleBook) -> None:
    assert daily(book, dosage(2, asNeededBoolean="sometimes")) == daily(book)
