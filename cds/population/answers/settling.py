"""What would settle an answer that is not given for want of data: each missing result, and each uncertain dose."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

from cds.evaluation import Evaluation, evaluator_of
from cds.facts.chart import Supposed, chart_of
from cds.quantity import point
from cds.review.supposed import SupposedPatient, result_today, sharing
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Dose, Measurement, RuleBook

MOST_TRIED = 12
"""How many missing results of one patient are tried, those first that most open findings rest on."""


def settled_by(evaluation: Evaluation) -> list[str]:
    """What would give an answer where there is none, each by itself; sorted.

    A measurement would with a usual result of the day; a dose that is known only as a range, if both ends of the range
    would. The whole rulebook is asked again. With an unusual result it may be otherwise: ``cds what-if`` tries every
    value, for one patient.
    """
    if evaluation.outcome != evaluation.book.no_answer:
        return []
    results = (name for name in _missing(evaluation)[:MOST_TRIED] if _settles(evaluation, name))
    doses = (name for name in _uncertain_doses(evaluation) if _settles_known(evaluation, name))
    return sorted((*results, *doses))


def _uncertain_doses(evaluation: Evaluation) -> list[str]:
    """The doses that are known only as a range."""
    doses = (term.name for term in evaluation.book.terms.values() if isinstance(term, Dose))
    return [name for name in doses if (fact := evaluation.chart.value(name)) is not None and not fact.value.is_point]


def _settles_known(evaluation: Evaluation, name: str) -> bool:
    """Whether there would be an answer if a dose were known: at the lowest and at the highest that it can be."""
    book, chart = evaluation.book, evaluation.chart
    fact = chart.value(name)
    ends = [] if fact is None else [fact._replace(value=point(end)) for end in fact.value[:2] if isfinite(end)]
    charts = [chart_of(chart.record, book, chart.as_of, Supposed({name: end}, {}, {})) for end in ends]
    return len(charts) == 2 and all(evaluator_of(book).evaluate(each).outcome != book.no_answer for each in charts)


def _missing(evaluation: Evaluation) -> list[str]:
    """The measurements that the open findings of asking rules rest on and that are not known."""
    counted: dict[str, int] = {}
    for leaves in evaluation.answer.asking.values():
        for leaf in leaves:
            for name in _measured_behind(evaluation.book, leaf.finding):
                if evaluation.chart.value(name) is None:
                    counted[name] = counted.get(name, 0) + 1
    return sorted(counted, key=lambda name: (-counted[name], name))


@lru_cache(maxsize=4096)
def _measured_behind(book: RuleBook, finding: str) -> tuple[str, ...]:
    return tuple(name for name in graph_of(book).roots[finding] if isinstance(book.terms.get(name), Measurement))


def _settles(evaluation: Evaluation, name: str) -> bool:
    book, chart = evaluation.book, evaluation.chart
    term = book.terms[name]
    assert isinstance(term, Measurement)  # noqa: S101
    patient = SupposedPatient(chart.record, book, chart.as_of)
    supposed = result_today(_sharing(book, name))(patient, term.usual)
    return evaluator_of(book).evaluate(supposed.chart()).outcome != book.no_answer


@lru_cache(maxsize=1024)
def _sharing(book: RuleBook, name: str) -> tuple[str, ...]:
    term = book.terms[name]
    assert isinstance(term, Measurement)  # noqa: S101
    return sharing(book, {term.codes[0][:2]})
