"""In which order facts and findings are worked out, and which of them something that changes can change."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

from cds.facts.checks import cautious_checks_of, checks_of
from cds.facts.quantities import WORK_OUT
from cds.rulebook.graph import FINDING, TERM, Node, graph_of
from cds.rulebook.model import Joined, RuleBook


class Step(NamedTuple):
    """One thing to work out: the fact of a term, or the state of a finding, from a worksheet with all before it."""

    name: str
    is_fact: bool
    work_out: Callable[[Any], Any]
    rests_on: frozenset[str]
    """Everything that can change it: parts of a record, terms and findings, itself among them."""


@lru_cache(maxsize=4096)
def steps_of(book: RuleBook, changed: frozenset[str] | None, *, cautious: bool) -> tuple[Step, ...]:
    """What has to be worked out, in order, when parts of a record, facts or findings change; all of it for None.

    ``cautious``: while a part of the record was not read.
    """
    steps = every_step(book, cautious=cautious)
    return steps if changed is None else tuple(step for step in steps if not changed.isdisjoint(step.rests_on))


@lru_cache(maxsize=16)
def every_step(book: RuleBook, *, cautious: bool) -> tuple[Step, ...]:
    """Everything that is worked out, each after all that it needs."""
    checks = cautious_checks_of(book) if cautious else checks_of(book)
    needs, wanted = graph_of(book).needs, _wanted(book)
    behind: dict[Node, frozenset[str]] = {}
    steps = []
    for node in TopologicalSorter(needs_in_order(book, needs)).static_order():
        kind, name = node
        behind[node] = frozenset({name}).union(*(behind[need] for need in needs.get(node, ())))
        if kind == TERM and (work_out := WORK_OUT.get(type(book.terms[name]))):
            steps.append(Step(name, True, _of_term(work_out, book.terms[name]), behind[node]))
        elif kind == FINDING and node in wanted:
            steps.append(Step(name, False, checks[name], behind[node]))
    return tuple(steps)


def _of_term(work_out: Callable[[Any, Any], Any], term: object) -> Callable[[Any], Any]:
    return lambda sheet: work_out(sheet, term)


def _wanted(book: RuleBook) -> frozenset[Node]:
    """The findings that sentences define, and those that terms and sentences read; the others follow from them."""
    needs = graph_of(book).needs
    wanted = {(FINDING, name) for name, f in book.findings.items() if not isinstance(f.definition, Joined)}
    waiting = [*wanted, *((TERM, name) for name in book.terms)]
    while waiting:
        new = {need for need in needs.get(waiting.pop(), ()) if need[0] == FINDING} - wanted
        wanted |= new
        waiting += new
    return frozenset(wanted)


def needs_in_order(book: RuleBook, needs: dict[Node, frozenset[Node]]) -> dict[Node, frozenset[Node]]:
    """The needs; and sentences about what was not used come last, as they look whether another value stands in for it.

    A value that stands in for another one changes none of these findings by itself.
    """
    terms = frozenset((TERM, name) for name in book.terms)
    last = {(FINDING, name) for name, finding in book.findings.items() if finding.definition.reads_issues}
    return {node: need | terms if node in last else need for node, need in needs.items()}
