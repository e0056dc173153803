"""SI or conventional units first: every number that people read moves, and nothing else of an answer does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds.bookshelf import open_rulebook
from cds.cards.unit_systems import UnitSystem, in_units
from cds.cards.units import units_shown
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import parse_json, read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 11, 22)
Json = dict[str, Any]
UNTOUCHED = ("patient", "asOf", "rulebook", "outcome", "decidedBy", "advice", "fired", "asks", "findings", "account")


@pytest.fixture(scope="module")
def eu() -> RuleBook:
    return open_rulebook(ROOT / "rules", "eu")


def first(book: RuleBook) -> dict[str, str]:
    """By term, the unit that is printed first for values in the unit of the rules."""
    units = {name: getattr(term, "unit", "") for name, term in book.terms.items()}
    return {name: units_shown(book, name, unit)[0].text for name, unit in units.items() if unit}


def judged(book: RuleBook, sample: str) -> Evaluation:
    data = parse_json((ROOT / "fhir_samples" / sample / "bundle.json").read_bytes())
    return evaluate(read_record(data, book, DAY), book, DAY)


def summaries(book: RuleBook, sample: str) -> str:
    return " ".join(card["summary"] for card in result_of(judged(book, sample))["cards"])


def test_units_of_the_si_are_those_that_the_region_prints_which_was_written_by_hand(
    book: RuleBook, eu: RuleBook
) -> None:
    assert first(in_units(book, UnitSystem.SI)) == first(eu)


def test_conventional_units_bring_a_region_back_to_the_units_of_the_rules(book: RuleBook, eu: RuleBook) -> None:
    found = first(in_units(eu, UnitSystem.CONVENTIONAL))
    held_in_si = {name for name, unit in first(book).items() if unit == "mmol/L" and found[name] != "mmol/L"}
    assert {found[name] for name in held_in_si} == {"mg/dL"}
    assert {name: unit for name, unit in found.items() if name not in held_in_si} == {
        name: unit for name, unit in first(book).items() if name not in held_in_si
    }


@pytest.mark.parametrize("system", UnitSystem)
def test_a_result_that_is_accepted_in_no_unit_of_a_system_keeps_that_of_the_rules(system: UnitSystem) -> None:
    potassium = open_rulebook(ROOT / "tests" / "topics" / "potassium" / "rules")
    assert first(in_units(potassium, system)) == first(potassium)


@pytest.mark.parametrize("sample", ["high-calcium", "messy-record", "vitamin-d-deficiency-in-si-units"])
@pytest.mark.parametrize("system", UnitSystem)
def test_no_answer_depends_on_the_units_that_are_printed(book: RuleBook, sample: str, system: UnitSystem) -> None:
    plain, other = (result_of(judged(one, sample)) for one in (book, in_units(book, system)))
    assert {key: other[key] for key in UNTOUCHED} == {key: plain[key] for key in UNTOUCHED}
    assert [card["uuid"] for card in other["cards"]] == [card["uuid"] for card in plain["cards"]]


def test_titles_say_the_chosen_unit_and_the_same_book_is_made_once(book: RuleBook, eu: RuleBook) -> None:
    assert "mg/dL" in summaries(in_units(eu, UnitSystem.CONVENTIONAL), "high-calcium")
    assert "mg/dL" not in summaries(in_units(book, UnitSystem.SI), "high-calcium").partition("(")[0]
    assert "mmol/L" in summaries(in_units(book, UnitSystem.SI), "high-calcium")
    assert in_units(book, UnitSystem.SI) is in_units(book, UnitSystem.SI)


def test_a_value_worked_out_from_others_names_them_in_the_unit_of_their_own_term(book: RuleBook) -> None:
    notes = [note for fact in facts(in_units(book, UnitSystem.SI)) if "albumin" in (note := fact.get("note", ""))]
    assert notes
    assert all("mmol/L" in note and "g/L" in note and "g/dL" not in note for note in notes)


def facts(book: RuleBook) -> Iterator[Json]:
    yield from result_of(judged(book, "high-calcium"))["facts"]
