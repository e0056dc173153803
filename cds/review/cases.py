"""Runs the cases that stand beside the rules, and tells of those that fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar

from cds.cards.card import summary_of
from cds.errors import Problem, few
from cds.evaluation import Answer, Evaluation, Evaluator
from cds.facts.chart import Chart, Supposed, chart_of
from cds.facts.fact import Fact
from cds.intake.record import Reading, Record
from cds.intake.times import MINUTES_A_DAY, Moment
from cds.quantity import Interval, State
from cds.rulebook.cases import Given, given_state, given_values
from cds.rulebook.model import CASE_WORDS, Case, RuleBook

T = TypeVar("T")
CASE_DAY = date(2026, 1, 1)
"""The day of every case; cases speak of days ago."""

MOST_SHOWN = 3
"""So many failing cases of one rule are shown one by one: one mistake can make hundreds of cases fail."""
_WORDS = dict(zip((State.PRESENT, State.ABSENT, State.UNKNOWN), CASE_WORDS, strict=True))


class Failure(NamedTuple):
    """A case that does not come out as it says: what was expected, and what was seen."""

    rule: str
    case: Case
    expected: str
    seen: str


def failures(book: RuleBook, evaluator: Evaluator) -> list[Failure]:
    """The cases of all rules that fail."""
    found = (failure(evaluator, name, case) for name, rule in book.rules.items() for case in rule.cases)
    return [item for item in found if item is not None]


def failure(evaluator: Evaluator, rule: str, case: Case) -> Failure | None:
    """How a case of a rule fails; None when it holds."""
    return failure_in(evaluator.evaluate(chart_of_case(evaluator.book, case)), rule, case)


def failure_in(evaluation: Evaluation, rule: str, case: Case) -> Failure | None:
    """How a case of a rule fails by the evaluation of its chart; None when it holds."""
    answer = evaluation.answer
    seen = _seen(answer, rule, case.expect)
    if seen != case.expect:
        return Failure(rule, case, case.expect, seen)
    item = next((said for said in answer.decision.said if said.rule == rule), None)
    said = set(item.codes) if item else set()
    if missing := set(case.says) - said:
        return Failure(rule, case, f"says {', '.join(sorted(missing))}", f"says {', '.join(sorted(said)) or 'nothing'}")
    if extra := set(case.not_says) & said:
        return Failure(rule, case, f"does not say {', '.join(sorted(extra))}", "says it")
    summary = evaluation.book.rules[rule].card.texts[item.text].summary if item else "no card"
    if item and case.summary and case.summary != summary:
        summary = summary_of(evaluation, item)
    if case.summary and case.summary != summary:
        return Failure(rule, case, case.summary, summary)
    indicator = item.indicator if item else "no card"
    if case.indicator and case.indicator != indicator:
        return Failure(rule, case, case.indicator, indicator)
    return None


def _seen(answer: Answer, rule: str, expect: str) -> str:
    """What the rule does, in the word that fits what is expected: its state, or the outcome it decides."""
    word = _WORDS[State(answer.inferred.state(rule))]
    if expect in _WORDS.values():
        return word
    if answer.decision.decided_by == rule:
        return answer.decision.outcome
    return f"{word}; {answer.decision.outcome} decided by {answer.decision.decided_by}"


def chart_of_case(book: RuleBook, case: Case) -> Chart:
    """The chart of a case: the patient of rulebook.yaml, with what the case says instead."""
    return _changed(_usual_chart(book), _supposed(book, dict(case.given)))


def chart_with(book: RuleBook, name: str, value: Given) -> Chart:
    """The chart of the patient of rulebook.yaml with one value, which need not be one that an author may write."""
    return _changed(_usual_chart(book), _supposed_values({name: (value,)}))


@lru_cache(maxsize=8)
def _usual_chart(book: RuleBook) -> Chart:
    """The chart of the patient of rulebook.yaml."""
    return chart_of(Record("Patient/case"), book, CASE_DAY, _supposed(book, dict(book.background)))


def _changed(usual: Chart, own: Supposed) -> Chart:
    """The chart of the usual patient of whom something else is supposed; only what rests on that is worked out."""
    names = {*own.facts, *own.states}
    facts, states, past = usual.supposed
    return usual.supposed_otherwise(
        Supposed(
            {**_without(facts, names), **own.facts},
            {**_without(states, names), **own.states},
            {**_without(past, names), **own.past},
        ),
        names,
    )


def _without(supposed: Mapping[str, T], names: set[str]) -> dict[str, T]:
    return {name: item for name, item in supposed.items() if name not in names}


def _supposed(book: RuleBook, texts: Mapping[str, str]) -> Supposed:
    """What texts say of terms and findings, by their names."""
    states = {name: state for name, text in texts.items() if (state := given_state(text)) is not None}
    values = {name: given_values(text, name, book.terms) for name, text in texts.items() if name not in states}
    return _supposed_values(values)._replace(states=states)


def _supposed_values(given: Mapping[str, tuple[Given, ...]]) -> Supposed:
    facts: dict[str, Fact | None] = {}
    past: dict[str, list[Reading]] = {}
    for name, values in given.items():
        facts[name] = _fact(min(values, key=lambda value: value.days_ago), name)
        past[name] = [_reading(value) for value in values if value.value is not None]
    return Supposed(facts, {}, past)


def _fact(given: Given, name: str) -> Fact | None:
    if given.value is None:
        return None
    return Fact(given.value, given.unit, _reading(given).when, taken_from=given.measure or name)


def _reading(given: Given) -> Reading:
    day = CASE_DAY.toordinal() - given.days_ago
    when = Moment(day, day, day * MINUTES_A_DAY, date.fromordinal(day).isoformat())
    return Reading(given.value or Interval(0, 0), when, "")


def problems_of_failures(book: RuleBook, failed: Iterable[Failure]) -> list[Problem]:
    """A problem for each failing case, or one for all of a rule; in the order of files and lines."""
    by_rule: dict[str, list[Failure]] = {}
    for item in failed:
        by_rule.setdefault(item.rule, []).append(item)
    return sorted(problem for name, items in by_rule.items() for problem in _of_rule(book, name, items))


def _of_rule(book: RuleBook, name: str, items: list[Failure]) -> Iterator[Problem]:
    if len(items) <= MOST_SHOWN:
        yield from (_problem(book, item) for item in items)
        return
    first, *others = sorted(items, key=lambda item: item.case.spot)
    places = few([f"{item.case.spot.file}:{item.case.spot.line}" for item in others])
    count = f"{len(others)} more of its {len(book.rules[name].cases)} cases fail too: {places}"
    yield _problem(book, first, f"; {count}")


def _problem(book: RuleBook, item: Failure, more: str = "") -> Problem:
    what = f"{item.rule}: expected '{item.expected}', seen '{item.seen}'{more}."
    return Problem(*item.case.spot, f"case '{item.case.name}'", what, _todo(book, item), "case-fails")


def _todo(book: RuleBook, item: Failure) -> str:
    """What to do about a failing case; where the rule fires and another one decides, what such a case expects."""
    word, _, decided = item.seen.partition("; ")
    if word != _WORDS[State.PRESENT] or not decided:
        return "Mend the rule or the case."
    if not book.rules[item.rule].votes:
        return f"Write 'expect: {word}': {item.rule} only gives a card."
    return f"Write 'expect: {word}' if {decided.rpartition(' ')[2]} shall decide first, or mend the rule."
