"""Runs the cases against every mutant; those that no case notices survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from cds.evaluation import Evaluator
from cds.facts.roots import FINDING
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failure
from cds.review.mutation import Mutant, mutants
from cds.review.reach import findings_of_removal, findings_of_rule, reached
from cds.rulebook.model import Case, RuleBook

Progress = Callable[[int, int], None]


def survivors(book: RuleBook, progress: Progress = lambda done, total: None) -> tuple[list[Mutant], int]:
    """The mutants that no case notices, and how many were tried."""
    reading, found, tried = readers(book), [], mutants(book)
    for number, mutant in enumerate(tried):
        if not _noticed(book, mutant, reading):
            found.append(mutant)
        progress(number + 1, len(tried))
    return found, len(tried)


def _noticed(book: RuleBook, mutant: Mutant, reading: dict[str, list[str]]) -> bool:
    changed = mutant.change(book)
    evaluator = Evaluator(changed, PlainReasoner(changed))
    return any(failure(evaluator, rule, case) for rule, case in _cases(book, mutant, reading))


def _cases(book: RuleBook, mutant: Mutant, reading: dict[str, list[str]]) -> Iterator[tuple[str, Case]]:
    """The cases of the rules that read what was changed."""
    names = [mutant.rule] if mutant.rule else reading.get(mutant.finding, [])
    for name in names:
        yield from ((name, case) for case in book.rules[name].cases)
    if mutant.rule:
        others = (rule for rule in book.rules.values() if rule.id != mutant.rule)
        yield from ((rule.id, case) for rule in others for case in rule.cases if case.expect in book.outcomes)


@lru_cache(maxsize=2)
def readers(book: RuleBook) -> dict[str, list[str]]:
    """For each finding, the rules that its state can reach, the nearest first."""
    reading: dict[str, list[str]] = {}
    for rule in book.rules.values():
        for name in _reached_findings(book, findings_of_rule(rule)):
            reading.setdefault(name, []).append(rule.id)
    for entry in book.removals:
        touched = entry.cards | entry.votes | {rule for rules in entry.codes.values() for rule in rules}
        for name in _reached_findings(book, findings_of_removal(entry)):
            listed = reading.setdefault(name, [])
            listed.extend(rule for rule in sorted(touched) if rule not in listed)
    return reading


def _reached_findings(book: RuleBook, names: list[str]) -> list[str]:
    return [name for kind, name in reached(book, names) if kind == FINDING]
