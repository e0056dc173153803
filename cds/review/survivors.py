"""Runs the cases against every mutant; those that no case notices survive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cds.evaluation import Evaluator
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failure
from cds.review.mutation import Mutant, mutants
from cds.rulebook.model import Case, Computed, Joined, Rule, RuleBook, finding_names_in
from cds.rulebook.sentences import NoneRecorded, sentence_terms

Progress = Callable[[int, int], None]


def survivors(book: RuleBook, progress: Progress = lambda done, total: None) -> tuple[list[Mutant], int]:
    """The mutants that no case notices, and how many were tried."""
    readers, found, tried = _readers(book), [], mutants(book)
    for number, mutant in enumerate(tried):
        if not _noticed(book, mutant, readers):
            found.append(mutant)
        progress(number + 1, len(tried))
    return found, len(tried)


def _noticed(book: RuleBook, mutant: Mutant, readers: dict[str, list[str]]) -> bool:
    changed = mutant.change(book)
    evaluator = Evaluator(changed, PlainReasoner(changed))
    return any(failure(evaluator, rule, case) for rule, case in _cases(book, mutant, readers))


def _cases(book: RuleBook, mutant: Mutant, readers: dict[str, list[str]]) -> Iterator[tuple[str, Case]]:
    """The cases of the rules that read what was changed."""
    names = [mutant.rule] if mutant.rule else readers.get(mutant.finding, [])
    for name in names:
        yield from ((name, case) for case in book.rules[name].cases)
    if mutant.rule:
        others = (rule for rule in book.rules.values() if rule.id != mutant.rule)
        yield from ((rule.id, case) for rule in others for case in rule.cases if case.expect in book.outcomes)


def _readers(book: RuleBook) -> dict[str, list[str]]:
    """For each finding, the rules that its state can reach, the nearest first."""
    readers: dict[str, list[str]] = {}
    for rule in book.rules.values():
        for name in reached(book, _direct(rule)):
            readers.setdefault(name, []).append(rule.id)
    for entry in book.removals:
        clauses = [clause.value for clause in (*entry.when, *entry.only_if) if clause.kind == "finding"]
        touched = entry.cards | entry.votes | {rule for rules in entry.codes.values() for rule in rules}
        for name in reached(book, clauses):
            listed = readers.setdefault(name, [])
            listed.extend(rule for rule in sorted(touched) if rule not in listed)
    return readers


def _direct(rule: Rule) -> list[str]:
    names = [part.finding for part in rule.when.parts] + [vote.finding for vote in rule.votes if vote.finding]
    clauses = [clause for saying in rule.advice for clause in saying.conditions]
    clauses += [clause for text in rule.card.texts for line in text.when for clause in line]
    clauses += [clause for _, line in rule.card.indicators for clause in line]
    return names + [clause.value for clause in clauses if clause.kind == "finding"]


def reached(book: RuleBook, names: list[str]) -> set[str]:
    """The findings, those they are made of, and those that decide how long a value behind them is usable."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        definition = book.findings[name].definition
        if isinstance(definition, Joined):
            todo += [part.finding for part in definition.parts]
        elif isinstance(definition, NoneRecorded):
            todo += definition.findings
        else:
            todo += [f for term in sentence_terms(definition) for f in _findings_behind(book, term, seen)]
    return found


def _findings_behind(book: RuleBook, name: str, seen: set[str]) -> list[str]:
    """The findings that a term, and the terms it is computed from, depend on."""
    if name in seen:
        return []
    seen.add(name)
    term = book.terms[name]
    inputs = term.inputs if isinstance(term, Computed) else ()
    behind = (f for other in inputs if other in book.terms for f in _findings_behind(book, other, seen))
    return [*finding_names_in(term), *behind]
