"""For one patient: the smallest change of each input that would change the outcome, and the data that would settle it.

Every answer was confirmed by evaluating the changed patient in full. One thing is changed at a time; two together can
do more than either.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple

from cds.evaluation import Evaluation, evaluate, evaluator_of
from cds.facts.doses import courses_of
from cds.intake.record import Record
from cds.jsontypes import Json
from cds.quantity import PRESENT, UNKNOWN, State
from cds.review.inputs import Input, inputs_of_patient
from cds.review.outcome_ladder import OutcomeStretch, stretches_of
from cds.review.supposed import SupposedPatient, with_it, without_it
from cds.rulebook.model import RECORDED, AnyTerm, Measurement, ProductTerm, RuleBook

MOST_PAIRED = 8
"""How many of the most useful missing data are tried in pairs when none settles the outcome alone."""


class Turn(NamedTuple):
    """The smallest change of one input that gives another outcome; ``value`` is None for present or absent."""

    input: str
    now: str
    change: str
    value: float | None
    unit: str
    outcome: str
    decided_by: str

    def sentence(self, now: str) -> str:
        """``serum calcium from 10.6 mg/dL: hold, not continue (CA-01)``, where the outcome is ``now``."""
        return f"{self.input} {self.change}: {self.outcome}, not {now} ({self.decided_by})"


class Gap(NamedTuple):
    """Something that is not known: what the outcome would be over all its values, and the rules it would settle.

    ``stretches`` are values in words, outcome, deciding rule.
    ``settles_outcome``: the outcome is insufficient-data now, and would not be with any value of this.
    """

    input: str
    now: str
    stretches: tuple[tuple[str, str, str], ...]
    settles: tuple[str, ...]
    settles_outcome: bool


class WhatIf(NamedTuple):
    """The answer now, what would turn it, what is missing (the most useful first), and pairs that would settle it."""

    outcome: str
    decided_by: str
    turns: tuple[Turn, ...]
    gaps: tuple[Gap, ...]
    pairs: tuple[tuple[str, str], ...]


def what_if(record: Record, book: RuleBook, as_of: date) -> WhatIf:
    """What would change the outcome of a record, and what would settle it.

    Raises:
        DisagreementError, EngineError: no answer may be given.

    """
    counted = evaluate(record, book, as_of).chart.record
    return _Question(SupposedPatient(counted, book, as_of)).answer()


class _Question:
    """One patient's question on the way to its answer."""

    def __init__(self, patient: SupposedPatient) -> None:
        self.patient, self.book = patient, patient.book
        self.evaluator = evaluator_of(patient.book)
        self.now: Evaluation = self.evaluator.evaluate(patient.chart())
        self.outcome = self.now.outcome
        self.asks = frozenset(self.now.answer.asking)

    def answer(self) -> WhatIf:
        inputs = list(inputs_of_patient(self.patient, self.now.chart))
        ladders = [(item, stretches_of(item, self.patient, self.evaluator)) for item in inputs]
        turns = [turn for item, stretches in ladders for turn in self.turns(item, stretches)]
        gaps = [self.gap(item, stretches) for item, stretches in ladders if item.is_open]
        for term in self.recorded():
            turns += self.toggled(term)
            gaps += [self.unclear(term)] if self.state(term) is UNKNOWN else []
        useful = sorted(filter(self.matters, gaps), key=self.usefulness)
        pairs = self.pairs([item for item in inputs if item.is_open], useful)
        return WhatIf(self.outcome, self.now.decision.decided_by, tuple(turns), tuple(useful), tuple(pairs))

    def turns(self, item: Input, stretches: list[OutcomeStretch]) -> Iterator[Turn]:
        """The nearest value below, and the nearest above, that gives another outcome."""
        if item.fact is None:
            return
        value = item.fact.value
        below = [s for s in stretches if s.last < value.low and s.outcome != self.outcome]
        above = [s for s in stretches if s.first > value.high and s.outcome != self.outcome]
        for stretch in below[-1:]:
            yield self.turn(item, f"to {item.text(stretch.last, stretch.last)} or less", stretch.last)
        for stretch in above[:1]:
            yield self.turn(item, f"from {item.text(stretch.first, stretch.first)}", stretch.first)

    def turn(self, item: Input, change: str, at: float) -> Turn:
        found = self.evaluator.evaluate(item.suppose(self.patient, at).chart()).decision
        return Turn(item.term.name, item.now, change, at, item.term.unit, found.outcome, found.decided_by)

    def gap(self, item: Input, stretches: list[OutcomeStretch]) -> Gap:
        """What would follow from each value that is still possible."""
        low, high, *_ = item.possible
        inside = [s for s in stretches if s.last >= low and s.first <= high]
        said = tuple((item.text(max(s.first, low), min(s.last, high)), s.outcome, s.decided_by) for s in inside)
        return self.gap_of(item.term.name, item.now, said, frozenset().union(*(s.asks for s in inside)))

    def gap_of(self, name: str, now: str, said: tuple[tuple[str, str, str], ...], still: frozenset[str]) -> Gap:
        settles_outcome = self.outcome == self.book.no_answer and all(
            outcome != self.book.no_answer for _, outcome, _ in said
        )
        return Gap(name, now, said, tuple(sorted(self.asks - still)), settles_outcome)

    def recorded(self) -> Iterator[AnyTerm]:
        """Conditions, medicines and products; of those product terms that mean the same products here, the first."""
        seen = set()
        for term in self.book.terms.values():
            own = frozenset(course.source for course in courses_of(self.patient.record, term, term.name))
            known = isinstance(term, ProductTerm) and own and own in seen
            if isinstance(term, RECORDED) and not known:
                seen |= {own} if isinstance(term, ProductTerm) else set()
                yield term

    def state(self, term: AnyTerm) -> State:
        return State(self.now.inferred.state(term.name))

    def toggled(self, term: AnyTerm) -> Iterator[Turn]:
        """The condition, medicine or product present where it is not, absent where it is."""
        state = self.state(term)
        for word in ("absent", "present") if state is UNKNOWN else ("absent",) if state is PRESENT else ("present",):
            found = self.changed(term, word).decision
            if found.outcome != self.outcome:
                yield Turn(term.name, state.word, word, None, "", found.outcome, found.decided_by)

    def changed(self, term: AnyTerm, word: str) -> Evaluation:
        change = with_it if word == "present" else without_it
        return self.evaluator.evaluate(change(self.patient, term).chart())

    def unclear(self, term: AnyTerm) -> Gap:
        both = [(word, self.changed(term, word)) for word in ("absent", "present")]
        said = tuple((word, found.outcome, found.decision.decided_by) for word, found in both)
        still = frozenset(rule for _, found in both for rule in found.answer.asking)
        return self.gap_of(term.name, "unclear", said, still)

    def matters(self, gap: Gap) -> bool:
        return bool(gap.settles) or any(outcome != self.outcome for _, outcome, _ in gap.stretches)

    def usefulness(self, gap: Gap) -> tuple[bool, int, int]:
        """What settles the outcome comes first, then what settles more rules, then what opens more outcomes."""
        outcomes = {outcome for _, outcome, _ in gap.stretches} - {self.outcome}
        return not gap.settles_outcome, -len(gap.settles), -len(outcomes)

    def pairs(self, items: list[Input], useful: list[Gap]) -> Iterator[tuple[str, str]]:
        """Pairs of missing results with which an answer can be given (at usual values) where none settles it alone."""
        if self.outcome != self.book.no_answer or any(gap.settles_outcome for gap in useful):
            return
        order = [gap.input for gap in useful]
        listed = [item for item in items if isinstance(item.term, Measurement) and item.term.name in order]
        tried = sorted(listed, key=lambda item: order.index(item.term.name))[:MOST_PAIRED]
        for one, other in combinations(tried, 2):
            both = other.suppose(one.suppose(self.patient, _usual(one)), _usual(other))
            if self.evaluator.evaluate(both.chart()).outcome != self.book.no_answer:
                yield one.term.name, other.term.name


def _usual(item: Input) -> float:
    return item.term.usual if isinstance(item.term, Measurement) else item.low


def what_if_data(found: WhatIf) -> Json:
    """The answer as JSON data."""
    return {
        "outcome": found.outcome,
        "decidedBy": found.decided_by,
        "turns": [{**_decided(turn._asdict()), "sentence": turn.sentence(found.outcome)} for turn in found.turns],
        "missing": [_gap_data(gap) for gap in found.gaps],
        "settledTogether": [list(pair) for pair in found.pairs],
    }


def _decided(fields: Json) -> Json:
    return {"decidedBy" if name == "decided_by" else name: value for name, value in fields.items()}


def _gap_data(gap: Gap) -> Json:
    return {
        "input": gap.input,
        "now": gap.now,
        "settlesOutcome": gap.settles_outcome,
        "settlesRules": list(gap.settles),
        "outcomes": [
            {"values": values, "outcome": outcome, "decidedBy": rule} for values, outcome, rule in gap.stretches
        ],
    }
