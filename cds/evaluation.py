"""evaluate(record, rulebook, as_of): the one function behind the command line, the service, and every batch.

It knows neither the time of day, nor the network, nor the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from cds.facts.chart import Chart, chart_of
from cds.facts.fact import Fact
from cds.forms.whatif import ChangedBy, DependsOn
from cds.intake.record import Record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State, point
from cds.reasoning.decision import Decision
from cds.reasoning.inference import Inferred, PlainReasoner, reasoner_of
from cds.reasoning.program import Pattern
from cds.reasoning.switched_off import decide
from cds.rulebook.graph import graph_of
from cds.rulebook.model import RuleBook, Sense, is_sex
from cds.why import Leaf, grounds, leaves

MOST_REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class Answer:
    """What follows from one pattern of findings."""

    book: RuleBook
    inferred: Inferred
    decision: Decision

    @property
    def applies(self) -> bool:
        """Whether the patient is within the scope."""
        return self.decision.outcome != self.book.outside_scope

    @cached_property
    def grounds(self) -> dict[str, tuple[Leaf, ...]]:
        """For each rule that speaks, the leaves behind what it says."""
        return {said.rule: grounds(self.book, self.inferred, said) for said in self.decision.said}

    @cached_property
    def asking(self) -> dict[str, tuple[Leaf, ...]]:
        """For each rule that could not be settled and asks for data, the leaves that are unknown."""
        asked = sorted(self.inferred.asked) if self.applies else ()
        return {rule: leaves(self.book, self.inferred, rule) for rule in asked}

    @cached_property
    def unheard(self) -> dict[str, tuple[Leaf, ...]]:
        """For each rule that is switched off and would have counted, or asked for data, the leaves of its condition."""
        counting = self.decision.switched.rules if self.decision.switched else ()
        asking = sorted(rule for rule in self.book.switched_off if self.applies and self._asks(rule))
        return {rule: leaves(self.book, self.inferred, rule) for rule in (*counting, *asking)}

    @cached_property
    def left_out(self) -> frozenset[str]:
        """The rules left out with an accepted risk whose condition is present, or that would have asked for data."""
        gone = self.book.left_out
        return frozenset(r for r in gone if self.inferred.state(r) == PRESENT or (self.applies and self._asks(r)))

    def _asks(self, rule: str) -> bool:
        return self.book.rules[rule].if_unknown == "ask" and self.inferred.state(rule) == UNKNOWN


class Evaluation(NamedTuple):
    """The whole result for one patient on one day: facts and findings (the chart), and what follows from them."""

    chart: Chart
    answer: Answer
    left_out: frozenset[str] = frozenset()
    """The rules that the hospital leaves out with an accepted risk and that count here: their condition is present, or
    it would have asked for data, or it is present at one end of what a what-if finding compares."""

    @property
    def book(self) -> RuleBook:
        """The rulebook that was applied."""
        return self.answer.book

    @property
    def inferred(self) -> Inferred:
        """The states of all findings and rule conditions."""
        return self.answer.inferred

    @property
    def decision(self) -> Decision:
        """Outcome, deciding rule, what is said, overruled and silenced."""
        return self.answer.decision

    @property
    def outcome(self) -> str:
        """One of the outcomes of precedence.yaml."""
        return self.decision.outcome


class Evaluator:
    """Evaluates records by one rulebook; answers to repeated patterns of findings are remembered."""

    def __init__(self, book: RuleBook, reasoner: PlainReasoner | None = None) -> None:
        self.book = book
        self.reasoner: PlainReasoner = reasoner or reasoner_of(book)
        self.program = self.reasoner.program
        self.plain = self.program.names[: self.program.base]
        self.answer = lru_cache(maxsize=MOST_REMEMBERED)(self._answer)
        self.unsettled = lru_cache(maxsize=MOST_REMEMBERED)(_unsettled)

    def evaluate(self, chart: Chart) -> Evaluation:
        """The evaluation of a chart; what-if findings are settled by comparing whole outcomes first.

        Raises:
            DisagreementError: engine and reference evaluator differ.
            EngineError: the engine failed.

        """
        supposed = {name: self._supposed(chart, self._variants(chart, name)) for name in self.program.whatif}
        chart = chart.supposing({}, {name: _differ(answers) for name, answers in supposed.items() if answers})
        answer = self.answer(self.pattern(chart))
        answer = self.unsettled(answer) if _is_guess(answer, chart.record.unread) else answer
        return Evaluation(chart, answer, answer.left_out.union(*(a.left_out for a in chain(*supposed.values()))))

    def pattern(self, chart: Chart) -> Pattern:
        """The states of all base findings."""
        return bytes(map(chart.states.__getitem__, self.plain))

    def _answer(self, pattern: Pattern) -> Answer:
        """The answer to a pattern."""
        inferred = self.reasoner.infer(pattern)
        return Answer(self.book, inferred, decide(self.book, inferred))

    def _variants(self, chart: Chart, name: str) -> list[Mapping[str, Fact | None]]:
        """The two charts whose outcomes a what-if finding compares; none when they would be the same."""
        definition = self.book.findings[name].definition
        if isinstance(definition, ChangedBy):
            own, other = chart.value(definition.term), chart.value(definition.by)
            return [] if own is None or other is None else [{}, {definition.term: other}]
        if not isinstance(definition, DependsOn):
            return []
        ends: list[dict[str, Fact | None]] = [{}, {}]
        for term in definition.open_terms:
            fact = chart.value(term)
            if is_sex(self.book.terms[term]) and fact is None:
                ends = [{**ends[0], term: Fact(point(0.0), "")}, {**ends[1], term: Fact(point(1.0), "")}]
            elif fact is not None and not fact.value.is_point:
                low, high = point(fact.value.low), point(fact.value.high)
                ends = [{**ends[0], term: fact._replace(value=low)}, {**ends[1], term: fact._replace(value=high)}]
        return [end for end in ends if end]

    def _supposed(self, chart: Chart, variants: Iterable[Mapping[str, Fact | None]]) -> list[Answer]:
        """The answers to the variants of a chart, all what-if findings being absent in them."""
        absent = dict.fromkeys(self.program.whatif, ABSENT)
        return [self.answer(self.pattern(chart.supposing(variant, absent))) for variant in variants]


def _differ(answers: Iterable[Answer]) -> State:
    """Present when outcomes differ.

    They are those of the whole rulebook: with a rule switched off, two answers that differ could both be none.
    """
    return PRESENT if len({answer.decision.whole_outcome for answer in answers}) > 1 else ABSENT


def _is_guess(answer: Answer, unread: frozenset[str]) -> bool:
    """Whether an answer reassures because something was not found which may stand in a part that was not read."""
    if not unread or answer.decision.outcome not in (answer.book.go_on, answer.book.outside_scope):
        return False
    book, when = answer.book, answer.book.rules[answer.decision.decided_by].when
    not_found = [
        p.finding for p in when.parts if p.sense is Sense.WITHOUT and answer.inferred.state(p.finding) == UNKNOWN
    ]
    return any(graph_of(book).parts(finding) & unread for finding in not_found)


def _unsettled(answer: Answer) -> Answer:
    """The answer with an outcome that reassures nobody."""
    return replace(answer, decision=answer.decision._replace(outcome=answer.book.no_answer))


def evaluate(record: Record, book: RuleBook, as_of: date) -> Evaluation:
    """The evaluation of a record by a rulebook, as of a day."""
    return evaluator_of(book).evaluate(chart_of(record, book, as_of))


@lru_cache(maxsize=8)
def evaluator_of(book: RuleBook) -> Evaluator:
    """The evaluator of a rulebook."""
    return Evaluator(book)
