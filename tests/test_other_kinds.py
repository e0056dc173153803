"""The kind of a stone and of a valve is read from its own text alone; every doubt leaves it what its code says."""

from __future__ import annotations

import pytest
from people import condition, observation, read, statement

from cds.quantity import PRESENT, UNKNOWN
from cds.rulebook.model import RuleBook

STONE, OTHER, VALVE = "kidney stone", "kidney stone of another kind", "heart valve that may be mechanical"
CODED_STONE, CODED_VALVE = "ICD-10-CM N20.0", "ICD-10-CM Z95.2"


def on_record(book: RuleBook, text: str, code: str = "") -> dict[str, object]:
    """The stones and valves of a record with one condition, with their states."""
    record = read(book, condition(code, text))
    return {name: record.mentions[name][0].state for name in (STONE, OTHER, VALVE) if name in record.mentions}


@pytest.mark.parametrize(
    "text",
    [
        "Uric acid stone", "Uric acid kidney stones", "Nephrolithiasis, uric acid", "struvite stones", "cystine stone",
        "Harnsäurestein", "尿酸结石", "Uric acid stone 2019",
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", ["", CODED_STONE])
def test_a_stone_whose_own_text_names_another_kind_is_no_calcium_stone(book: RuleBook, text: str, code: str) -> None:
    assert on_record(book, text, code) == {OTHER: PRESENT}


@pytest.mark.parametrize(
    "text",
    [
        "Kidney stone", "Mixed uric acid and calcium oxalate stone", "calcium oxalate stone",
        "Kidney stone with elevated uric acid", "Kidney stone, uric acid 9", "Kidney stone (uric acid: 9.1 mg/dL)",
        "Kidney stone, not uric acid", "Kidney stone, possibly uric acid?",
    ],
)  # fmt: skip
def test_a_stone_stays_a_calcium_stone_where_its_text_leaves_the_kind_open(book: RuleBook, text: str) -> None:
    assert on_record(book, text, CODED_STONE) == {STONE: PRESENT}


def test_what_stands_beside_a_stone_says_nothing_of_its_kind(book: RuleBook) -> None:
    gout = condition(text="Hyperuricaemia, uric acid 9", identity="gout")
    record = read(book, condition(CODED_STONE, "Kidney stone"), gout)
    assert record.mentions[STONE][0].state is PRESENT
    assert OTHER not in record.mentions


def test_of_two_stones_each_is_what_its_own_text_says(book: RuleBook) -> None:
    record = read(book, condition("", "Uric acid stone"), condition("", "Calcium oxalate stone", identity="c2"))
    assert [record.mentions[name][0].state for name in (STONE, OTHER)] == [PRESENT, PRESENT]


def test_a_stone_of_another_kind_that_is_only_suspected_is_a_question(book: RuleBook) -> None:
    record = read(book, condition(CODED_STONE, "Uric acid stone", verification="provisional"))
    assert record.mentions[OTHER][0].state is UNKNOWN
    assert STONE not in record.mentions


@pytest.mark.parametrize("text", ["", "Presence of prosthetic heart valve", "Mechanical mitral valve"])
def test_a_code_that_does_not_name_the_kind_of_a_valve_leaves_it_open(book: RuleBook, text: str) -> None:
    assert on_record(book, text, CODED_VALVE) == {VALVE: PRESENT}


@pytest.mark.parametrize("text", ["Bioprosthetic aortic valve", "TAVI 2020", "Porcine mitral valve", "生物瓣"])
def test_a_valve_of_tissue_is_none(book: RuleBook, text: str) -> None:
    assert on_record(book, text, CODED_VALVE) == {}


def test_beside_a_valve_of_tissue_a_mechanical_one_counts(book: RuleBook) -> None:
    assert on_record(book, "Mechanical aortic and bioprosthetic mitral valve", CODED_VALVE) == {VALVE: PRESENT}


@pytest.mark.parametrize("code", ["ICD-10-CM Z95.3", "ICD-10-CM Z95.4"])
def test_codes_of_other_valves_are_none(book: RuleBook, code: str) -> None:
    assert on_record(book, "", code) == {}


def test_an_observation_about_uric_acid_makes_no_stone(book: RuleBook) -> None:
    record = read(book, observation("LOINC 3084-1", 9, "mg/dL"), statement())
    assert OTHER not in record.mentions
