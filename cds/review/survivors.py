"""Runs the cases against every mutant; those that no case notices survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cds.evaluation import Evaluator
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failure
from cds.review.mutation import Mutant, mutants
from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import Case, RuleBook

Progress = Callable[[int, int], None]


def survivors(book: RuleBook, progress: Progress = lambda done, total: None) -> tuple[list[Mutant], int]:
    """The mutants that no case notices, and how many were tried."""
    found, tried = list[Mutant](), mutants(book)
    for number, mutant in enumerate(tried):
        if not _noticed(book, mutant):
            found.append(mutant)
        progress(number + 1, len(tried))
    return found, len(tried)


def _noticed(book: RuleBook, mutant: Mutant) -> bool:
    changed = mutant.change(book)
    evaluator = Evaluator(changed, PlainReasoner(changed))
    return any(failure(evaluator, rule, case) for rule, case in _cases(book, mutant))


def _cases(book: RuleBook, mutant: Mutant) -> Iterator[tuple[str, Case]]:
    """The cases of the rules that read what was changed."""
    names = [mutant.rule] if mutant.rule else graph_of(book).readers.get((FINDING, mutant.finding), [])
    for name in names:
        yield from ((name, case) for case in book.rules[name].cases)
    if mutant.rule:
        others = (rule for rule in book.rules.values() if rule.id != mutant.rule)
        yield from ((rule.id, case) for rule in others for case in rule.cases if case.expect in book.outcomes)
