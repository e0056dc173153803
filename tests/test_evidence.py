"""Evidence: a rule repeats the grades that its sources print; who signs is warned of what nobody has read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cds.errors import Problem
from cds.review.evidence import evidence_warnings, grade_problems
from cds.rulebook.model import EvidenceStatement, Frozen, Rule, RuleBook, Source

TODAY = date(2026, 11, 30)
RULE = "VD-03"


def with_rule(book: RuleBook, **changed: object) -> RuleBook:
    rule: Rule = book.rules[RULE]._replace(**changed)  # type: ignore[arg-type]
    return replace(book, rules=Frozen({**book.rules, RULE: rule}))


def with_source(book: RuleBook, name: str, **changed: object) -> RuleBook:
    source: Source = book.sources[name]._replace(**changed)  # type: ignore[arg-type]
    return replace(book, sources=Frozen({**book.sources, name: source}))


def of_rule(problems: list[Problem], place: str) -> list[Problem]:
    return [problem for problem in problems if problem.place == place]


def test_every_grade_of_the_rulebook_is_the_one_that_its_source_prints(book: RuleBook) -> None:
    assert list(grade_problems(book)) == []


def test_a_grade_that_is_lacking_other_or_of_no_evidence_is_named_with_what_to_write(book: RuleBook) -> None:
    first, *others = book.rules[RULE].grade
    lacking = list(grade_problems(with_rule(book, grade=tuple(others))))
    other = list(grade_problems(with_rule(book, grade=((first[0], "1A"), *others))))
    strange = list(grade_problems(with_rule(book, grade=(first, *others, ("KDOQI2003", "n.r.")))))
    said = [(problem.what, problem.code) for found in (lacking, other, strange) for problem in found]
    assert said == [
        (f"{first[0]} has no grade.", "grade-differs"),
        (f"the grade of {first[0]} is not '1A'.", "grade-differs"),
        ("KDOQI2003 has a grade and is no evidence of the rule.", "grade-differs"),
    ]
    assert f"Write '{first[0]}: {first[1]}'" in lacking[0].todo


def test_several_statements_give_each_grade_once_and_none_gives_not_read(book: RuleBook) -> None:
    spot = book.sources["EXPERT"].spot
    graded = [EvidenceStatement((RULE,), "4.1", grade, "", "", spot) for grade in ("2B", "1C", "2B")]
    source = book.sources["EXPERT"]._replace(statements=tuple(graded))
    assert (source.grade_for(RULE), source.grade_for("CA-01")) == ("2B; 1C", "n.r.")


def test_a_deciding_rule_of_which_nobody_has_read_a_source_again_is_warned_of(book: RuleBook) -> None:
    warned = {problem.place for problem in evidence_warnings(book, TODAY) if problem.code == "evidence-not-read"}
    deciding = {rule.id for rule in book.rules.values() if rule.votes}
    unread = {name for name in deciding
              if not any(book.sources[source].is_read_for(name) for source in book.rules[name].evidence)}  # fmt: skip
    assert warned == unread != set()
    name = next(iter(sorted(unread)))
    source = book.rules[name].evidence[0]
    read = EvidenceStatement((name,), "4.1", "2B", "the original", "", book.sources[source].spot)
    again = with_source(book, source, statements=(*book.sources[source].statements, read))
    assert not of_rule(list(evidence_warnings(again, TODAY)), name)


@pytest.mark.parametrize(("day", "due"), [("2026-11-29", 1), ("2026-11-30", 0), ("2026-12-01", 0), ("", 0)])
def test_a_source_is_to_be_read_again_from_the_day_after_its_next_check(day: str, due: int, book: RuleBook) -> None:
    other = with_source(book, "BHOF2022", next_check=day)
    found = of_rule(list(evidence_warnings(other, TODAY)), "BHOF2022")
    assert [problem.code for problem in found] == ["evidence-check-due"] * due
