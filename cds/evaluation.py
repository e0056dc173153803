"""evaluate(record, rulebook, as_of): the one function behind the command line, the service, and every batch.

It knows neither the time of day, nor the network, nor the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar

from cds.facts.chart import Chart, chart_of
from cds.facts.fact import Fact
from cds.forms.whatif import ChangedBy, DependsOn
from cds.intake.record import Record
from cds.quantity import ABSENT, PRESENT, STATES, UNKNOWN, State, point
from cds.reasoning.decision import Decision, outcome_of
from cds.reasoning.decisions import Decisions
from cds.reasoning.inference import Inferred, PlainReasoner, reasoner_of
from cds.reasoning.program import Pattern
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Form, RuleBook, Sense, is_sex
from cds.views import html_of
from cds.why import Leaf, grounds, leaves

T = TypeVar("T")
MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What follows from one pattern of findings, worked out whole.

    ``grounds`` are, for each rule that speaks, the leaves behind what it says; ``asking``, for each rule that could not
    be settled and asks for data, the leaves that are unknown; ``unheard``, for each rule that is switched off and would
    have counted or asked for data, the leaves of its condition. ``applies``: the patient is within the scope.
    """

    book: RuleBook
    inferred: Inferred
    decision: Decision
    applies: bool
    grounds: dict[str, tuple[Leaf, ...]]
    asking: dict[str, tuple[Leaf, ...]]
    unheard: dict[str, tuple[Leaf, ...]]

    def __repr__(self) -> str:
        """The decision, and nothing behind it."""
        return f"<Answer: {self.decision.outcome}, decided by {self.decision.decided_by}>"


def answer_from(book: RuleBook, inferred: Inferred, decision: Decision) -> Answer:
    """The answer that a decision is, with the reasons for it."""
    applies = decision.outcome != book.outside_scope
    asking = sorted(inferred.asked) if applies else ()
    return Answer(
        book,
        inferred,
        decision,
        applies,
        grounds={said.rule: grounds(book, inferred, said) for said in decision.said},
        asking={rule: leaves(book, inferred, rule) for rule in asking},
        unheard={rule: leaves(book, inferred, rule) for rule in _unheard(book, inferred, decision)},
    )


def _unheard(book: RuleBook, inferred: Inferred, decision: Decision) -> list[str]:
    """The rules that are switched off and would have counted, then those that would have asked for data."""
    if not book.switched_off:
        return []
    counting = decision.switched.rules if decision.switched else ()
    applies = decision.outcome != book.outside_scope
    asking = sorted(rule for rule in book.switched_off if applies and _asks(book, inferred, rule))
    return list(dict.fromkeys((*counting, *asking)))


def _left_out(book: RuleBook, inferred: Inferred, decision: Decision) -> frozenset[str]:
    """The rules left out with an accepted risk whose condition is present, or that would have asked for data."""
    applies = decision.outcome != book.outside_scope
    gone = book.left_out
    return gone and frozenset(r for r in gone if inferred.state(r) == PRESENT or (applies and _asks(book, inferred, r)))


def _asks(book: RuleBook, inferred: Inferred, rule: str) -> bool:
    return book.rules[rule].if_unknown == "ask" and inferred.state(rule) == UNKNOWN


class Evaluation(NamedTuple):
    """The whole result for one patient on one day: facts and findings (the chart), and what follows from them."""

    chart: Chart
    answer: Answer
    left_out: frozenset[str] = frozenset()
    """The rules that the hospital leaves out with an accepted risk and that count here: their condition is present, or
    it would have asked for data, or it is present at one end of what a what-if finding compares."""
    doubting: Inferred | None = None
    """The states of all findings where what was not understood may be anything; None where all was understood."""

    @property
    def book(self) -> RuleBook:
        """The rulebook that was applied."""
        return self.answer.book

    @property
    def inferred(self) -> Inferred:
        """The states of all findings and rule conditions."""
        return self.answer.inferred

    def state(self, name: str) -> State:
        """The state of a finding or a rule condition: never absent where what was not understood may be it."""
        found = STATES[self.inferred.state(name)]
        return found if self.doubting is None or found is not ABSENT else STATES[self.doubting.state(name)]

    @property
    def decision(self) -> Decision:
        """Outcome, deciding rule, what is said, overruled and silenced."""
        return self.answer.decision

    @property
    def outcome(self) -> str:
        """One of the outcomes of precedence.yaml."""
        return self.decision.outcome

    def __repr__(self) -> str:
        """One line for logs and tracebacks: no patient, no value, nothing that a record says."""
        said, day = len(self.decision.said), self.chart.as_of.isoformat()
        what = f"{self.outcome}, decided by {self.decision.decided_by}; {said} rules speak; as of {day}"
        return f"<Evaluation: {what}; rulebook {self.book.version} {self.book.sha256[:12]}>"

    def _repr_html_(self) -> str | None:
        """The cards as an EHR shows them, for a notebook; patient data, as the cards are."""
        return html_of(self)


class Evaluator:
    """Evaluates records by one rulebook; answers to repeated patterns of findings are remembered."""

    def __init__(self, book: RuleBook, reasoner: PlainReasoner | None = None) -> None:
        self.book = book
        self.reasoner: PlainReasoner = reasoner or reasoner_of(book)
        self.program, self.decisions = self.reasoner.program, Decisions(book)
        self.plain = self.program.names[: self.program.base]
        self.whatif = {name: book.findings[name].definition for name in self.program.whatif}
        self.absent: dict[str, State] = dict.fromkeys(self.whatif, ABSENT)
        self.inferences: dict[Pattern, Inferred] = {}
        self.outcomes: dict[Pattern, str] = {}
        self.answers: dict[Pattern, Answer] = {}

    def evaluate(self, chart: Chart) -> Evaluation:
        """The evaluation of a chart; what-if findings are settled by comparing whole outcomes first.

        Raises:
            DisagreementError: engine and reference evaluator differ.
            EngineError: the engine failed.

        """
        left_out: frozenset[str] = frozenset()
        settled: dict[str, State] = {}
        pattern = self.pattern(chart)
        near = self.inferred(pattern)
        for name, definition in self.whatif.items():
            if variants := _variants(self.book, chart, definition):
                ends = [self.pattern(chart.supposing(variant, self.absent)) for variant in variants]
                settled[name] = self._differ(ends, near)
                left_out |= self._left_out_at(ends, near)
        if any(chart.states.get(name) is not state for name, state in settled.items()):
            chart = chart.supposing({}, settled)
            pattern = self.pattern(chart)
        answer = self.answer(pattern, near)
        if _is_guess(answer, chart.record):
            answer = _unsettled(answer)
        return Evaluation(chart, answer, left_out | _left_out(self.book, answer.inferred, answer.decision))

    def compared(self, chart: Chart) -> list[Chart]:
        """The charts whose outcomes what-if findings compare for this one; none where no such question is open."""
        variants = (variant for form in self.whatif.values() for variant in _variants(self.book, chart, form))
        return [chart.supposing(variant, self.absent) for variant in variants]

    def pattern(self, chart: Chart) -> Pattern:
        """The states of all base findings."""
        return bytes(map(chart.states.__getitem__, self.plain))

    def forget(self) -> None:
        """Forget the answers to the patterns that were met."""
        self.inferences.clear()
        self.outcomes.clear()
        self.answers.clear()
        self.decisions.forget()

    def inferred(self, pattern: Pattern, near: Inferred | None = None) -> Inferred:
        """What follows from a pattern; near by is what follows from a similar one."""
        found = self.inferences.get(pattern)
        if found is None:
            found = self.reasoner.infer(pattern, near)
            _remember(self.inferences, pattern, found)
        return found

    def answer(self, pattern: Pattern, near: Inferred | None = None) -> Answer:
        """The answer to a pattern."""
        found = self.answers.get(pattern)
        if found is None:
            inferred = self.inferred(pattern, near)
            found = answer_from(self.book, inferred, self.decisions.of(inferred))
            _remember(self.answers, pattern, found)
        return found

    def _outcome(self, pattern: Pattern, near: Inferred) -> str:
        """The outcome of the whole rulebook for a pattern: all that a what-if question compares."""
        found = self.outcomes.get(pattern)
        if found is None:
            found = outcome_of(self.book, self.inferred(pattern, near))
            _remember(self.outcomes, pattern, found)
        return found

    def _differ(self, patterns: Iterable[Pattern], near: Inferred) -> State:
        """Present when outcomes differ.

        They are those of the whole rulebook: with a rule switched off, two answers that differ could both be none.
        """
        return PRESENT if len({self._outcome(pattern, near) for pattern in patterns}) > 1 else ABSENT

    def _left_out_at(self, patterns: Iterable[Pattern], near: Inferred) -> frozenset[str]:
        """The rules left out with an accepted risk that count for one of the patterns."""
        if not self.book.left_out:
            return frozenset()
        answers = [self.answer(pattern, near) for pattern in patterns]
        return frozenset().union(*[_left_out(self.book, answer.inferred, answer.decision) for answer in answers])


def _remember(known: dict[Pattern, T], pattern: Pattern, found: T) -> None:
    """Keep an answer; when there are too many, the others are dropped."""
    if len(known) >= MOST_REMEMBERED:
        known.clear()
    known[pattern] = found


def _variants(book: RuleBook, chart: Chart, definition: Form) -> list[dict[str, Fact | None]]:
    """The two charts whose outcomes a what-if finding compares; none when they would be the same."""
    if isinstance(definition, ChangedBy):
        own, other = chart.value(definition.term), chart.value(definition.by)
        return [] if own is None or other is None else [{}, {definition.term: other}]
    if not isinstance(definition, DependsOn):
        return []
    ends: list[dict[str, Fact | None]] = [{}, {}]
    for term in definition.open_terms:
        fact = chart.value(term)
        if fact is None and is_sex(book.terms[term]):
            low, high = Fact(point(0.0), ""), Fact(point(1.0), "")
        elif fact is not None and not fact.value.is_point:
            low, high = (fact._replace(value=point(end)) for end in fact.value[:2])
        else:
            continue
        ends[0][term], ends[1][term] = low, high
    return ends if ends[0] else []


def _is_guess(answer: Answer, record: Record) -> bool:
    """Whether an answer reassures because something was not found which may stand in what was not read.

    That nothing is there of what the advice is about is a guess too where an entry was not understood.
    """
    outcome, book = answer.decision.outcome, answer.book
    if outcome == book.outside_scope:
        doubted = record.unread | record.not_understood
    else:
        doubted = record.unread if outcome == book.go_on else frozenset()
    if not doubted:
        return False
    when = book.rules[answer.decision.decided_by].when
    not_found = [
        p.finding for p in when.parts if p.sense is Sense.WITHOUT and answer.inferred.state(p.finding) == UNKNOWN
    ]
    return any(graph_of(book).parts(finding) & doubted for finding in not_found)


def _unsettled(answer: Answer) -> Answer:
    """The answer with an outcome that reassures nobody."""
    book = answer.book
    return answer_from(book, answer.inferred, answer.decision._replace(outcome=book.no_answer))


def evaluate(record: Record, book: RuleBook, as_of: date) -> Evaluation:
    """The evaluation of a record by a rulebook, as of a day.

    A record with entries that were not understood is evaluated by what was understood. Where that reassures, and what
    was not understood could make the answer another one, the answer is the other one: nothing that is known to be wrong
    is left alone because of what may be, and nobody is reassured by what may not be.
    """
    evaluator = evaluator_of(book)
    if not record.not_understood:
        return evaluator.evaluate(chart_of(record, book, as_of))

    def doubting(kinds: frozenset[str]) -> Evaluation:
        return evaluator.evaluate(chart_of(replace(record, not_understood=kinds), book, as_of))

    understood, everything = doubting(frozenset()), evaluator.evaluate(chart_of(record, book, as_of))
    found = understood
    if _reassures(understood) and not _reassures(everything):
        kinds = (doubting(frozenset({kind})) for kind in sorted(record.not_understood))
        found = next((one for one in kinds if not _reassures(one)), everything)
    return found._replace(doubting=everything.inferred)


def _reassures(evaluation: Evaluation) -> bool:
    return evaluation.outcome in (evaluation.book.go_on, evaluation.book.outside_scope)


@lru_cache(maxsize=8)
def evaluator_of(book: RuleBook) -> Evaluator:
    """The evaluator of a rulebook."""
    return Evaluator(book)
