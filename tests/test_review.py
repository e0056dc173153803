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
from cds.evaluation import Evaluator
from cds.facts.formulas import FORMULAS
from cds.review.cases import failure
from cds.review.changes import changes, proposed_version
from cds.review.check import check
from cds.review.checked import Checked
from cds.review.new_rule import write_new_rule
from cds.review.new_rule_text import NewRule
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
    (said,) = write_new_rule(book, folder, NewRule("CA-06", "serum-calcium"), TODAY)
    assert said == f"{folder / 'serum-calcium' / 'ca-06.yaml'}: fill in every TODO, then run 'cds check'."
    todos = [
        line for line in (folder / "serum-calcium/ca-06.yaml").read_text("utf-8").splitlines()[1:] if "TODO" in line
    ]
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    assert {problem.code for problem in caught.value.problems} == {"missing-key"}
    assert len(caught.value.problems) == len(todos) > 15


def filled_in(folder: Path) -> RuleBook:
    """The rulebook with something written instead of each TODO of the new rule."""
    path = folder / "serum-calcium/ca-06-low-calcium-on-a-loop-diuretic.yaml"
    path.write_text(path.read_text("utf-8").replace("TODO", "to do"), "utf-8")
    return read_rulebook(folder, FORMULAS)


TOLD = NewRule(
    "CA-06",
    "serum-calcium",
    title="Low calcium on a loop diuretic",
    tier="protect",
    when=("low serum calcium", "loop diuretic", "without hip fracture"),
    advice=("do-not-reduce-low-calcium", "order-magnesium, unless magnesium in the last 30 days"),
    sources=("EXPERT",),
)


def test_what_is_told_of_a_new_rule_is_written_and_it_loads(book: RuleBook, folder: Path) -> None:
    said = write_new_rule(book, folder, TOLD, TODAY)
    made = filled_in(folder)
    rule, tier = made.rules["CA-06"], next(tier for tier in made.tiers if tier.name == "protect")
    assert rule.spot.file == "serum-calcium/ca-06-low-calcium-on-a-loop-diuretic.yaml"
    assert (rule.title, rule.owner, rule.evidence) == (TOLD.title, "endocrinology", ("EXPERT",))
    assert tier.rules == ("CA-05", "GUARD-01", "CA-06")
    line = (folder / "precedence.yaml").read_text("utf-8").splitlines().index("      - CA-06") + 1
    assert f"precedence.yaml:{line}: CA-06 stands last in 'protect'; move it up" in said[1]


def test_the_first_cases_of_a_new_rule_are_those_on_both_sides_of_each_finding(book: RuleBook, folder: Path) -> None:
    write_new_rule(book, folder, TOLD, TODAY)
    made = filled_in(folder)
    cases = made.rules["CA-06"].cases
    own = {"calcium to use": "8.3 mg/dL", "loop diuretic": "yes", "hip fracture": "no"}
    assert [(dict(case.given), case.expect) for case in cases] == [
        (own, "continue"),
        (own | {"calcium to use": "8.4 mg/dL"}, "nothing"),
        (own | {"loop diuretic": "no"}, "nothing"),
        (own | {"hip fracture": "yes"}, "nothing"),
        (own | {"calcium to use": "missing"}, "ask"),
        (own | {"magnesium in the last 30 days": "yes"}, "fires"),
    ]
    assert (cases[0].says, cases[-1].not_says) == (
        ("do-not-reduce-low-calcium", "order-magnesium"),
        ("order-magnesium",),
    )
    evaluator = Evaluator(made)
    failed = [failure(evaluator, "CA-06", case) for case in cases]
    assert failed[1:] == [None] * (len(cases) - 1)
    assert failed[0] is not None
    assert failed[0].seen == "fires; continue decided by GUARD-01"  # until somebody moves it up


def test_texts_that_are_still_to_be_written_are_named_with_their_lines(book: RuleBook, folder: Path) -> None:
    write_new_rule(book, folder, TOLD, TODAY)
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    found = caught.value.problems
    assert {item.place for item in found} >= {"says", "because", "card.summary", "reader.benefit"}
    lines = (folder / "serum-calcium/ca-06-low-calcium-on-a-loop-diuretic.yaml").read_text("utf-8").splitlines()
    assert [item for item in found if "TODO" not in lines[item.line - 1] and item.place != "card.detail"] == []


def test_a_finding_that_a_new_rule_names_and_nobody_defines_is_begun(book: RuleBook, folder: Path) -> None:
    new = NewRule("CA-06", "serum-calcium", when=("not something new",), new_findings=("very low serum calcium",))
    said = write_new_rule(book, folder, new, TODAY)
    assert said[1].endswith("say there what it is: 'something new'.")
    assert said[2].endswith("say there what it is: 'very low serum calcium'.")
    text = (folder / "serum-calcium/ca-06.yaml").read_text("utf-8")
    assert "  all:\n    - not something new\n    - very low serum calcium\n" in text
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    places = {problem.place for problem in caught.value.problems}
    assert {"findings.something new.when", "findings.very low serum calcium.when"} <= places


REFUSED = [
    NewRule("CA-01", "serum-calcium"), NewRule("CA-06", "nowhere"), NewRule("ca6", "serum-calcium"),
    NewRule("CA-06", "serum-calcium", tier="protected"), NewRule("CA-06", "serum-calcium", advice=("order-magnesum",)),
    NewRule("CA-06", "serum-calcium", sources=("EXPRT",)), NewRule("CA-06", "serum-calcium", when=("loop diuretc",)),
    NewRule("CA-06", "serum-calcium", new_findings=("loop diuretic",)),
]  # fmt: skip


@pytest.mark.parametrize("new", REFUSED)
def test_a_rule_that_cannot_be_new_is_refused_and_nothing_is_written(
    book: RuleBook, folder: Path, new: NewRule
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    with pytest.raises(CdsError):
        write_new_rule(book, folder, new, TODAY)
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before


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
