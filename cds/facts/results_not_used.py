"""Results on record that could not be used, and that rules would have read: without them something is not known."""

from __future__ import annotations

from functools import lru_cache

from cds.facts.fact import Fact, FactView
from cds.facts.formulas import FORMULAS
from cds.facts.limits import FROM
from cds.facts.selection import first_usable
from cds.intake.record import LOST_RESULTS, Issue, Record
from cds.intake.results.flags import CONTRADICTS
from cds.intake.results.observations import plain_time_of
from cds.intake.results.ranges import NOT_READ
from cds.rulebook.graph import graph_of, measured_by
from cds.rulebook.model import Computed, RuleBook


def results_not_used(chart: FactView) -> list[Issue]:
    """The issues of results that were not used, of terms that rules read.

    A result without a value (a reason in its place, or a code that is never read) is left out where a usable one of
    that day or later says what it would have said.
    """
    lost = [issue for issue in chart.record.issues if issue.code in LOST_RESULTS and issue.term]
    return [issue for issue in lost if issue.term in _read_terms(chart.book) and not _stood_in_for(chart, issue)]


def may_be_newer(record: Record, issue: Issue, fact: Fact | None) -> bool:
    """Whether a result that was not used may have been drawn on a later day than a fact; one without a day may."""
    if fact is None or fact.when is None:
        return True
    resource = next((each for each in record.read if record.name_of(each) == issue.source), None)
    drawn = None if resource is None else plain_time_of(resource)
    return drawn is None or drawn.last > fact.when.last


def limits_not_read(chart: FactView) -> list[Issue]:
    """The issues of results whose own range could not be used, or contradicts their flag, of terms judged by it."""
    issues = (issue for issue in chart.record.issues if issue.code in (NOT_READ, CONTRADICTS))
    return [issue for issue in issues if issue.term in _judged_by_their_limits(chart.book)]


@lru_cache(maxsize=8)
def _judged_by_their_limits(book: RuleBook) -> frozenset[str]:
    """The terms whose laboratory's own limits a computed term takes where they are plausible, and their inputs."""
    computed = (term for term in book.terms.values() if isinstance(term, Computed))
    judged = (name for term in computed if FROM in term.numbers for name in term.inputs)
    return frozenset(term.name for name in judged for term in measured_by(name, book.terms))


@lru_cache(maxsize=8)
def _read_terms(book: RuleBook) -> frozenset[str]:
    """The terms that findings rest on."""
    return frozenset().union(*graph_of(book).roots.values()) & book.terms.keys()


@lru_cache(maxsize=8)
def _stand_ins(book: RuleBook) -> dict[str, tuple[str, ...]]:
    """For each term the computed ones that take the first usable of it and of others."""
    found: dict[str, tuple[str, ...]] = {}
    for term in book.terms.values():
        if isinstance(term, Computed) and FORMULAS[term.formula].compute is first_usable:
            found |= {name: (*found.get(name, ()), term.name) for name in term.inputs}
    return found


def _stood_in_for(chart: FactView, issue: Issue) -> bool:
    if issue.day is None:
        return False
    days = [reading.when.last for reading in chart.record.readings.get(issue.term, ())]
    facts = (chart.value(name) for name in _stand_ins(chart.book).get(issue.term, ()))
    days += [fact.when.last for fact in facts if fact is not None and fact.when is not None]
    return any(day >= issue.day for day in days)
