"""``cds check`` over the real rules, planted faults, what changed between versions, and a new rule."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from cds.commands.versions import rules_at
from cds.errors import CdsError, RulebookError
from cds.facts.formulas import FORMULAS
from cds.review.changes import changes, proposed_version
from cds.review.check import check
from cds.review.checked import Checked
from cds.review.new_rule import write_new_rule
from cds.review.remarks import remarks
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook
from cds.screen.problems.formats import FORMATS
from cds.screen.problems.of_check import report_of_check
from cds.screen.problems.sources import Sources

RULES = Path(__file__).resolve().parent.parent / "rules"
TODAY = date(2026, 11, 25)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def edited(folder: Path, name: str, before: str, after: str) -> RuleBook:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return read_rulebook(folder, FORMULAS)


def test_the_rules_are_clean_and_nearly_every_small_change_is_noticed(book: RuleBook) -> None:
    steps: list[int] = []
    result = check(book, TODAY, lambda done, _: steps.append(done))
    assert [str(problem) for problem in result.problems] == []
    assert result.caught >= 98
    assert steps[-1] == result.mutants


def test_a_review_that_is_due_is_reported(book: RuleBook) -> None:
    codes = {problem.code for problem in remarks(book, date(2028, 1, 1))}
    assert codes == {"review-overdue"}


def test_a_finding_that_no_rule_reads_is_reported(folder: Path) -> None:
    extra = "  unread finding:\n    when: age is at least 70 years\n    evidence:\n      - EXPERT\n"
    changed = edited(folder, "stones/findings.yaml", "findings:\n", f"findings:\n{extra}")
    assert [(problem.place, problem.code) for problem in remarks(changed, TODAY)] == [
        ("unread finding", "unused-finding")
    ]


def test_a_claim_that_no_card_may_make_is_reported(folder: Path) -> None:
    changed = edited(
        folder, "co-nutrients/con-05-high-dose-vitamin-c.yaml", "No effect", "Vitamin C prevents nothing. No effect"
    )
    assert [problem.code for problem in remarks(changed, TODAY)] == ["never-claim"]


def test_a_moved_threshold_makes_cases_fail_with_file_and_line(folder: Path) -> None:
    from cds.evaluation import Evaluator
    from cds.review.cases import failures

    changed = edited(
        folder, "vitamin-d/findings.yaml", "at least 12 and below 20 ng/mL", "at least 13 and below 20 ng/mL"
    )
    failed = failures(changed, Evaluator(changed))
    assert {item.rule for item in failed} >= {"VD-02"}
    assert all(item.case.spot.line > 1 for item in failed)


def test_changes_are_said_in_words_with_the_version_they_call_for(book: RuleBook, folder: Path) -> None:
    new = edited(folder, "vitamin-d/findings.yaml", "at least 12 and below 20 ng/mL", "at least 13 and below 20 ng/mL")
    found = changes(book, new)
    assert [change.level for change in found] == ["major"]
    assert "13 and below 20 ng/mL" in found[0].what
    assert proposed_version(book, found) == "0.3.0"
    assert changes(book, book) == []


def test_a_changed_card_calls_for_a_patch(book: RuleBook, folder: Path) -> None:
    new = edited(folder, "co-nutrients/con-05-high-dose-vitamin-c.yaml", "No effect", "No proven effect")
    found = changes(book, new)
    assert [(change.aspect, change.level) for change in found] == [("card detail", "patch")]
    assert found[0].what.startswith("CON-05: card detail: ")
    assert "No proven effect of\nvitamin C" in found[0].what
    assert proposed_version(book, found) == "0.2.1"


def test_a_reference_that_is_neither_folder_nor_revision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CdsError, match="neither a folder nor a git revision"), rules_at("no-such-thing", tmp_path):
        pass


def test_a_new_rule_does_not_pass_before_it_is_filled_in(book: RuleBook, folder: Path) -> None:
    path = write_new_rule(book, folder, "CA-06", "serum-calcium", TODAY)
    assert path.name == "ca-06.yaml"
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    assert {problem.code for problem in caught.value.problems} >= {
        "unknown-finding",
        "unknown-advice",
        "unknown-evidence",
    }


@pytest.mark.parametrize(
    ("rule", "chapter"), [("CA-01", "serum-calcium"), ("CA-06", "nowhere"), ("ca6", "serum-calcium")]
)
def test_a_rule_that_cannot_be_new_is_refused(book: RuleBook, folder: Path, rule: str, chapter: str) -> None:
    with pytest.raises(CdsError):
        write_new_rule(book, folder, rule, chapter, TODAY)


def test_every_code_of_the_terms_has_its_verification(book: RuleBook) -> None:
    with (RULES / "terms" / "verification.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    verified = {cell for row in rows[1:] for cell in row}
    fields = ("codes", "questions", "yes", "no")
    codes = {code.code for term in book.terms.values() for field in fields for code in getattr(term, field, ())}
    assert codes - verified == set()


def test_where_there_is_no_small_change_none_is_said_to_be_noticed() -> None:
    nothing = Checked((), rules=1, cases=0, mutants=0, survived=0, accepted=0)
    report = report_of_check(nothing, Sources(RULES))
    words, figures = FORMATS["text"](report).splitlines()[-1], FORMATS["json"](report)
    assert words == "1 rules, 0 cases, no small change tried: there are none. 0 problems."
    assert json.loads(figures)["noticed"] is None
