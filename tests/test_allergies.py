"""What is not tolerated and so not eaten: the AllergyIntolerances that make a condition of the rulebook."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from people import SUBJECT, Json, bundle, codes_of, concept, patient, read, resource, statement

from cds.cards.card import cards_of
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import PRESENT, UNKNOWN
from cds.rulebook.model import RuleBook

DAY = date(2026, 1, 10)
TERM = "no dairy"


def allergy(*codes: str, text: str = "", **more: Any) -> Json:
    return resource("AllergyIntolerance", "al", patient=SUBJECT, code=concept(*codes, text=text), **more)


def states(record: Record) -> list[object]:
    return [mention.state for mention in record.mentions.get(TERM, ())]


@pytest.mark.parametrize(
    "item",
    [
        allergy("SNOMED 782415009"),
        allergy("SNOMED 15911003"),
        allergy("ICD-10-CM Z91.011"),
        allergy(text="Lactose intolerance"),
        allergy(text="Milk"),
        allergy(text="COW'S MILK PROTEIN"),
        allergy(text="Allergy to dairy products"),
        allergy(text="牛奶"),
        allergy(text="Food", reaction=[{"substance": concept(text="Milk"), "manifestation": [concept(text="Rash")]}]),
    ],
)
def test_who_does_not_tolerate_milk_eats_no_dairy(book: RuleBook, item: Json) -> None:
    assert states(read(book, item)) == [PRESENT]


@pytest.mark.parametrize(
    "text",
    [
        "Coconut milk",
        "almond milk",
        "Milk thistle",
        "Milk of magnesia",
        "Breast milk",
        "Peanut",
        "No known milk allergy",
        "Calcium carbonate",
    ],
)
def test_another_substance_and_the_word_that_there_is_none_say_nothing_of_dairy(book: RuleBook, text: str) -> None:
    assert states(read(book, allergy(text=text))) == []


def status(code: str) -> Json:
    return {"coding": [{"code": code}]}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"clinicalStatus": status("active"), "verificationStatus": status("confirmed")}, [PRESENT]),
        ({"clinicalStatus": status("resolved")}, []),
        ({"verificationStatus": status("refuted")}, []),
        ({"verificationStatus": status("entered-in-error")}, []),
        ({"verificationStatus": status("unconfirmed")}, [UNKNOWN]),
        ({"modifierExtension": [{"url": "http://x.example", "valueBoolean": True}]}, [UNKNOWN]),
    ],
)
def test_its_status_says_whether_it_counts(book: RuleBook, more: Json, found: list[object]) -> None:
    assert states(read(book, allergy(text="Milk", **more))) == found


def test_one_that_is_certain_by_its_code_is_noted_nowhere_and_one_by_its_name_is(book: RuleBook) -> None:
    assert codes_of(read(book, allergy("SNOMED 15911003"))) == set()
    assert codes_of(read(book, allergy(text="Milk"))) == {"matched-by-name"}
    assert codes_of(read(book, allergy(text="Oyster shell"))) == {"allergy"}


def test_that_of_somebody_else_does_not_count(book: RuleBook) -> None:
    other = {**allergy(text="Milk"), "patient": {"reference": "Patient/other"}}
    assert states(read_record(bundle(patient(), other), book, DAY)) == []


def test_one_that_no_rule_judges_stands_on_the_first_card_under_a_heading_of_its_own(book: RuleBook) -> None:
    """It was understood: ``not understood`` would be wrong, and so would be a full stop before its name."""
    cards = cards_of(evaluate(read(book, statement(), allergy(text="Calcium carbonate")), book, DAY))
    assert "**Allergy or intolerance: please look.**" in cards[0]["detail"]
    assert "no rule judges it: Calcium carbonate." in cards[0]["detail"]
    assert "Not understood" not in cards[0]["detail"]
    assert ".:" not in cards[0]["detail"]
