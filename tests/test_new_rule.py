"""``cds new rule``: what it writes can be read, and what cannot be meant is refused before anything is written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT
from click.testing import CliRunner, Result

from cds.cli import app
from cds.errors import Problem
from cds.rulebook.yaml_text import read_page

CA_06 = "serum-calcium/ca-06-low-calcium-on-a-loop-diuretic.yaml"
TITLE = ("--title", "Low calcium on a loop diuretic")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


def new_rule(rules: Path, *told: str) -> Result:
    """``cds new rule CA-06`` of the chapter about serum calcium."""
    start = ["new", "rule", "CA-06", "--chapter", "serum-calcium", "--as-of", "2026-12-01"]
    return CliRunner().invoke(app, [*start, "--rules", str(rules), *told])


def texts(rules: Path) -> dict[str, str]:
    return {str(path.relative_to(rules)): path.read_text("utf-8") for path in rules.rglob("*.yaml")}


def read(path: Path) -> Any:
    """What a file says that has the form of a rule file."""
    problems: list[Problem] = []
    found = read_page(path, path.name, problems)
    assert (found is not None, problems) == (True, [])
    assert found is not None
    return found.data


def test_a_line_break_inside_an_argument_is_a_blank(rules: Path) -> None:
    before = texts(rules)
    done = new_rule(rules, "--title", "Low calcium\n   on a loop diuretic", "--when", "low\n   serum calcium",
                    "--when", " loop\tdiuretic ", "--advice", "order-magnesium,\n   unless hip fracture")  # fmt: skip
    assert done.exit_code == 0, done.output
    data = read(rules / CA_06)
    assert data["title"] == "Low calcium on a loop diuretic"
    assert data["when"] == {"all": ["low serum calcium", "loop diuretic"]}
    assert data["advice"] == ["order-magnesium, unless hip fracture"]
    assert texts(rules).keys() - before.keys() == {CA_06}
    assert {name: text for name, text in texts(rules).items() if name != CA_06} == before


@pytest.mark.parametrize(
    "name", ["ionised calcium: low", "'quoted' twice", "a # sign", "- a dash", "{braces}", "yes: no"]
)
def test_a_name_with_signs_of_the_file_format_is_read_as_it_was_said(rules: Path, name: str) -> None:
    done = new_rule(rules, *TITLE, "--new-finding", name)
    assert done.exit_code == 0, done.output
    assert read(rules / CA_06)["when"] == {"all": [name]}
    assert name in read(rules / "serum-calcium/findings.yaml")["findings"]


def test_what_could_not_be_read_is_not_written(rules: Path) -> None:
    before = texts(rules)
    done = new_rule(rules, *TITLE, "--when", "something\x07 new")
    assert done.exit_code == 2
    assert re.search(r"nothing was written: .* could not be read with it", done.stderr), done.stderr
    assert texts(rules) == before


@pytest.mark.parametrize(
    ("said", "meant"), [("not loop diuretc", "loop diuretic"), ("low calcium", "low serum calcium"), ("Adult", "adult")]
)
def test_a_misspelt_finding_is_refused_with_the_one_that_was_meant(rules: Path, said: str, meant: str) -> None:
    before = texts(rules)
    done = new_rule(rules, *TITLE, "--when", said)
    name = said.removeprefix("not ")
    todo = f"To begin a new finding, name it with --new-finding '{name}' instead of --when."
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"Error: '{name}' is no finding. Did you mean '{meant}'? {todo}\n")
    assert texts(rules) == before


def test_a_finding_that_is_said_to_be_new_is_begun_beside_one_with_a_similar_name(rules: Path) -> None:
    done = new_rule(rules, *TITLE, "--when", "adult", "--new-finding", "low calcium")
    assert done.exit_code == 0, done.output
    assert read(rules / CA_06)["when"] == {"all": ["adult", "low calcium"]}
    assert "low calcium" in read(rules / "serum-calcium/findings.yaml")["findings"]
