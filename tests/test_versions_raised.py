"""``cds check --against``: what changed has another version, and formatting is no change."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from check_output import FINDINGS, KS_02, SMALL
from click.testing import CliRunner

from cds.cli import app


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "rules"))


def edit(rules: Path, name: str, before: str, after: str) -> None:
    text = (rules / name).read_text("utf-8")
    assert before in text
    (rules / name).write_text(text.replace(before, after, 1), "utf-8")


def against(rules: Path, *words: object) -> Any:
    words = words or (SMALL,)
    return CliRunner().invoke(
        app, ["check", "--rules", str(rules), "--as-of", "2026-12-01", "--against", *map(str, words)]
    )


def asked(rules: Path) -> list[str]:
    return [line for line in against(rules).stdout.splitlines() if line.endswith("[version-not-raised]")]


CHANGED = {
    "the text of a card": (KS_02, "  detail: |\n", "  detail: |\n    Or not.\n", "0.1.1"),
    "a case": (KS_02, "  - case: just above", "  - case: barely above", ""),
    "the status of review": (KS_02, "review by: 2027-11-29", "review by: 2027-11-30", ""),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_rule_whose_content_changed_has_another_version(change: str, rules: Path) -> None:
    """Cases and the day of the next review are not what a rule says: as for signatures."""
    name, before, after, version = CHANGED[change]
    edit(rules, name, before, after)
    of_rule = [line for line in asked(rules) if line.startswith(KS_02)]
    assert [re.findall(r"Write '(.*?)'", line) for line in of_rule] == ([[f"version: {version}"]] if version else [])
    assert against(rules).exit_code == 1, "the rulebook has changed in any case"


def test_a_changed_threshold_asks_for_another_version_of_the_rulebook_at_its_line(rules: Path) -> None:
    edit(rules, FINDINGS, "potassium dose is above 40 mmol/d", "potassium dose is above 41 mmol/d")
    assert asked(rules) == [
        "rulebook.yaml:3: version: it is still 0.1.0; one change calls for another. "
        "Write 'version: 0.2.0'. [version-not-raised]"
    ]


def test_a_changed_topic_is_a_change(rules: Path) -> None:
    edit(rules, "topic.yaml", "subject: potassium", "subject: kalium")
    done = against(rules)
    assert "[patch] topic: subject: potassium -> kalium" in done.stdout.splitlines()
    assert "Write 'version: 0.1.1'. [version-not-raised]" in done.stdout


def test_what_was_raised_enough_is_no_problem(rules: Path) -> None:
    edit(rules, KS_02, "  detail: |\n", "  detail: |\n    Or not.\n")
    edit(rules, KS_02, "version: 0.1.0", "version: 0.2.0")
    edit(rules, "rulebook.yaml", "version: 0.1.0", "version: 0.1.1")
    done = against(rules)
    assert (done.exit_code, asked(rules)) == (0, [])
    assert "2 changes since 0.1.0; this calls for version 0.1.1." in done.stdout


def test_a_version_that_was_lowered_is_a_problem(rules: Path) -> None:
    edit(rules, KS_02, "version: 0.1.0", "version: 0.0.9")
    (of_rule, of_book) = asked(rules)
    assert of_rule.startswith(f"{KS_02}:5: KS-02 version: it was 0.1.0 and is 0.0.9, which is not enough; ")
    assert "Write 'version: 0.1.0'." in of_rule
    assert of_book.startswith("rulebook.yaml:3:")


def test_other_comments_another_order_and_other_quotes_ask_for_nothing(rules: Path) -> None:
    edit(rules, KS_02, "title: ", "# A remark.\ntitle: ")
    edit(rules, "topic.yaml", "subject: potassium", "subject: 'potassium'")
    one, other = "  under 18:\n    says: A child.\n    when: age is below 18 a\n    evidence:\n      - EXPERT\n", ""
    edit(rules, FINDINGS, one, other)
    text = (rules / FINDINGS).read_text("utf-8")
    (rules / FINDINGS).write_text(text.rstrip("\n") + "\n" + one, "utf-8")
    done = against(rules)
    assert (done.exit_code, asked(rules)) == (0, []), done.stdout
    assert "0 changes since 0.1.0; this calls for version 0.1.0." in done.stdout.splitlines()


def test_a_git_revision_is_compared_and_the_whole_check_runs(rules: Path) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "as it was")):
        subprocess.run(["git", *words], cwd=rules, check=True, capture_output=True)
    edit(rules, KS_02, "  detail: |\n", "  detail: |\n    Or not.\n")
    edit(rules, KS_02, "    expect: pause\n", "    expect: halt\n")
    done = against(rules, "HEAD", "--json")
    *problems, figures = map(json.loads, done.stdout.splitlines())
    codes = [problem["code"] for problem in problems if problem["level"] == "error"]
    assert (done.exit_code, codes) == (1, ["case-fails", "version-not-raised", "version-not-raised"])
    assert (figures["old"], figures["proposed"], len(figures["changes"])) == ("0.1.0", "0.1.1", 2)
