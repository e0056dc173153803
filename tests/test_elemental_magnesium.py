"""The word *elemental* on the label of a magnesium product says what counts, whatever the salt would hold of it."""

from __future__ import annotations

import pytest
from people import dosage, read, statement

from cds.quantity import point
from cds.rulebook.model import RuleBook

LABELS = {
    "Magnesium oxide (elemental magnesium 351 mg)": 351,
    "elemental magnesium 200 mg (as magnesium oxide)": 200,
    "Magnesium citrate 100 mg elemental": 100,
    "Magnesium oxide 400 mg": 241.2,
}


@pytest.mark.parametrize("label", LABELS)
def test_what_is_said_to_be_elemental_is_no_salt(book: RuleBook, label: str) -> None:
    (product,) = read(book, statement("", dosage(), text=label)).products
    assert product.amounts["magnesium"][0] == point(pytest.approx(LABELS[label], rel=0.001))


def test_the_elemental_calcium_of_a_label_is_no_magnesium(book: RuleBook) -> None:
    (product,) = read(book, statement("", dosage(), text="Magnesium 250 mg, Calcium 500 mg elemental")).products
    assert product.amounts["calcium"][0] == point(500)
    assert not product.amounts["magnesium"][0].is_point
