"""Checks for a record of which a part was never read: what stands there can make a finding present, so none is absent.

A part is named as in ``Record.unread``. What is present stays present; what says itself what is known stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.facts.fact import Check, Facts
from cds.facts.roots import PRODUCTS, roots_of
from cds.facts.sentences import checks_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook import sentences as say
from cds.rulebook.model import (
    BIRTH_DATE,
    GENDER,
    Computed,
    Condition,
    Demographic,
    Dose,
    GoalTerm,
    Joined,
    Measurement,
    Medication,
    ProductTerm,
    RuleBook,
)

PATIENT, MEDICINES, CONDITIONS, OBSERVATIONS, GOALS = "patient", "medicines", "conditions", "observations", "goals"
AS_THEY_ARE = (Joined, say.Missing, say.Known, say.DependsOn, say.ChangedBy)
VALUES = (say.Compared, say.SomeResult, say.OutsideLimits)
"""Forms about a value: without one they are unknown already; only a default or another source may stand in for one."""


@lru_cache(maxsize=8)
def cautious_checks_of(book: RuleBook) -> dict[str, Check]:
    """For each finding, how a chart tells its state while parts of the record were not read."""
    return {name: _cautious(book, name, check) for name, check in checks_of(book).items()}


def parts_of(book: RuleBook, name: str) -> frozenset[str]:
    """The parts of a record that can hold a term, or what its value is computed from."""
    match book.terms[name]:
        case Measurement():
            return frozenset({OBSERVATIONS})
        case Condition() as term:
            also = ((OBSERVATIONS, term.questions), (PATIENT, term.patient_element))
            return frozenset({CONDITIONS, *(part for part, there in also if there)})
        case Medication() | ProductTerm() | Dose():
            return frozenset({MEDICINES})
        case GoalTerm():
            return frozenset({GOALS})
        case Demographic():
            return frozenset({PATIENT})
        case Computed() as term:
            return frozenset().union(*(parts_of(book, part) for part in term.inputs if part in book.terms))


def _cautious(book: RuleBook, name: str, check: Check) -> Check:
    definition = book.findings[name].definition
    if isinstance(definition, AS_THEY_ARE):
        return check
    if isinstance(definition, say.NoneRecorded):
        return _none_recorded(definition, check)
    terms = () if isinstance(definition, say.ResultUnused) else say.sentence_terms(definition)
    parts = frozenset().union(*(parts_of(book, term) for term in terms)) if terms else frozenset({OBSERVATIONS})
    if isinstance(definition, VALUES):
        parts &= {GOALS, PATIENT}
    doubtful = (PRESENT, ABSENT) if isinstance(definition, (*VALUES, say.After)) else (ABSENT,)
    exceptions = _exceptions(book, terms) if isinstance(definition, VALUES) else {}

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
    found: dict[str, frozenset[str]] = {}
    for name in terms:
        term = book.terms.get(name)
        if isinstance(term, Computed):
            found |= {e.finding: parts_behind(book, e.finding) for e in term.instead if e.finding}
            found |= _exceptions(book, term.inputs)
    return found


@lru_cache(maxsize=4096)
def parts_behind(book: RuleBook, finding: str) -> frozenset[str]:
    """The parts of a record that can change the state of a finding."""
    named = (root.removeprefix("target of ") for root in roots_of(book)[finding])
    parts = frozenset().union(*(parts_of(book, name) for name in named if name in book.terms))
    parts |= {PATIENT} if roots_of(book)[finding] & {BIRTH_DATE, GENDER} else frozenset()
    return parts | ({MEDICINES} if PRODUCTS in roots_of(book)[finding] else frozenset())


def _none_recorded(definition: say.NoneRecorded, check: Check) -> Check:
    """Nothing can be said to be missing in a part that was not read; one finding that is present settles it."""

    def cautious(chart: Facts) -> State:
        if any(chart.state(name) is PRESENT for name in definition.findings):
            return ABSENT
        return UNKNOWN if chart.record.unread else check(chart)

    return cautious
