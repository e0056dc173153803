"""How a chart tells the states of findings, also while a part of the record was never read.

What stands in such a part can make a finding present, so none is absent. A part is named as in ``Record.unread``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.facts.fact import Check, Facts
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.graph import GOALS, OBSERVATIONS, PATIENT, graph_of, measured_by, parts_of
from cds.rulebook.model import Computed, Form, RuleBook
from cds.rulebook.model.form import Unread

DOUBTFUL = {
    Unread.NEVER_ABSENT: (ABSENT,),
    Unread.UNKNOWN: (PRESENT, ABSENT),
    Unread.BY_DEFAULTS: (PRESENT, ABSENT),
}
"""The states that a part that was not read makes unknown."""


@lru_cache(maxsize=8)
def checks_of(book: RuleBook) -> dict[str, Check]:
    """For each finding, how a chart tells its state: built once per rulebook."""
    return {name: finding.definition.check(book) for name, finding in book.findings.items()}


@lru_cache(maxsize=8)
def cautious_checks_of(book: RuleBook) -> dict[str, Check]:
    """For each finding, how a chart tells its state while parts of the record were not read."""
    return {name: _cautious(book, book.findings[name].definition, check) for name, check in checks_of(book).items()}


def parts_read(book: RuleBook, form: Form) -> frozenset[str]:
    """The parts of a record that make a form doubtful when they were not read."""
    parts = frozenset().union(*(parts_of(book, term) for term in form.terms)) if form.terms else {OBSERVATIONS}
    return frozenset(parts & {GOALS, PATIENT} if form.when_unread is Unread.BY_DEFAULTS else parts)


def _cautious(book: RuleBook, form: Form, check: Check) -> Check:
    if form.when_unread is Unread.AS_IT_IS:
        return check
    if form.when_unread is Unread.NOTHING_MISSING:
        return _nothing_missing(form, check)
    parts, doubtful = parts_read(book, form), DOUBTFUL[form.when_unread]
    exceptions = _exceptions(book, form.terms) if form.when_unread is Unread.BY_DEFAULTS else {}

    def cautious(chart: Facts) -> State:
        state, unread = check(chart), chart.record.unread
        if state in doubtful and parts & unread:
            return UNKNOWN
        denied = any(chart.state(finding) is ABSENT for finding, rests in exceptions.items() if rests & unread)
        return UNKNOWN if denied else state

    return cautious


def _exceptions(book: RuleBook, terms: Iterable[str]) -> dict[str, frozenset[str]]:
    """The findings that change a value behind the terms, each with the parts of a record that it rests on.

    One that is absent although such a part was not read was only not proven.
    """
    computed = (term for name in terms for term in measured_by(name, book.terms) if isinstance(term, Computed))
    named = {exception.finding for term in computed for exception in term.instead if exception.finding}
    return {finding: graph_of(book).parts(finding) for finding in named}


def _nothing_missing(form: Form, check: Check) -> Check:
    """Nothing can be said to be missing in a part that was not read; one finding that is present settles it."""

    def cautious(chart: Facts) -> State:
        if any(chart.state(name) is PRESENT for name in form.findings):
            return ABSENT
        return UNKNOWN if chart.record.unread else check(chart)

    return cautious
