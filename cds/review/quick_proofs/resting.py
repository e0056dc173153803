"""What hangs together: what a term is worked out from, which results are lost together, what a rule rests on."""

from __future__ import annotations

from collections.abc import Iterator

from cds.reasoning.program import program_of
from cds.review.quick_proofs.written import meant_as
from cds.rulebook.graph import FINDING, TERM, findings_of_removal, findings_of_rule, graph_of
from cds.rulebook.model import Computed, Measurement, RuleBook


def reached_from(book: RuleBook, term: str) -> set[tuple[str, str]]:
    """What a term is worked out from, through terms alone."""
    todo, found = [term], set()
    while todo:
        known = book.terms[todo.pop()]
        for name in known.inputs if isinstance(known, Computed) else ():
            if name in book.terms and (TERM, name) not in found:
                found.add((TERM, name))
                todo.append(name)
    return found


def computed_with(book: RuleBook, name: str) -> Iterator[str]:
    """The computed terms whose free numbers follow from a measurement."""
    for term in book.terms.values():
        if isinstance(term, Computed) and (TERM, name) in reached_from(book, term.name):
            yield term.name


def families(book: RuleBook) -> list[tuple[str, ...]]:
    """The measurements, those together of which a formula chooses one."""
    groups = [{term.name} for term in book.terms.values() if isinstance(term, Measurement)]
    for names in _together(book):
        joined = [group for group in groups if group & names]
        groups = [group for group in groups if not group & names] + [set[str]().union(*joined)]
    return sorted(tuple(sorted(group)) for group in groups if group)


def _together(book: RuleBook) -> Iterator[set[str]]:
    """Measurements that are lost together: a formula chooses among them, or one code means them all."""
    measured = {name for name, term in book.terms.items() if isinstance(term, Measurement)}
    choosing = book.safety.families if book.safety else ()
    for term in book.terms.values():
        if isinstance(term, Computed) and term.formula in choosing:
            yield measured & {name for _, name in reached_from(book, term.name)}
    for name in sorted(measured):
        if way := meant_as(book, name):
            yield {name, *way.also}


def rests_on(book: RuleBook, rule: str) -> set[tuple[str, str]]:
    """What can change that a rule decides: what it reads, and what could silence it; all, where it asks 'what if'."""
    silencing = [entry for entry in book.removals if rule in entry.votes | entry.cards]
    clauses = [clause for entry in silencing for clause in (*entry.when, *entry.only_if)]
    rules = {rule, *(clause.value for clause in clauses if clause.value in book.rules)}
    names = [name for each in rules for name in findings_of_rule(book.rules[each])]
    names += [name for entry in silencing for name in findings_of_removal(entry)]
    found = graph_of(book).behind_findings(names)
    if any((FINDING, name) in found for name in program_of(book).whatif):
        found |= {(TERM, name) for name in book.terms}
    return found
