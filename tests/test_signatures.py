"""Signatures: what is signed, when a signature is lost, and what ``cds check`` says about it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds.commands.signing import sign_command
from cds.errors import CHECK_CODES, RulebookError
from cds.facts.formulas import FORMULAS
from cds.review.remarks import remarks
from cds.review.signatures import content_hash, signature_problems, valid_signatures
from cds.review.signing import signature_of, status_with, write_signature
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
RULE = "vitamin-d/vd-03-from-20-to-below-30.yaml"
TODAY = date(2026, 11, 25)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rules in which VD-03 is signed."""
    folder = Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))
    book = read_rulebook(folder, FORMULAS)
    write_signature(book, folder, signature_of(book, "VD-03", "Dr. A: 'x' \"y\"", "endocrinologist", TODAY), RULE)
    return folder


def edit(folder: Path, name: str, before: str, after: str) -> RuleBook:
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    return read_rulebook(folder, FORMULAS)


def test_no_rule_is_signed_now(book: RuleBook) -> None:
    assert book.signatures == ()
    assert {rule.status for rule in book.rules.values()} == {"draft"}


def test_a_signed_rule_has_a_valid_signature_and_no_problem(folder: Path) -> None:
    book = read_rulebook(folder, FORMULAS)
    assert book.rules["VD-03"].status == "signed"
    (signature,) = valid_signatures(book, "VD-03")
    assert (signature.reviewer, signature.role, signature.date) == (
        "Dr. A: 'x' \"y\"", "endocrinologist", "2026-11-25")  # fmt: skip
    assert list(signature_problems(book)) == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (RULE, "  IOM2011: not graded", "  IOM2011: A"),
        (RULE, "bone guidelines", "bone societies"),
        ("vitamin-d/findings.yaml", "at least 20 and below 30 ng/mL", "at least 20 and below 31 ng/mL"),
        ("terms/measurements.yaml", "nmol/L / 2.496", "nmol/L / 2.5"),
        ("terms/derived.yaml", "180 days, if last kidney value", "179 days, if last kidney value"),
    ],
    ids=["text", "card", "finding", "unit", "freshness"],
)
def test_a_signed_rule_that_changed_loses_its_signature(name: str, before: str, after: str, folder: Path) -> None:
    book = edit(folder, name, before, after)
    (problem,) = signature_problems(book)
    assert str(problem) == (
        "signatures.yaml:4: signature of VD-03: VD-03 has changed since version 0.2.0 was signed by "
        "Dr. A: 'x' \"y\" on 2026-11-25. Write 'status: draft' in vitamin-d/vd-03-from-20-to-below-30.yaml, or have "
        "it reviewed and signed with 'cds sign VD-03'. [signature-outdated]"
    )
    assert problem in remarks(book, TODAY)


def test_a_changed_rule_that_went_back_to_draft_is_no_problem(folder: Path) -> None:
    edit(folder, RULE, "  IOM2011: not graded", "  IOM2011: A")
    assert list(signature_problems(edit(folder, RULE, "status: signed", "status: draft"))) == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (RULE, "as the rule says", "as it says"),
        (RULE, "review by: 2027-11-22", "review by: 2028-11-22"),
        ("terms/conditions.yaml", "      - SNOMED 64859006 Osteoporosis\n", ""),
        ("vitamin-d/findings.yaml", "below 12 ng/mL", "below 13 ng/mL"),
    ],
    ids=["case", "review date", "code", "another finding"],
)
def test_what_a_signature_does_not_cover_may_change(name: str, before: str, after: str, folder: Path) -> None:
    assert list(signature_problems(edit(folder, name, before, after))) == []


def test_a_rule_that_nobody_signed_may_not_say_that_it_is(folder: Path) -> None:
    book = edit(folder, "co-nutrients/con-06-food-first.yaml", "status: draft", "status: signed")
    (problem,) = signature_problems(book)
    assert str(problem) == (
        "co-nutrients/con-06-food-first.yaml:6: status: the rule says that it is signed, and nobody signed it. "
        "Write 'status: draft', or have it reviewed and signed with 'cds sign CON-06'. [signature-missing]"
    )


def test_a_signature_of_an_unknown_rule_is_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(RulebookError) as caught:
        edit(folder, "signatures.yaml", "rule: VD-03", "rule: VD-33")
    assert "signatures.yaml:4: signatures[1].rule: 'VD-33' is not a rule. Did you mean" in str(caught.value)


def test_a_signature_without_its_parts_is_refused(folder: Path) -> None:
    with pytest.raises(RulebookError, match=r"signatures\.yaml:4: signatures\[1\]: 'role' is missing"):
        edit(folder, "signatures.yaml", '    role: "endocrinologist"\n', "")


def run(*words: object) -> Any:
    return CliRunner().invoke(sign_command, [str(word) for word in words])


def test_the_command_signs_and_keeps_earlier_signatures(folder: Path) -> None:
    done = run("CON-06", "--reviewer", "Dr. B", "--role", "pharmacist", "--rules", folder)
    assert done.exit_code == 0, done.output
    assert "Dr. B, pharmacist: approve CON-06" in done.output
    book = read_rulebook(folder, FORMULAS)
    assert [(item.rule, item.content) for item in book.signatures] == [
        (name, content_hash(book, name)) for name in ("VD-03", "CON-06")
    ]
    assert book.rules["CON-06"].status == "signed"
    assert list(signature_problems(book)) == []


SIGNED = ("--role", "endocrinologist", "--interests", "none")
HOLDING = "serum-calcium/ca-01-high-calcium.yaml"


def test_a_rule_that_can_hold_is_signed_by_two_clinicians(folder: Path) -> None:
    first = run("CA-01", "--reviewer", "Dr. A", *SIGNED, "--rules", folder)
    assert "a second clinician signs it too" in first.output
    again = run("CA-01", "--reviewer", "Dr. A", *SIGNED, "--rules", folder)
    assert again.exit_code == 0
    assert read_rulebook(folder, FORMULAS).rules["CA-01"].status == "draft"
    assert "It is signed." in run("CA-01", "--reviewer", "Dr. B", *SIGNED, "--rules", folder).output
    book = read_rulebook(folder, FORMULAS)
    assert book.rules["CA-01"].status == "signed"
    assert list(signature_problems(book)) == []


def test_one_signature_under_a_rule_that_can_hold_is_a_problem(folder: Path) -> None:
    run("CA-01", "--reviewer", "Dr. A", *SIGNED, "--rules", folder)
    (problem,) = signature_problems(edit(folder, HOLDING, "status: draft", "status: signed"))
    assert (problem.code, "only Dr. A did" in problem.what) == ("signature-missing", True)


def test_a_rejected_rule_goes_back_to_draft_and_keeps_the_reason(folder: Path) -> None:
    reason = ("--verdict", "reject", "--comment", "The limit is that of another laboratory.")
    assert run("VD-03", "--reviewer", "Dr. C", *SIGNED, *reason, "--rules", folder).exit_code == 0
    book = read_rulebook(folder, FORMULAS)
    assert (book.rules["VD-03"].status, valid_signatures(book, "VD-03")) == ("draft", ())
    (problem,) = signature_problems(edit(folder, RULE, "status: draft", "status: signed"))
    assert "The limit is that of another laboratory." in problem.what


def test_who_rejected_a_rule_stands_against_the_approval_of_another_until_they_approve_it(folder: Path) -> None:
    reason = ("--verdict", "reject", "--comment", "The limit is that of another laboratory.")
    run("CON-06", "--reviewer", "Dr. C", *SIGNED, *reason, "--rules", folder)
    assert "It is draft." in run("CON-06", "--reviewer", "Dr. B", *SIGNED, "--rules", folder).output
    assert "It is signed." in run("CON-06", "--reviewer", "Dr. C", *SIGNED, "--rules", folder).output
    assert list(signature_problems(read_rulebook(folder, FORMULAS))) == []


@pytest.mark.parametrize(("day", "status"), [("2026-11-30", "signed"), ("2026-12-01", "draft")])
def test_an_approval_that_has_expired_is_no_second_signature(day: str, status: str, folder: Path) -> None:
    book = read_rulebook(folder, FORMULAS)
    first = signature_of(book, "CA-01", "Dr. A", "x", date(2026, 11, 1), valid_to="2026-11-30")
    both = replace(book, signatures=(*book.signatures, first))
    second = signature_of(both, "CA-01", "Dr. B", "x", date.fromisoformat(day))
    assert status_with(both, second) == status


def test_a_rejection_without_a_reason_is_wrong_use(folder: Path) -> None:
    done = run("VD-03", "--reviewer", "Dr. C", *SIGNED, "--verdict", "reject", "--rules", folder)
    assert (done.exit_code, "needs the reason" in done.output) == (2, True)


@pytest.mark.parametrize(("day", "codes"), [("2027-11-22", []), ("2027-11-23", ["signature-expired"])])
def test_a_signature_is_valid_up_to_its_day(day: str, codes: list[str], folder: Path) -> None:
    book = read_rulebook(folder, FORMULAS)
    assert book.signatures[0].valid_to == "2027-11-22"
    assert [problem.code for problem in signature_problems(book, date.fromisoformat(day))] == codes


def test_a_quoted_status_is_signed_too(folder: Path) -> None:
    edit(folder, "co-nutrients/con-06-food-first.yaml", "status: draft", "status: 'draft'")
    assert run("CON-06", "--reviewer", "Dr. B", "--role", "pharmacist", "--rules", folder).exit_code == 0
    assert read_rulebook(folder, FORMULAS).rules["CON-06"].status == "signed"


@pytest.mark.parametrize(
    ("words", "said"),
    [(("CON-07", "--reviewer", "Dr. B", "--role", "pharmacist"), "Did you mean 'CON-0"),
     (("CON-06", "--reviewer", " ", "--role", "pharmacist"), "needs the name and the role"),
     (("CON-06", "--reviewer", "Dr. B"), "--role")],
)  # fmt: skip
def test_a_signature_that_cannot_be_is_wrong_use(words: tuple[str, ...], said: str, folder: Path) -> None:
    before = (folder / "signatures.yaml").read_text("utf-8")
    done = run(*words, "--rules", folder)
    assert done.exit_code == 2
    assert said in done.output
    assert (folder / "signatures.yaml").read_text("utf-8") == before


def test_the_hash_is_the_same_whenever_the_same_rules_are_read(book: RuleBook) -> None:
    again = read_rulebook(ROOT / "rules", FORMULAS)
    assert {name: content_hash(again, name) for name in again.rules} == {
        name: content_hash(book, name) for name in book.rules
    }
    assert len({content_hash(book, name) for name in book.rules}) == len(book.rules)


def test_every_code_of_the_list_of_remarks_is_used() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted((ROOT / "cds" / "review").rglob("*.py")))
    used = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"\)', source))
    assert used >= CHECK_CODES.keys()
