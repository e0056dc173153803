"""A phosphate binder that holds magnesium is a binder and no magnesium product, whatever names it."""

from __future__ import annotations

import pytest
from people import AS_OF, read, statement

from cds.facts.chart import chart_of
from cds.quantity import ABSENT, PRESENT, State
from cds.rulebook.model import RuleBook


def states(book: RuleBook, code: str, text: str) -> tuple[State, State, State]:
    chart = chart_of(read(book, statement(code, text=text)), book, AS_OF)
    names = ("phosphate binder intent", "phosphate binder with magnesium", "magnesium product")
    binder, with_magnesium, product = (chart.state(name) for name in names)
    return binder, with_magnesium, product


@pytest.mark.parametrize(
    ("code", "text"),
    [("ATC V03AE04", ""), ("", "Osvaren 435 mg/235 mg"), ("", "calcium acetate/magnesium carbonate")],
)
def test_a_binder_with_magnesium_is_no_magnesium_product(book: RuleBook, code: str, text: str) -> None:
    assert states(book, code, text) == (PRESENT, PRESENT, ABSENT)


def test_a_binder_without_magnesium_and_a_magnesium_tablet_are_told_apart(book: RuleBook) -> None:
    assert states(book, "ATC V03AE07", "") == (PRESENT, ABSENT, ABSENT)
    assert states(book, "", "magnesium oxide 400 mg") == (ABSENT, ABSENT, PRESENT)
