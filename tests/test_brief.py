"""One patient in a terminal fits on a screen, and nothing that decides is lost; ``--long`` says everything."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from people import bundle, condition, patient
from rich.console import Console

from cds.cards.card import cards_of
from cds.cards.closing import DISCLAIMER
from cds.cards.frames import rules_in
from cds.cli import app
from cds.evaluation import Evaluation, evaluate
from cds.intake.account import account_of
from cds.intake.reading import read_record
from cds.one_file import evaluate_file
from cds.rulebook.model import RuleBook
from cds.screen.brief import MOST_NOT_UNDERSTOOD, brief_lines
from cds.screen.lines import shown
from cds.screen.patients import without_marks

Json = dict[str, Any]
SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
FOLDERS = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
WIDTH, MOST_LINES = 100, 45
each_sample = pytest.mark.parametrize("folder", FOLDERS)


def sample(folder: str, book: RuleBook) -> Evaluation:
    day = json.loads((SAMPLES / folder / "expected.json").read_text("utf-8"))["asOf"]
    return evaluate_file(SAMPLES / folder / "bundle.json", book, date.fromisoformat(day))


def on_screen(evaluation: Evaluation, width: int = WIDTH) -> str:
    """What stands on a terminal of a width, without its colours."""
    screen = Console(force_terminal=True, width=width, highlight=False, color_system=None)
    return shown(brief_lines(evaluation, "fhir_samples/x/bundle.json"), screen)


def in_a_row(text: str) -> str:
    return " ".join(text.split())


@each_sample
def test_a_sample_fits_on_a_screen(folder: str, book: RuleBook) -> None:
    lines = on_screen(sample(folder, book)).splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDTH


@each_sample
def test_outcome_deciding_rule_and_every_title_are_shown(folder: str, book: RuleBook) -> None:
    found = sample(folder, book)
    text = in_a_row(on_screen(found))
    assert f"Outcome: {found.outcome} (" in text
    assert f"Decided by {found.decision.decided_by}." in text
    assert f"Why: {book.rules[found.decision.decided_by].title}: " in text
    for card in cards_of(found):
        assert f"[{card['indicator']}] {in_a_row(card['summary'])}" in text
        assert all(in_a_row(part["summary"]) in text for part in rules_in(card) if "summary" in part)


@each_sample
def test_critical_and_deciding_cards_are_whole_and_the_disclaimer_stands_once(folder: str, book: RuleBook) -> None:
    found = sample(folder, book)
    text = in_a_row(on_screen(found))
    for card in cards_of(found):
        if card["indicator"] == "critical" or "sources" in next(iter(card["extension"].values())):
            for paragraph in card["detail"].split("\n\n"):
                assert in_a_row(without_marks(paragraph)) in text
            assert all(in_a_row(one["label"]) in text for one in card.get("suggestions", ()))
    assert text.count(DISCLAIMER) == 1
    assert text.endswith(DISCLAIMER)


@each_sample
def test_cards_stand_by_indicator(folder: str, book: RuleBook) -> None:
    heads = [line[:5] for line in on_screen(sample(folder, book)).splitlines() if line.startswith("[")]
    assert heads == sorted(heads, key=["[crit", "[warn", "[info"].index)


@each_sample
def test_what_was_not_understood_is_counted_and_the_rules_are_named(folder: str, book: RuleBook) -> None:
    found = sample(folder, book)
    text = in_a_row(on_screen(found))
    account = account_of(found.chart.record, book)
    assert f"{len(account.not_understood)} not understood" in text
    assert f"as of {found.chart.as_of}" in text
    assert f"Rulebook {book.version}, sha256 {book.sha256[:12]}" in text
    if found.chart.record.issues:
        assert f"Data remarks: {len(found.chart.record.issues)} (" in text


def test_the_first_entries_that_were_not_understood_are_named_and_the_others_counted(book: RuleBook) -> None:
    count = MOST_NOT_UNDERSTOOD + 2
    strange = [condition(text=f"zzz{number}\x1b[2J", identity=f"c{number}") for number in range(count)]
    found = evaluate(read_record(bundle(patient(), *strange), book, date(2026, 1, 15)), book, date(2026, 1, 15))
    text = in_a_row(on_screen(found))
    assert f"Not understood: {count}: Condition/c0 (zzz0[2J); " in text
    assert "; and 2 more." in text
    assert "c3" not in text.partition("Not understood: ")[2]


def test_a_tree_for_another_program_is_not_wrapped_either() -> None:
    path = SAMPLES / "high-calcium" / "bundle.json"
    words = ["explain", str(path), "--as-of", "2026-11-22", "--rule", "CA-01"]
    lines = CliRunner(env={"COLUMNS": "40"}).invoke(app, words).stdout.splitlines()
    assert any(
        "is above upper limit of calcium  [calcium to use: 11.12 mg/dL (2026-11-10, total" in line for line in lines
    )
    assert not [line for line in lines if line.endswith(" ")]


def test_text_for_another_program_is_one_line_for_each_thing_and_long_says_everything() -> None:
    path = SAMPLES / "severe-high-calcium-on-digoxin" / "bundle.json"
    words = ["evaluate", str(path), "--as-of", "2026-11-22"]
    brief, full = (CliRunner(env={"COLUMNS": "40"}).invoke(app, [*words, *more]).stdout for more in ((), ("--long",)))
    assert "[info] eGFR 53 mL/min/1.73 m2: calcium, phosphate, PTH, 25-OH-D or alkaline phosphatase are due.  " in brief
    assert brief.count("\n") < full.count("\n")
    for said in (
        "Sources of this answer: ",
        "Observation/clara-egfr-2026-11-20",
        "Decide on trends, not on a single PTH.",
    ):
        assert said in full
        assert said not in brief
