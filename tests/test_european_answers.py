"""Whole answers with the region eu: the numbers are those of EFSA, and so are the sources beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from calls import TODAY
from people import bundle, condition, dosage, observation, patient, request, statement

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"
CALCIUM = observation("LOINC 2000-8", 2.35, "mmol/L", day="2026-01-07", identity="ca")
KIDNEY = observation("LOINC 98979-8", 82, "mL/min/{1.73_m2}", day="2026-01-07", identity="gfr")
TABLET = statement("", dosage(1), text="Calcium carbonate (elemental calcium 500 mg) tablet", identity="tablet")


@pytest.fixture(scope="module")
def eu() -> RuleBook:
    return open_rulebook(RULES, "eu")


def diet(amount: float) -> Any:
    return observation("LOINC 35264-1", amount, "mg/(24.h)", day="2026-01-10", identity="diet")


def judged(book: RuleBook, *resources: Any) -> Evaluation:
    record = read_record(bundle(patient(birth="1965-03-02"), CALCIUM, KIDNEY, *resources), book, TODAY)
    return evaluate(record, book, TODAY)


def card(found: Evaluation, rule: str) -> str:
    """The title and the text of the card of a rule; empty where it is not shown."""
    cards = [card for card in cards_of(found) if f"Rule {rule}," in card["detail"]]
    return " ".join(f"{card['summary']} {card['detail'].partition('**Based on**')[0]}" for card in cards)


def sentences(book: RuleBook, name: str) -> str:
    """All that a rule says, and its card in each situation."""
    rule = book.rules[name]
    return " ".join((rule.title, rule.says, *(part for text in rule.card.texts for part in text_parts(text))))


def text_parts(text: Any) -> tuple[str, str, str]:
    return text.summary, text.fallback, text.detail


def magnesium(oxide: int) -> Any:
    return statement("", dosage(1), text=f"magnesium oxide {oxide} mg tablet", identity="mg")


def test_the_upper_level_of_magnesium_is_the_european_one_in_number_text_and_source(
    eu: RuleBook, book: RuleBook
) -> None:
    said = card(judged(eu, TABLET, diet(500), magnesium(500)), "CON-03")
    assert "upper level 250 mg/day" in said
    assert "EFSA 2006" in said
    assert "350" not in said
    assert card(judged(eu, TABLET, diet(500), magnesium(400)), "CON-03") == ""
    assert card(judged(book, TABLET, diet(500), magnesium(500)), "CON-03") == ""


def test_nothing_that_the_region_says_of_its_numbers_has_those_of_the_base(eu: RuleBook) -> None:
    told = {
        "CON-03": "350",
        "DOSE-01": "IOM",
        "DOSE-06": "IOM",
        "BONE-01": "1200 mg/day",
    }
    assert [name for name, number in told.items() if number in sentences(eu, name)] == []
    assert "250 mg" in eu.advice["review-magnesium-dose"].says
    assert "1200" not in eu.advice["total-target-1000-1200"].says


def test_a_low_total_is_low_by_the_requirement_of_efsa(eu: RuleBook) -> None:
    said = card(judged(eu, TABLET, diet(200)), "DOSE-06")
    assert "below 750 mg/day" in said
    assert "EFSA 2015" in said


def test_an_ordered_high_dose_is_above_the_level_of_efsa(eu: RuleBook) -> None:
    order = request("", dosage(1), text="Calcium carbonate (elemental calcium 2000 mg) tablet", identity="order")
    said = card(judged(eu, order, diet(501)), "DOSE-01")
    assert "of it 2000 mg/day ordered" in said
    assert "Upper level 2500 mg/day (EFSA 2012)" in said


def test_a_bone_indication_names_what_efsa_recommends(eu: RuleBook) -> None:
    said = card(judged(eu, TABLET, diet(500), condition(text="Osteoporosis", identity="bones")), "BONE-01")
    assert "950 mg/day in all (EFSA 2015)" in said
