"""What a small change does to the cases is told from what is known of them, as trying all of them anew tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds.evaluation import Evaluator
from cds.facts.formulas import FORMULAS
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failure
from cds.review.known_cases import KnownCases
from cds.review.mutation import Mutant, mutants
from cds.review.noticing import noticing
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
