"""``cds check`` gives no advice that harms: while a cause is there, what only follows from it is held back."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds.cli import app

HERE = Path(__file__).resolve().parent
RULES, SMALL, HOSPITAL = HERE.parent / "rules", HERE / "good_rules", HERE / "hospital"
CA_01 = "serum-calcium/ca-01-high-calcium.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the real rules."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the smallest rulebook, with a case on each side of everything: nothing to remark."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    add(folder, "calcium/ca-01-high-calcium.yaml", ENOUGH_HIGH)
    add(folder, "calcium/ca-02-continue.yaml", f"cases:{ENOUGH_CONTINUE}")
    (folder / "review.yaml").write_text(ACCEPTED, "utf-8")
    return folder


ACCEPTED = """\
accepted:
  "'high calcium on a thiazide' without 'high calcium'": The rule speaks of a high calcium only.
"""
ENOUGH_HIGH = """
  - case: calcium of 10.5
    given:
      calcium to use: 10.5 mg/dL
    expect: nothing
  - case: calcium of 10.6
    given:
      calcium to use: 10.6 mg/dL
    expect: hold
    says:
      - order-pth
  - case: on a thiazide
    given:
      calcium to use: 10.6 mg/dL
      thiazide: yes
    expect: hold
    does not say:
      - order-pth
  - case: a thiazide alone
    given:
      calcium to use: 9.4 mg/dL
      thiazide: yes
    expect: nothing
"""
ENOUGH_CONTINUE = """
  - case: calcium of 9.4
    given:
      calcium to use: 9.4 mg/dL
    expect: continue
  - case: seventeen
    given:
      age: 17 a
      calcium to use: 9.4 mg/dL
    expect: nothing
  - case: eighteen
    given:
      age: 18 a
      calcium to use: 9.4 mg/dL
    expect: fires
"""


def add(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n" + text.removeprefix("\n"), "utf-8")


def edit(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def checked(folder: Path, *words: object) -> tuple[int, list[str]]:
    """Exit status and messages of ``cds check``, without those about sources that nobody has read again."""
    done: Any = CliRunner().invoke(app, ["check", str(folder), *map(str, words)])
    messages = [line for line in done.stdout.splitlines() if not line.startswith("  ")]
    return done.exit_code, [line for line in messages if not line.endswith("[evidence-not-read]")]


def codes(lines: list[str]) -> list[str]:
    return [found[1] for line in lines if (found := re.search(r" \[([a-z-]+)\]$", line))]


def test_while_a_case_fails_nothing_is_said_about_small_changes(rules: Path) -> None:
    edit(rules, CA_01, "    expect: hold\n", "    expect: stop\n")
    status, lines = checked(rules)

    assert (status, codes(lines)) == (1, ["case-fails"])
    assert lines[0].startswith(f"{CA_01}:")
    assert re.search(r"no small change tried: \d{4} wait until every case holds\. 1 problems\. ", lines[-1])


def test_the_figures_say_that_nothing_was_tried_not_that_everything_was_noticed(rules: Path) -> None:
    edit(rules, CA_01, "    expect: hold\n", "    expect: stop\n")
    figures = json.loads(checked(rules, "--json")[1][-1])

    assert (figures["changes tried"], figures["noticed"], figures["accepted"]) == (0, None, 0)
    assert figures["held back"] > 800


def test_a_failing_case_of_an_overlay_holds_the_small_changes_back_too(tmp_path: Path) -> None:
    hospital = Path(shutil.copytree(HOSPITAL, tmp_path / "hospital"))
    edit(hospital, "cases.yaml", "      expect: nothing", "      expect: fires")
    status, lines = checked(RULES, "--overlay", hospital)

    assert (status, codes(lines)[-1]) == (1, "case-fails")
    assert {"change-unnoticed", "not-needed"}.isdisjoint(codes(lines))


def test_a_rulebook_in_which_all_is_noticed_or_accepted_has_nothing_to_hold_back(small: Path) -> None:
    status, lines = checked(small)

    assert (status, codes(lines)) == (0, []), lines
    tried = "11 small changes tried: 90.9 % noticed, 1 accepted"
    assert lines[-1] == f"2 rules, 8 cases, {tried}. 0 problems. 2 warnings about evidence."


def test_of_a_rule_without_cases_that_is_said_and_not_each_change_that_no_case_notices(small: Path) -> None:
    path = small / "calcium/ca-02-continue.yaml"
    path.write_text(path.read_text("utf-8").partition("cases:")[0], "utf-8")
    status, lines = checked(small)

    assert (status, codes(lines)) == (1, ["case-lacking", "case-lacking"]), lines
    assert "held back until every rule has its cases" in lines[-1]


def test_of_a_finding_that_no_rule_reads_that_is_said_and_not_its_small_changes(small: Path) -> None:
    old = "  very old:\n    when: age is at least 90 a\n    evidence:\n      - EXPERT\n"
    edit(small, "calcium/findings.yaml", "findings:\n", f"findings:\n{old}")
    status, lines = checked(small)

    assert (status, codes(lines)) == (1, ["unused-finding"]), lines
    assert " 4 that were not noticed are held back " not in lines[-1]
    assert " 3 that were not noticed are held back " in lines[-1]


def test_what_only_an_unread_finding_reads_is_not_to_be_removed_before_it(small: Path) -> None:
    """To remove the term alone would break the finding that names it."""
    weight = "  weight:\n    kind: demographic\n    says: Weight.\n    element: gender\n    unit: kg\n"
    edit(small, "terms/terms.yaml", "terms:\n", f"terms:\n{weight}")
    heavy = (
        "  heavy:\n    when: weight is at least 100 kg\n    evidence:\n      - EXPERT\n"
        "  heavy or adult:\n    any:\n      - heavy\n      - adult\n"
    )
    edit(small, "calcium/findings.yaml", "findings:\n", f"findings:\n{heavy}")
    _, lines = checked(small)

    assert codes(lines) == ["unused-finding"], lines
    assert ": heavy or adult: no rule reads this finding." in lines[0]


def test_a_change_that_is_accepted_and_noticed_is_named_once_every_case_holds(small: Path) -> None:
    add(small, "review.yaml", "  \"'adult': at least 17 a instead of at least 18 a\": Nobody of 17 comes here.\n")
    status, lines = checked(small)

    assert (status, codes(lines)) == (1, ["not-needed"]), lines
    edit(small, "calcium/ca-02-continue.yaml", "    expect: nothing\n", "    expect: fires\n")
    _, lines = checked(small)
    assert codes(lines)[0] == "case-fails"
    assert "not-needed" not in codes(lines)


def test_an_accepted_change_that_need_not_be_is_named_in_the_file_of_the_overlay(small: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "ward"
    overlay.mkdir()
    (overlay / "overlay.yaml").write_text("name: Ward\nowner: tests\nreason: A test.\n", "utf-8")
    (overlay / "review.yaml").write_text("accepted:\n  no such change: A mistake.\n", "utf-8")
    status, lines = checked(small, "--overlay", overlay)

    assert (status, codes(lines)) == (1, ["not-needed"]), lines
    assert lines[0].startswith("ward/review.yaml:1: accepted: 'no such change' is noticed by a case, or is no change.")


def test_of_a_rule_with_many_failing_cases_the_first_is_shown_and_where_the_others_are(rules: Path) -> None:
    edit(rules, "serum-calcium/findings.yaml", "calcium to use is above upper limit of calcium",
         "calcium to use is at least 20 mg/dL\n    evidence:\n      - EXPERT")  # fmt: skip
    _, lines = checked(rules)
    failing = [line for line in lines if line.endswith("[case-fails]")]
    of_ca_01 = [line for line in failing if line.startswith(f"{CA_01}:")]

    assert len(of_ca_01) == 1
    assert re.search(rf"; \d+ more of its \d+ cases fail too: {CA_01}:\d+, {CA_01}:\d+, {CA_01}:\d+ and \d+ more\.",
                     of_ca_01[0])  # fmt: skip
    assert lines[: len(failing)] == failing


def test_the_audit_book_shows_no_score_that_a_failing_case_has_made(small: Path, tmp_path: Path) -> None:
    edit(small, CA_01.replace("serum-", ""), "    expect: hold\n", "    expect: continue\n")
    out = tmp_path / "book"
    done: Any = CliRunner().invoke(app, ["audit", "--rules", str(small), "--out", str(out)])

    assert done.exit_code == 0, done.output
    assert "A case fails, so no small change was tried." in done.stderr
    assert "Would a small change be noticed?" in (out / "rule-ca-01.html").read_text("utf-8")
    assert "not run</b> of small changes noticed" in (out / "index.html").read_text("utf-8")
