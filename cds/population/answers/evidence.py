"""What an answer rests on, for its row in the table: resources with their places, and values with thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cds.cards.basis import recorded_sources
from cds.evaluation import Evaluation
from cds.population.answers.parsing import Read
from cds.population.answers.results import Value
from cds.rulebook.model import RuleBook


def evidence_of(evaluation: Evaluation, read: Iterable[Read]) -> list[tuple[str, int, int]]:
    """The resources behind what is said, each with its file and offset; what lies in no file has no place."""
    sources = dict.fromkeys(_behind(evaluation)) if evaluation.decision.said else {}
    if not sources:
        return []
    record = evaluation.chart.record
    places = {record.name_of(item.resource): item.row for item in read}
    return [(source, places[source].file, places[source].offset) for source in sources if source in places]


def _behind(evaluation: Evaluation) -> Iterator[str]:
    chart = evaluation.chart
    for said in evaluation.decision.said:
        for leaf in evaluation.answer.grounds[said.rule]:
            for name in leaf.terms:
                if (fact := chart.value(name)) is not None:
                    yield from fact.sources
            for name in leaf.recorded:
                yield from recorded_sources(chart, name)


def values_of(evaluation: Evaluation) -> list[Value]:
    """The usable facts that findings compare with a number."""
    facts = ((name, evaluation.chart.value(name)) for name in _compared(evaluation.book))
    return [
        Value(name, fact.value.low, fact.value.high, fact.unit, fact.when.first if fact.when else None)
        for name, fact in facts
        if fact is not None
    ]


@lru_cache(maxsize=8)
def _compared(book: RuleBook) -> tuple[str, ...]:
    """The terms that findings compare with a number, in the order of the terms."""
    defined = (finding.definition for finding in book.findings.values())
    compared = {definition.terms[0] for definition in defined if definition.thresholds and definition.terms}
    return tuple(name for name in book.terms if name in compared)
