"""Sentences and joins of findings -> checks: present, absent or unknown, asked of a chart.

A check is built once per rulebook, with everything looked up that does not depend on the patient.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from cds.facts import comparisons, courses
from cds.facts.fact import Check, Facts
from cds.facts.not_used import not_used
from cds.facts.roots import roots_of
from cds.intake.dates import MINUTES_A_DAY
from cds.intake.record import CONDITIONS, MEDICINES
from cds.intake.unrecognised import what_may_be
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State, negated
from cds.rulebook import sentences as say
from cds.rulebook.model import Joined, RuleBook

Build: TypeAlias = Callable[[Any, RuleBook], Check]
NO_RESULT = frozenset({"withdrawn-result"})
"""The issues of results that never were: whoever withdrew one says so."""


@lru_cache(maxsize=8)
def checks_of(book: RuleBook) -> dict[str, Check]:
    """For each finding, how a chart tells its state."""
    return {name: BUILD[type(f.definition)](f.definition, book) for name, f in book.findings.items()}


def sensed(state: State, sense: str) -> State:
    """A state under the sense in which a finding is named (see ``Part``)."""
    match sense:
        case "is":
            return state
        case "not":
            return negated(state)
        case "without":
            return ABSENT if state is PRESENT else PRESENT
        case "proven":
            return PRESENT if state is PRESENT else ABSENT
        case "possible":
            return ABSENT if state is ABSENT else PRESENT
        case "unsure about":
            return PRESENT if state is UNKNOWN else ABSENT
        case _:
            return UNKNOWN if state is PRESENT else PRESENT


def _joined(definition: Joined, _: RuleBook) -> Check:
    """Kleene's *and* or *or* over the states of the parts."""
    pick: Callable[..., State] = min if definition.how == "all" else max
    return lambda chart: pick([sensed(chart.state(part.finding), part.sense) for part in definition.parts])


def _yes(true: bool) -> State:
    return PRESENT if true else ABSENT


def _dated(sentence: say.Dated, _: RuleBook) -> Check:
    def recent(chart: Facts) -> State:
        fact = chart.value(sentence.term)
        return _yes(fact is not None and fact.when is not None and chart.day - fact.when.first <= sentence.days)

    def near(chart: Facts) -> State:
        fact, other = chart.value(sentence.term), chart.value(sentence.of)
        if fact is None or fact.when is None or other is None or other.when is None:
            return ABSENT
        return _yes(abs(fact.when.minute - other.when.minute) <= sentence.days * MINUTES_A_DAY)

    return near if sentence.of else recent


def _repeated(sentence: say.Repeated, _: RuleBook) -> Check:
    def check(chart: Facts) -> State:
        days = sorted(reading.when.minute // MINUTES_A_DAY for reading in chart.history(sentence.term))
        return _yes(any(later - earlier < sentence.days for earlier, later in itertools.pairwise(days)))

    return check


def _conflicting(sentence: say.Conflicting, _: RuleBook) -> Check:
    def check(chart: Facts) -> State:
        fact = chart.value(sentence.term)
        return _yes(fact is not None and fact.conflict)

    return check


def _taken_from(sentence: say.TakenFrom, _: RuleBook) -> Check:
    def check(chart: Facts) -> State:
        fact = chart.value(sentence.term)
        return _yes(fact is not None and fact.taken_from == sentence.of)

    return check


def _none_recorded(sentence: say.NoneRecorded, book: RuleBook) -> Check:
    """Each finding is absent, or unknown because nothing about it is on record, not even a result that was not used.

    Where nobody can say what a medicine or condition on record is, it may be one of these findings: then unknown.
    """
    silent = {
        name: definition.term for name in sentence.findings
        if isinstance(definition := book.findings[name].definition, (say.Compared, say.OutsideLimits))
    }  # fmt: skip

    def clear(chart: Facts, name: str) -> bool:
        state = chart.state(name)
        if state is UNKNOWN:
            return name in silent and chart.value(silent[name]) is None
        return state is ABSENT

    def check(chart: Facts) -> State:
        lost = {issue.term for issue in not_used(chart) if issue.code not in NO_RESULT}
        if lost and any(roots_of(book)[name] & lost for name in sentence.findings):
            return ABSENT
        found = _yes(all(clear(chart, name) for name in sentence.findings))
        return min(found, UNKNOWN) if what_may_be(chart.record, MEDICINES, CONDITIONS) else found

    return check


def _decided_elsewhere(_: say.DependsOn | say.ChangedBy, __: RuleBook) -> Check:
    """What-if questions compare whole outcomes; reasoning answers them and states the result."""
    return lambda _: ABSENT


BUILD: dict[type, Build] = {
    Joined: _joined,
    say.Compared: comparisons.compared,
    say.SomeResult: comparisons.some_result,
    say.Twice: comparisons.twice,
    say.OutsideLimits: comparisons.outside_limits,
    say.Recorded: courses.recorded,
    say.After: courses.after,
    say.Given: courses.given,
    say.DoseDateUnknown: courses.dose_date_unknown,
    say.Started: courses.started,
    say.Lasted: courses.lasted,
    say.OpenEnded: courses.open_ended,
    say.Dated: _dated,
    say.Repeated: _repeated,
    say.Conflicting: _conflicting,
    say.TakenFrom: _taken_from,
    say.Missing: lambda sentence, _: lambda chart: _yes(chart.value(sentence.term) is None),
    say.Known: lambda sentence, _: lambda chart: _yes(chart.value(sentence.term) is not None),
    say.NoneRecorded: _none_recorded,
    say.ResultUnused: lambda _, __: lambda chart: _yes(bool(not_used(chart))),
    say.DependsOn: _decided_elsewhere,
    say.ChangedBy: _decided_elsewhere,
}
