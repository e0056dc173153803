"""What stands behind a placeholder of a card's text: the entries of the record, or the results, that make it so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cds.cards.called import Calls
from cds.evaluation import Evaluation
from cds.facts.chart import Chart
from cds.facts.fact import Fact
from cds.intake.record import Course, Mention
from cds.quantity import ABSENT, PRESENT
from cds.rulebook.model import AnyTerm, Medication, RuleBook
from cds.rulebook.placeholders import compared_in, recorded_in


def names_behind(evaluation: Evaluation, calls: Calls, name: str) -> Iterator[tuple[str, str, tuple[int, int] | None]]:
    """What is on record of a term, or of those behind a finding: the term of each entry, its name, and its day."""
    chart, book = evaluation.chart, evaluation.book
    for term, findings in _recorded(book, name).items():
        state = max(map(chart.state, findings))
        if state is ABSENT:
            continue
        own = book.wording.name(term)
        entries = [*chart.record.mentions.get(term, ()), *chart.courses(term)]
        there = [entry for entry in entries if entry.state is not ABSENT]
        for entry in there:
            yield (
                term,
                calls.name(entry.source) or getattr(entry, "name", "") or own,
                _day_of(entry, book.terms.get(term)),
            )
        if not there and state is PRESENT:
            yield term, own, None


def values_behind(chart: Chart, name: str) -> Iterator[tuple[str, Fact]]:
    """The values by which a finding is present, each with its term: ``DXA T-score`` for a bone indication."""
    for term, findings in _compared(chart.book, name).items():
        if (fact := chart.value(term)) is not None and PRESENT in map(chart.state, findings):
            yield term, fact


@lru_cache(maxsize=1024)
def _recorded(book: RuleBook, name: str) -> dict[str, list[str]]:
    """The terms behind a name that a record holds or not, each with the findings by which it is."""
    return recorded_in(name, book.findings, book.terms)


@lru_cache(maxsize=1024)
def _compared(book: RuleBook, name: str) -> dict[str, list[str]]:
    """The terms behind a name whose value is compared, each with the findings that compare it."""
    return compared_in(name, book.findings, book.terms)


def _day_of(entry: Mention | Course, term: AnyTerm | None) -> tuple[int, int] | None:
    """The first and last possible day of an entry: of the last dose of a medicine, else of its begin.

    Of a medicine whose single dose acts for long, the begin of its treatment or an order is no day of a dose.
    """
    if isinstance(entry, Course) and entry.dosed is not None:
        return entry.dosed
    if isinstance(entry, Course) and isinstance(term, Medication) and term.acts_for is not None:
        return None
    when = entry.start if isinstance(entry, Course) else entry.when
    return None if when is None else (when.first, when.last)
