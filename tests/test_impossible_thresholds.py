"""A threshold that no result can have is found, at its line, with the number that was probably meant."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from check_output import FINDINGS, SMALL
from click.testing import CliRunner

from cds.cli import app
from cds.facts.formulas import FORMULAS
from cds.review.remarks import remarks
from cds.review.thresholds import impossible_thresholds
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

RULES = SMALL.parents[3] / "rules"
SENTENCE = "potassium to use is at least 6.0 mmol/L"


def edited(folder: Path, rules: Path, name: str, before: str, after: str) -> Path:
    copy = Path(shutil.copytree(rules, folder / "rules", ignore=shutil.ignore_patterns("regions")))
    text = (copy / name).read_text("utf-8")
    assert before in text
    (copy / name).write_text(text.replace(before, after, 1), "utf-8")
    return copy


def said(rules: Path) -> list[str]:
    found = remarks(read_rulebook(rules, FORMULAS), date(2026, 12, 1))
    return [f"{item.line}: {item.what} {item.todo}" for item in found if item.code == "impossible-threshold"]


def test_no_threshold_of_the_rules_is_impossible(book: RuleBook) -> None:
    assert list(impossible_thresholds(book)) == []


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("60", "Did you mean 6 mmol/L?"),
        ("0.60", "Did you mean 6 mmol/L?"),
        ("600", "Did you mean 6 mmol/L?"),
        ("99999", "Mend the number or its unit."),
    ],
)
def test_a_number_outside_what_can_be_is_said_and_the_one_with_another_decimal_point_is_offered(
    written: str, offered: str, tmp_path: Path
) -> None:
    rules = edited(tmp_path, SMALL, FINDINGS, SENTENCE, SENTENCE.replace("6.0", written))
    assert said(rules) == [f"16: '{written}' is outside what potassium to use can be, 1 to 12 mmol/L. {offered}"]


@pytest.mark.parametrize(("written", "is_possible"), [("1", True), ("0.9", False), ("12", True), ("12.1", False)])
def test_the_ends_of_the_range_can_be(written: str, is_possible: bool, tmp_path: Path) -> None:
    rules = edited(tmp_path, SMALL, FINDINGS, SENTENCE, SENTENCE.replace("6.0", written))
    assert (said(rules) == []) is is_possible


@pytest.mark.parametrize("sentence", ["age is below 180 a", "eGFR is below 4500 mL/min/{1.73_m2}"])
def test_every_kind_of_value_has_a_range(sentence: str, tmp_path: Path) -> None:
    before = {"age": "age is below 18 a", "eGF": "eGFR is below 45 mL/min/{1.73_m2}"}[sentence[:3]]
    (only,) = said(edited(tmp_path, SMALL, FINDINGS, before, sentence))
    assert "Did you mean " in only


def test_a_number_of_another_scale_is_compared_on_that_scale(tmp_path: Path) -> None:
    name, before = "serum-calcium/findings.yaml", "(ionised: above 1.50 mmol/L)"
    (only,) = said(edited(tmp_path, RULES, name, before, before.replace("1.50", "150")))
    assert "'150' is outside what " in only
    assert only.endswith(" mmol/L. Did you mean 1.5 mmol/L?")


def test_the_cause_stands_above_the_cases_that_fail_because_of_it_with_a_mark_under_the_number(tmp_path: Path) -> None:
    rules = edited(tmp_path, SMALL, FINDINGS, SENTENCE, SENTENCE.replace("6.0", "60.0"))
    lines = CliRunner().invoke(app, ["check", str(rules), "--as-of", "2026-12-01"]).stdout.splitlines()
    messages = [number for number, line in enumerate(lines) if line.endswith(("[case-fails]", "-threshold]"))]
    first = messages[0]
    assert len(messages) > 1
    assert lines[first].startswith(
        f"{FINDINGS}:16: dangerous potassium: '60.0' is outside what potassium to use can be"
    )
    assert lines[first + 3].index("^") == lines[first + 2].index("60.0")
