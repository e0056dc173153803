"""The cases beside the rules hold, and every rule has the kinds of cases that a reviewer needs."""

from __future__ import annotations

from cds.evaluation import Evaluator
from cds.review.cases import failures
from cds.rulebook.model import RuleBook


def test_every_case_beside_a_rule_holds(book: RuleBook) -> None:
    assert failures(book, Evaluator(book)) == []


def test_every_rule_has_a_case_that_fires_and_one_that_does_not(book: RuleBook) -> None:
    lacking = {
        name: expects
        for name, rule in book.rules.items()
        if not (expects := {case.expect for case in rule.cases}) - {"nothing", "ask"}
        or not expects & {"nothing", "ask"}
    }
    assert lacking == {}, "rules without a firing or without a silent case"
