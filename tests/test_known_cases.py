"""What a small change does to the cases is told from what is known of them, as trying all of them anew tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds.evaluation import Evaluator
from cds.facts.formulas import FORMULAS
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failure
from cds.review.known_cases import KnownCase, KnownCases
from cds.review.mutation import Mutant, mutants
from cds.review.noticing import noticing
from cds.review.trials import trial_of
from cds.rulebook.graph import graph_of
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

SMALL = Path(__file__).resolve().parent / "good_rules"


def anew(book: RuleBook, mutant: Mutant) -> bool:
    """Whether a case of a rule that reads what was changed fails, each evaluated anew by the changed rulebook."""
    changed = mutant.change(book)
    evaluator = Evaluator(changed, PlainReasoner(changed))
    rules = book.rules if mutant.rule else graph_of(book).readers.get(mutant.node, [])
    return any(
        failure(evaluator, rule, case)
        for rule in rules
        for case in book.rules[rule].cases
        if rule in (mutant.rule, *([] if mutant.rule else rules)) or case.expect in book.outcomes
    )


def test_every_small_change_of_a_small_rulebook_is_told_as_anew() -> None:
    book = read_rulebook(SMALL, FORMULAS)
    known = KnownCases(book)
    tried = mutants(book)
    assert len(tried) > 5
    assert [noticing(mutant, known) is not None for mutant in tried] == [anew(book, mutant) for mutant in tried]


@pytest.mark.slow
def test_so_is_every_fiftieth_of_the_rules(book: RuleBook) -> None:
    known = KnownCases(book)
    tried = mutants(book)[::25]
    assert [noticing(mutant, known) is not None for mutant in tried] == [anew(book, mutant) for mutant in tried]


@pytest.mark.slow
def test_a_case_with_an_open_question_is_told_as_anew_too(book: RuleBook) -> None:
    known = KnownCases(book)
    opened = [case for rule in book.rules for case in known.of_rule(rule) if case.compared]
    near = {case.rule for case in opened}
    tried = [m for m in mutants(book) if m.rule in near or near & {*graph_of(book).readers.get(m.node, [])}]
    told, expected = list[bool](), list[bool]()
    for mutant in tried[::8]:
        changed = mutant.change(book)
        evaluator = Evaluator(changed, PlainReasoner(changed))
        trial = trial_of(known, changed, finding=mutant.finding, rule=mutant.rule)
        told += [trial.fails(case) for case in opened]
        expected += [failure(evaluator, case.rule, case.case) is not None for case in opened]
    assert told == expected
    assert set(told) == {True, False}


@pytest.mark.slow
def test_a_witness_that_notices_no_longer_leaves_the_change_to_the_others(book: RuleBook) -> None:
    known = KnownCases(book)
    cases = [case for rule in book.rules for case in known.of_rule(rule)]
    for mutant in [m for m in mutants(book)[::100] if noticing(m, known) is not None]:
        trial = trial_of(known, mutant.change(book), finding=mutant.finding, rule=mutant.rule)
        silent = next(case for case in cases if not trial.fails(case) and not any(map(trial.fails, alike(known, case))))
        assert noticing(mutant, known, (silent.rule, silent.case.name)) is not None


def alike(known: KnownCases, case: KnownCase) -> list[KnownCase]:
    """The cases of its rule with its name."""
    return known.named(case.rule, case.case.name)
