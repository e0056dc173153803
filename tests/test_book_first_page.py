"""The first page of the audit book: what needs a decision, in groups, and never a proof that was not run."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.audit.audit_data import AuditData
from cds.audit.decisions_due import decision_groups
from cds.audit.patients import counted, samples_of
from cds.audit.site import Site
from cds.audit.to_do import Group, ToDo
from cds.bookshelf import open_rulebook
from cds.cli import app
from cds.proof.report import Proof
from cds.review.mutation import mutants
from cds.review.people import people_in
from cds.review.signing import signature_of
from cds.rulebook.model import Amendment, Frozen, RuleBook, Spot

DAY = date(2026, 11, 22)
ROOT = Path(__file__).resolve().parent.parent
GOOD, SAMPLES = ROOT / "tests" / "good_rules", ROOT / "fhir_samples"
GROUPS = "unsigned changed rejected overdue due unread proofs never-fired amendments tests warnings".split()


@pytest.fixture(scope="module")
def small() -> RuleBook:
    return open_rulebook(GOOD)


def group(book: RuleBook, name: str, day: date = DAY) -> Group:
    return next(item for item in decision_groups(AuditData(book, day, {}, ())) if item.id == name)


def lines(book: RuleBook, name: str, day: date = DAY) -> dict[str, ToDo]:
    """The lines of a group by the first word of what they are about."""
    return {line.name.split()[0]: line for line in group(book, name, day).lines}


def signed(book: RuleBook, rule: str, *reviewers: str, verdict: str = "approve", comment: str = "") -> RuleBook:
    more = [signature_of(book, rule, who, "doctor", DAY, verdict=verdict, comment=comment) for who in reviewers]  # type: ignore[arg-type]
    return replace(book, signatures=(*book.signatures, *more))


def changed(book: RuleBook, rule: str) -> RuleBook:
    other = book.rules[rule]._replace(says="Something else.")
    return replace(book, rules=Frozen({**book.rules, rule: other}))


def first_page(audit: AuditData) -> str:
    return Site(audit).index().html


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).split())


def test_the_groups_stand_in_one_order_and_an_empty_one_says_none(small: RuleBook) -> None:
    audit = AuditData(small, DAY, {}, ())
    assert [item.id for item in decision_groups(audit)] == GROUPS
    page = plain(first_page(audit))
    assert page.index("What needs a decision") < page.index("The state of the rulebook") < page.index("All rules")
    assert "Rejected none" in page
    assert "Unsigned 2" in page


def test_a_rule_that_lacks_a_signature_says_how_to_sign_it(small: RuleBook) -> None:
    line = lines(small, "unsigned")["CA-01"]
    assert line.command == "cds sign CA-01 --reviewer NAME --role ROLE"
    assert line.link == "rule-ca-01.html"
    needed = small.signatures_needed("CA-01")
    once = signed(small, "CA-01", "Dr One")
    assert ("CA-01" in lines(once, "unsigned")) is (needed == 2)
    assert "CA-01" not in lines(signed(small, "CA-01", "Dr One", "Dr Two"), "unsigned")


def test_a_signature_that_has_expired_signs_nothing_any_more(small: RuleBook) -> None:
    both = signed(small, "CA-01", "Dr One", "Dr Two")
    later = date(2027, 1, 2)
    assert "valid to 2027-01-01" in lines(both, "unsigned", later)["CA-01"].why
    assert "CA-01" not in lines(both, "changed", later)


def test_a_rule_that_changed_after_it_was_signed_stands_under_changed_and_under_unsigned(small: RuleBook) -> None:
    book = changed(signed(small, "CA-01", "Dr One", "Dr Two"), "CA-01")
    assert "Dr One said 'approve' on 2026-11-22" in lines(book, "changed")["CA-01"].why
    assert "CA-01" in lines(book, "unsigned")
    assert lines(small, "changed") == {}


def test_a_rejection_is_shown_with_its_reason_until_the_rule_changes(small: RuleBook) -> None:
    book = signed(small, "CA-01", "Dr No", verdict="reject", comment="11 is too high")
    assert "Dr No rejected it on 2026-11-22: 11 is too high" in lines(book, "rejected")["CA-01"].why
    assert lines(changed(book, "CA-01"), "rejected") == {}
    assert "CA-01" in lines(changed(book, "CA-01"), "changed")


@pytest.mark.parametrize(
    ("day", "where"), [("2027-01-02", "overdue"), ("2027-01-01", "due"), ("2026-11-02", "due"), ("2026-11-01", "")]
)
def test_a_review_is_overdue_after_its_day_and_due_sixty_days_before(small: RuleBook, day: str, where: str) -> None:
    found = {name for name in ("overdue", "due") if "CA-01" in lines(small, name, date.fromisoformat(day))}
    assert found == ({where} if where else set())


def test_a_source_that_nobody_has_read_again_is_named(book: RuleBook) -> None:
    unread = lines(book, "unread")
    for source in book.sources.values():
        everything = bool(source.statements) and all(item.read_in for item in source.statements)
        assert (source.id in unread) is not everything, source.id
    assert "evidence.yaml" in next(iter(unread.values())).todo


def test_an_amendment_that_is_not_done_is_shown(small: RuleBook) -> None:
    items = [Amendment("A-1", "Something", state, Spot("a", 1), "not yet") for state in ("done", "later")]
    assert "A-1" not in lines(replace(small, amendments=(items[0],)), "amendments")
    assert "later: Something. not yet" in lines(replace(small, amendments=(items[1],)), "amendments")["A-1"].why


def test_nobody_says_none_of_what_was_not_counted(small: RuleBook) -> None:
    assert group(small, "never-fired").unknown
    assert group(small, "proofs").unknown
    page = plain(first_page(AuditData(small, DAY, {}, ())))
    assert "Rules that never fired not known" in page
    assert "Proofs not run, or not holding not known" in page
    told = "No case fails; no small change was tried in this build: run cds check."
    assert f"small changes that no case notices not known {told}" in page
    tried = AuditData(small, DAY, {}, (), alive=frozenset())
    assert "small changes that no case notices none" in plain(first_page(tried))


def test_a_property_that_was_not_run_is_named_as_such_with_its_command(small: RuleBook) -> None:
    known = Frozen({"one-outcome": "everybody gets one outcome", "reachable": "no rule is dead"})
    proofs = (Proof("one-outcome", True, "It holds.", (), None, 0.1, asked=3),)
    audit = AuditData(small, DAY, {}, (), proofs=proofs, known=known)
    (line,) = next(item for item in decision_groups(audit) if item.id == "proofs").lines
    assert (line.name, line.command) == ("reachable", "cds prove --only reachable")
    page = next(plain(page.html) for page in Site(audit).about_words() if page.name == "proofs.html")
    assert "one-outcome holds (3 questions) It holds." in page
    assert "reachable not run in this build Asked is: no rule is dead. Run cds prove --only reachable" in page
    nothing = next(plain(p.html) for p in Site(replace(audit, proofs=None)).about_words() if p.name == "proofs.html")
    assert "holds (" not in nothing
    assert nothing.count("not run in this build") == 2


def test_a_proof_that_does_not_hold_or_is_not_settled_needs_a_decision(small: RuleBook) -> None:
    proofs = (Proof("a", False, "Broken.", (), None, 0.1), Proof("b", None, "Perhaps.", (), None, 0.1))
    found = next(i for i in decision_groups(AuditData(small, DAY, {}, (), proofs=proofs)) if i.id == "proofs").lines
    assert [line.why for line in found] == ["does not hold: Broken.", "not settled: Perhaps."]


def test_a_small_change_that_no_case_notices_needs_a_decision_unless_it_is_accepted(small: RuleBook) -> None:
    what = mutants(small)[0].what
    alive = AuditData(small, DAY, {}, (), alive=frozenset({what}))
    (line,) = next(item for item in decision_groups(alive) if item.id == "tests").lines
    assert what in line.why
    book = replace(small, accepted=Frozen({what: "no case can notice it"}))
    assert next(i for i in decision_groups(replace(alive, book=book)) if i.id == "tests").lines == ()


def test_every_link_and_every_group_of_the_first_page_leads_somewhere(book: RuleBook) -> None:
    page = first_page(AuditData(book, DAY, {}, ()))
    places = set(re.findall(r'id="([^"]+)"', page))
    wanted = set(re.findall(r'href="#(decide-[^"]+)"', page))
    assert wanted
    assert wanted <= places
    assert page.count("cds sign ") >= len(book.rules)


def test_rules_that_never_fired_are_told_with_the_patients_among_whom(book: RuleBook, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "high-calcium", tmp_path / "high-calcium")
    audit = AuditData(book, DAY, {}, samples_of(book, tmp_path))
    (sample,) = audit.samples
    found = next(item for item in decision_groups(audit) if item.id == "never-fired")
    assert {line.name.split()[0] for line in found.lines} == book.rules.keys() - sample.fired
    assert "the 1 sample patients" in found.note
    assert "no --population was given" in found.note
    assert found.lines[0].command == "cds audit --population FILES"
    people = counted(book, people_in([str(SAMPLES / "*" / "bundle.json")], DAY), DAY)
    found = next(item for item in decision_groups(replace(audit, population=people)) if item.id == "never-fired")
    assert {line.name.split()[0] for line in found.lines} == {name for name in book.rules if not people.fired[name]}
    assert f"{people.patients} patients of --population" in found.note


def audited(rules: Path, out: Path, *words: str) -> str:
    """The page of proofs of a book that the command writes."""
    done = CliRunner().invoke(app, ["audit", "--rules", str(rules), "--out", str(out), *words])
    assert done.exit_code == 0, done.output
    return plain((out / "proofs.html").read_text("utf-8"))


@pytest.mark.slow
def test_the_build_runs_proofs_when_asked_and_shows_them_for_exactly_these_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("z3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rules = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    before = audited(rules, tmp_path / "one")
    assert "never-errors not run in this build" in before
    assert "holds (" not in before
    assert "never-errors holds (" in audited(rules, tmp_path / "two", "--prove")
    assert "never-errors holds (" in audited(rules, tmp_path / "three"), "they are kept"
    rule = rules / "calcium" / "ca-02-continue.yaml"
    rule.write_text(rule.read_text("utf-8").replace("says: Calcium goes on.", "says: Calcium goes on today."), "utf-8")
    changed_since = audited(rules, tmp_path / "four")
    assert "never-errors not run in this build" in changed_since
    assert "holds (" not in changed_since
