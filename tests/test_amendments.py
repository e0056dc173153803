"""The amendments of the specification: all are declared, what they name is there, and the book counts their cases."""

from __future__ import annotations

import re
import shutil
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from cds.audit.amendments import amendment_rows, amendments_of
from cds.audit.audit_data import AuditData
from cds.audit.site import Site
from cds.errors import RulebookError
from cds.facts.formulas import FORMULAS
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

HERE = Path(__file__).resolve().parent
ALL = {f"A2-{number:02}" for number in range(1, 26)} | {f"B2-{number:02}" for number in range(1, 28)}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the small rulebook."""
    return Path(shutil.copytree(HERE / "good_rules", tmp_path / "rules"))


def declared(rules: Path, text: str) -> RuleBook:
    (rules / "amendments.yaml").write_text(f"amendments:\n\n{text}", encoding="utf-8")
    return read_rulebook(rules, FORMULAS)


def messages(rules: Path, text: str) -> list[str]:
    with pytest.raises(RulebookError) as error:
        declared(rules, text)
    return [str(problem) for problem in error.value.problems]


def test_all_amendments_of_the_specification_are_declared(book: RuleBook) -> None:
    assert {item.id for item in book.amendments} == ALL
    assert [item.id for item in book.amendments if item.state == "later"] == ["A2-05", "B2-19"]


def test_a_name_that_nobody_defines_is_an_error_with_the_nearest_name(rules: Path) -> None:
    (found,) = messages(rules, "  X-01:\n    title: A rule\n    state: done\n    rules:\n      - CA-03\n")
    assert (
        found
        == "amendments.yaml:7: amendments.X-01.rules[1]: 'CA-03' is not a rule. Did you mean 'CA-02'? [unknown-rule]"
    )
    (found,) = messages(rules, "  X-01:\n    title: A code\n    state: done\n    codes:\n      - hold-calcum\n")
    assert "Did you mean 'hold-calcium'? [unknown-advice]" in found
    (found,) = messages(rules, "  X-01:\n    title: A finding\n    state: done\n    findings:\n      - adlt\n")
    assert "[unknown-finding]" in found
    (found,) = messages(rules, "  X-01:\n    title: A term\n    state: done\n    terms:\n      - agee\n")
    assert "[unknown-term]" in found


def test_one_that_is_done_names_what_carries_it_and_one_that_is_not_says_why(rules: Path) -> None:
    (found,) = messages(rules, "  X-01:\n    title: Nothing\n    state: done\n")
    assert "nothing carries it" in found
    (found,) = messages(rules, "  X-01:\n    title: Half\n    state: in part\n    rules:\n      - CA-02\n")
    assert "it is 'in part'. Say under 'note'" in found
    (found,) = messages(rules, "  X-01:\n    title: Odd\n    state: perhaps\n")
    assert "amendments.X-01.state" in found
    assert declared(rules, "  X-01:\n    title: Later\n    state: later\n    note: No source.\n").amendments


def test_cases_are_counted_that_are_about_what_carries_it(book: RuleBook) -> None:
    rows = {row.amendment.id: row.cases for row in amendment_rows(book)}
    assert 0 < rows["B2-18"] <= len(book.rules["DOSE-08"].cases)
    assert rows["A2-05"] == 0
    bare = [
        row for row in amendment_rows(book) if row.amendment.state == "done" and row.amendment.rules and not row.cases
    ]
    assert bare == []


def test_the_book_has_a_row_for_each_and_a_rule_says_which_it_carries(book: RuleBook) -> None:
    site = Site(AuditData(book, date(2026, 11, 30), {}, ()))
    page = next(page.html for page in site.about_words() if page.name == "amendments.html")
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert [name for name in ALL if f'id="{name.lower()}"' not in page] == []
    for row in amendment_rows(book):
        assert f"{row.cases} {row.amendment.state}" in words
    assert {item.id for item in amendments_of(book, "DOSE-08")} == {"B2-18"}
    assert "amendments.html#b2-18" in site.rule(book.rules["DOSE-08"]).html
