"""Sentences of findings -> present, absent or unknown."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from cds.facts.calcium import limit_of
from cds.facts.choice import within_a_day
from cds.facts.doses import courses_of, product_state
from cds.facts.fact import IONISED, Facts, Result
from cds.intake.dates import MINUTES_A_DAY
from cds.intake.record import REFUSED_RESULTS, Course
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State, negated, point
from cds.rulebook import sentences as say
from cds.rulebook.model import Computed, Medication, ProductTerm


def holds(comparison: say.Comparison, value: Interval, bound: Interval) -> State:
    """Whether a value is at least, above, below or at most a bound."""
    match comparison.word:
        case "above":
            return value.is_above(bound)
        case "at least":
            return value.is_at_least(bound)
        case "at most":
            return negated(value.is_above(bound))
        case _:
            return negated(value.is_at_least(bound))


def _compared(chart: Facts, sentence: say.Compared) -> State:
    fact = chart.value(sentence.term)
    if fact is None:
        return UNKNOWN
    comparisons = sentence.comparisons
    if fact.unit == IONISED and chart.book.terms[sentence.term].unit != IONISED:
        if not sentence.ionised and not any(c.bound.term for c in comparisons):
            return UNKNOWN
        comparisons = sentence.ionised or comparisons
    state = _holds_for(chart, comparisons[0], fact.value)
    return state if len(comparisons) == 1 else min(state, _holds_for(chart, comparisons[1], fact.value))


def _holds_for(chart: Facts, comparison: say.Comparison, value: Interval) -> State:
    bound = comparison.bound
    if not bound.term:
        return holds(comparison, value, _point(bound.number))
    fact = chart.value(bound.term)
    if fact is None:
        return UNKNOWN
    return holds(comparison, value, Interval(fact.value.low + bound.number, fact.value.high + bound.number))


_point = lru_cache(maxsize=1024)(point)


def _some_result(chart: Facts, sentence: say.SomeResult) -> State:
    fact = chart.value(sentence.term)
    if fact is None or fact.when is None:
        return UNKNOWN
    own = Result(fact.value, fact.unit, fact.when, "", fact.limits)
    results = [r for r in within_a_day(fact.results, fact.when.minute) if isinstance(r, Result)]
    answers = {result: _result_holds(chart, result, sentence) for result in results}
    others = [ABSENT if _contradicted(r, answers) else state for r, state in answers.items()]
    return max(_result_holds(chart, own, sentence), *others, ABSENT)


def _result_holds(chart: Facts, result: Result, sentence: say.SomeResult) -> State:
    comparison = sentence.ionised[0] if result.unit == IONISED and sentence.ionised else sentence.comparison
    if not comparison.bound.term:
        return holds(comparison, result.value, point(comparison.bound.number))
    limit = chart.book.terms[comparison.bound.term]
    if not isinstance(limit, Computed):
        return UNKNOWN
    end = 1 if limit.formula == "upper reference limit" else 0
    return holds(comparison, result.value, point(limit_of(result.limits[end], result.unit, limit)))


def _contradicted(result: Result, answers: dict[Result, State]) -> bool:
    """Whether another ionised result, drawn within a day of this one or later, says otherwise."""
    return any(
        other is not result and other.unit == IONISED and state is ABSENT
        and other.when.minute >= result.when.minute - MINUTES_A_DAY
        for other, state in answers.items()
    )  # fmt: skip


def _dated(chart: Facts, sentence: say.Dated) -> State:
    fact = chart.value(sentence.term)
    if fact is None or fact.when is None:
        return ABSENT
    if not sentence.of:
        return _yes(chart.day - fact.when.first <= sentence.days)
    other = chart.value(sentence.of)
    if other is None or other.when is None:
        return ABSENT
    return _yes(abs(fact.when.minute - other.when.minute) <= sentence.days * MINUTES_A_DAY)


def _yes(true: bool) -> State:
    return PRESENT if true else ABSENT


def _twice(chart: Facts, sentence: say.Twice) -> State:
    days = [
        reading.when.first
        for reading in chart.history(sentence.term)
        if holds(sentence.comparison, reading.value, point(sentence.comparison.bound.number)) is PRESENT
    ]
    return _yes(bool(days) and max(days) - min(days) >= sentence.days)


def _repeated(chart: Facts, sentence: say.Repeated) -> State:
    days = sorted(reading.when.minute // MINUTES_A_DAY for reading in chart.history(sentence.term))
    return _yes(any(later - earlier < sentence.days for earlier, later in itertools.pairwise(days)))


def _outside_limits(chart: Facts, sentence: say.OutsideLimits) -> State:
    fact = chart.value(sentence.term)
    if fact is None:
        return UNKNOWN
    limits = {
        end: next(t for t in chart.book.terms.values() if isinstance(t, Computed) and t.inputs == (sentence.term,)
                  and t.formula == f"{word} reference limit")
        for end, word in ((0, "lower"), (1, "upper"))
    }  # fmt: skip
    recent = [r for r in fact.results if chart.day - r.when.first <= sentence.days]
    states = [state for r in recent for state in _outside(r, limits)]
    return max(states, default=ABSENT)


def _outside(result: Result, limits: dict[int, Computed]) -> Iterable[State]:
    low = point(limit_of(result.limits[0], result.unit, limits[0]))
    high = point(limit_of(result.limits[1], result.unit, limits[1]))
    return negated(result.value.is_at_least(low)), result.value.is_above(high)


def _conflicting(chart: Facts, sentence: say.Conflicting) -> State:
    fact = chart.value(sentence.term)
    return _yes(fact is not None and fact.conflict)


def _taken_from(chart: Facts, sentence: say.TakenFrom) -> State:
    fact = chart.value(sentence.term)
    return _yes(fact is not None and fact.taken_from == sentence.of)


def _missing(chart: Facts, sentence: say.Missing) -> State:
    return _yes(chart.value(sentence.term) is None)


def _known(chart: Facts, sentence: say.Known) -> State:
    return _yes(chart.value(sentence.term) is not None)


def _recorded(chart: Facts, sentence: say.Recorded) -> State:
    term = chart.book.terms[sentence.term]
    if isinstance(term, ProductTerm):
        return product_state(chart.record, term)
    mentions = chart.record.mentions.get(sentence.term)
    if mentions is not None:
        return max(mention.state for mention in mentions)
    kind = "medicines" if isinstance(term, Medication) else "conditions"
    unseen = UNKNOWN if kind in chart.record.unread else ABSENT
    return max((course.state for course in chart.record.courses.get(sentence.term, ())), default=unseen)


def _after(chart: Facts, sentence: say.After) -> State:
    """Later than the other by date; unknown where one of the two has no date; an unclear record is no event."""
    later, earlier = (chart.record.mentions.get(name, []) for name in (sentence.term, sentence.of))
    states = [_recorded(chart, say.Recorded(name)) for name in (sentence.term, sentence.of)]
    if states[0] is not PRESENT or states[1] is ABSENT:
        return ABSENT
    dates = [[m.when.first for m in mentions if m.when] for mentions in (later, earlier)]
    if not all(dates):
        return UNKNOWN
    return min(states[1], _yes(max(dates[0]) > max(dates[1])))


def _courses(chart: Facts, name: str) -> list[Course]:
    return courses_of(chart.record, chart.book.terms[name], name)


def _given(chart: Facts, sentence: say.Given) -> State:
    """Present if the last dose lies certainly within the days, unknown if it may."""
    states = [ABSENT]
    for course in _courses(chart, sentence.term):
        if course.dosed is not None:
            earliest, latest = (chart.day - day for day in course.dosed)
            states.append(PRESENT if earliest <= sentence.days else ABSENT if latest > sentence.days else UNKNOWN)
    return max(states)


def _dose_date_unknown(chart: Facts, sentence: say.DoseDateUnknown) -> State:
    states = [course.state for course in _courses(chart, sentence.term) if course.dosed is None]
    return max(states, default=ABSENT)


def _started(chart: Facts, sentence: say.Started) -> State:
    starts = [c.start for c in _courses(chart, sentence.term) if c.start and c.state]
    return _yes(any(chart.day - start.first <= sentence.days for start in starts))


def _lasted(chart: Facts, sentence: say.Lasted) -> State:
    """Present if a course has lasted (or, with an end on record, will last) so long; unknown without a start."""
    states = []
    for course in _courses(chart, sentence.term):
        if course.start is None:
            states.append(min(course.state, UNKNOWN))
            continue
        end = max(chart.day, course.end.last) if course.end else chart.day
        states.append(min(course.state, _yes(end - course.start.last + 1 >= sentence.days)))
    return max(states, default=ABSENT)


def _open_ended(chart: Facts, sentence: say.OpenEnded) -> State:
    return max((c.state for c in _courses(chart, sentence.term) if c.end is None), default=ABSENT)


def _none_recorded(chart: Facts, sentence: say.NoneRecorded) -> State:
    return _yes(all(_clear(chart, name) for name in sentence.findings))


def _clear(chart: Facts, name: str) -> bool:
    """Absent, or unknown because nothing about it is on record."""
    state = chart.state(name)
    if state is not UNKNOWN:
        return state is ABSENT
    definition = chart.book.findings[name].definition
    return isinstance(definition, (say.Compared, say.OutsideLimits)) and chart.value(definition.term) is None


def _result_unused(chart: Facts, _: say.ResultUnused) -> State:
    return _yes(any(issue.code in REFUSED_RESULTS for issue in chart.record.issues))


def _decided_elsewhere(chart: Facts, _: say.DependsOn | say.ChangedBy) -> State:
    """What-if questions compare whole outcomes; reasoning answers them and states the result."""
    return ABSENT


PREDICATES: dict[type, Callable[[Any, Any], State]] = {
    say.Compared: _compared,
    say.SomeResult: _some_result,
    say.Dated: _dated,
    say.Twice: _twice,
    say.Repeated: _repeated,
    say.OutsideLimits: _outside_limits,
    say.Conflicting: _conflicting,
    say.TakenFrom: _taken_from,
    say.Missing: _missing,
    say.Known: _known,
    say.Recorded: _recorded,
    say.After: _after,
    say.Given: _given,
    say.DoseDateUnknown: _dose_date_unknown,
    say.Started: _started,
    say.Lasted: _lasted,
    say.OpenEnded: _open_ended,
    say.NoneRecorded: _none_recorded,
    say.ResultUnused: _result_unused,
    say.DependsOn: _decided_elsewhere,
    say.ChangedBy: _decided_elsewhere,
}
