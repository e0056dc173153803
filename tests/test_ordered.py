"""What a clinician ordered, and what stands on record without an order, are counted apart."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, Json, dosage, read, request, statement

from cds.facts.chart import chart_of
from cds.facts.doses import product_state
from cds.quantity import ABSENT, PRESENT, Interval, State, point
from cds.rulebook.model import ProductTerm, RuleBook

TEXT = "Calcium 600 mg tablet"
"""600 mg elemental calcium."""


def doses(book: RuleBook, *resources: Json) -> tuple[Interval, Interval]:
    chart = chart_of(read(book, *resources), book, AS_OF)
    facts = [chart.value(name) for name in ("ordered calcium dose", "calcium dose not ordered")]
    one, other = (fact.value for fact in facts if fact is not None)
    return one, other


def on_record(book: RuleBook, *resources: Json) -> tuple[State, State]:
    record = read(book, *resources)
    names = "ordered calcium product other than a binder", "calcium product not ordered, other than a binder"
    terms = [term for name in names if isinstance(term := book.terms[name], ProductTerm)]
    one, other = (product_state(record, term) for term in terms)
    return one, other


def order(**more: Any) -> Json:
    return request("", dosage(1), text=TEXT, **more)


def test_nothing_on_record_is_neither_ordered_nor_not_ordered(book: RuleBook) -> None:
    assert doses(book) == (point(0), point(0))


@pytest.mark.parametrize("intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order"])
def test_a_request_with_the_intent_of_an_order_is_ordered(book: RuleBook, intent: str) -> None:
    assert doses(book, order(intent=intent)) == (point(600), point(0))
    assert on_record(book, order(intent=intent)) == (PRESENT, ABSENT)


@pytest.mark.parametrize(
    "more",
    [
        {"intent": "plan"},
        {"reportedBoolean": True},
        {"reportedReference": {"reference": "Patient/p"}},
        {"requester": {"reference": "Patient/p"}},
        {"requester": {"reference": "RelatedPerson/r"}},
        {"requester": {"type": "Patient", "display": "herself"}},
    ],
)
def test_a_plan_and_what_was_only_reported_or_asked_for_are_not_ordered(book: RuleBook, more: Json) -> None:
    assert doses(book, order(**more)) == (point(0), point(600))
    assert on_record(book, order(**more)) == (ABSENT, PRESENT)


def test_a_clinician_who_asks_for_it_orders_it(book: RuleBook) -> None:
    assert doses(book, order(requester={"reference": "Practitioner/d"})) == (point(600), point(0))


@pytest.mark.parametrize("intent", ["proposal", "option"])
def test_a_proposal_and_an_option_are_nothing_that_is_taken(book: RuleBook, intent: str) -> None:
    assert doses(book, order(intent=intent)) == (point(0), point(0))


def test_a_statement_alone_is_not_ordered(book: RuleBook) -> None:
    assert doses(book, statement("", dosage(1), text=TEXT)) == (point(0), point(600))


def test_a_statement_of_what_is_ordered_is_ordered(book: RuleBook) -> None:
    assert doses(book, statement("", dosage(1), text=TEXT), order()) == (point(600), point(0))


def test_a_statement_of_another_amount_of_what_is_ordered_is_ordered(book: RuleBook) -> None:
    assert doses(book, statement("", dosage(2), text=TEXT), order()) == (Interval(600, 1200), point(0))


def test_an_order_that_ended_makes_no_statement_ordered(book: RuleBook) -> None:
    assert doses(book, statement("", dosage(1), text=TEXT), order(status="stopped")) == (point(0), point(600))


def test_two_products_are_counted_each_on_its_side(book: RuleBook) -> None:
    other = statement("", dosage(2), text="Calcium citrate 200 mg elemental", identity="other")
    assert doses(book, order(), other) == (point(600), point(400))
