"""What rules asked for and the record does not hold, or not for certain, in words."""

from __future__ import annotations

from itertools import chain

from cds.cards.basis import Basis, recorded_sources
from cds.cards.lines import Line, line_of
from cds.cards.wording import fact_text
from cds.evaluation import Evaluation
from cds.facts.chart import Chart
from cds.quantity import UNKNOWN

TOO_OLD = "too old to be used"
UNCLEAR = "on record, but not certain or too old"


def missing(evaluation: Evaluation, basis: Basis) -> list[Line]:
    """Each thing once, with the entries by which it may be there."""
    chart = evaluation.chart
    found: dict[str, Line] = {}
    for leaves in evaluation.answer.asking.values():
        for leaf in leaves:
            found |= {name: _missing(chart, name) for name in leaf.terms if chart.value(name) is None}
            found |= {name: line for name in leaf.recorded if (line := _unclear(basis, name))}
    return sorted(found.values(), key=lambda line: line.text)


def names_missing(evaluation: Evaluation) -> list[str]:
    """The same by the names of the terms alone, without what the record says of them."""
    chart, leaves = evaluation.chart, chain.from_iterable(evaluation.answer.asking.values())
    found = set[str]()
    for leaf in leaves:
        found |= {name for name in leaf.terms if chart.value(name) is None}
        found |= {name for name in leaf.recorded if chart.state(name) is UNKNOWN and recorded_sources(chart, name)}
    return sorted(found)


def _unclear(basis: Basis, name: str) -> Line | None:
    """That a condition or medicine is on record and nobody knows whether it holds; None where it is not on record."""
    chart = basis.chart
    sources = recorded_sources(chart, name) if chart.state(name) is UNKNOWN else []
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
