"""What rules asked for and the record does not hold, or not for certain, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from cds.cards.basis import Basis, recorded_sources
from cds.cards.lines import Line, line_of
from cds.cards.wording import fact_text
from cds.evaluation import Evaluation
from cds.facts.chart import Chart
from cds.quantity import UNKNOWN
from cds.why import Leaf

TOO_OLD = "too old to be used"
UNCLEAR = "on record, but not certain or too old"


def missing(evaluation: Evaluation, basis: Basis) -> list[Line]:
    """Each thing once, with the entries by which it may be there."""
    chart = evaluation.chart
    found: dict[str, Line] = {}
    for leaf in _asking(evaluation):
        found |= {name: _missing(chart, name) for name in leaf.terms if chart.value(name) is None}
        found |= {name: line for name in leaf.recorded if (line := _unclear(basis, name))}
    return sorted(found.values(), key=lambda line: line.text)


def missing_names(evaluation: Evaluation) -> list[str]:
    """The names of the same things, in the order of the alphabet: what a count of many patients goes by."""
    chart = evaluation.chart
    unknown = {name for leaf in _asking(evaluation) for name in leaf.terms if chart.value(name) is None}
    unclear = {name for leaf in _asking(evaluation) for name in leaf.recorded if _entries_in_doubt(chart, name)}
    return sorted(unknown | unclear)


def _asking(evaluation: Evaluation) -> Iterator[Leaf]:
    return chain.from_iterable(evaluation.answer.asking.values())


def _entries_in_doubt(chart: Chart, name: str) -> list[str]:
    """The entries by which a condition or medicine may be there, where nobody knows whether it holds."""
    return recorded_sources(chart, name) if chart.state(name) is UNKNOWN else []


def _unclear(basis: Basis, name: str) -> Line | None:
    """That a condition or medicine is on record and nobody knows whether it holds; None where it is not on record."""
    chart = basis.chart
    sources = _entries_in_doubt(chart, name)
    if not sources:
        return None
    wording = chart.book.wording
    named = basis.names(name, sources)
    told = wording.remark(f"{UNCLEAR}: {named}" if named else UNCLEAR)
    return line_of(wording.filled("{} ({})", wording.name(name), told), tuple(sources))


def _missing(chart: Chart, name: str) -> Line:
    old = chart.stale.get(name)
    shown = chart.book.wording.name(name)
    if old is None or old.when is None:
        return line_of(shown)
    wording, value = chart.book.wording, fact_text(chart.book, chart.book.terms[name], old)
    told = wording.filled("{} ({})", shown, wording.remark(f"{value} of {old.when.text} is {TOO_OLD}"))
    return line_of(told, old.sources)
