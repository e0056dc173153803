"""A small change tried on known cases: only what follows from it is worked out.

A changed sentence gives a finding another state in few cases, and what follows from another state follows as without
the change. A changed condition gives a rule another state; changed advice or votes, another decision. Where a change
reaches what an open what-if question compares, and for a changed term, whole charts are made by the changed rulebook.
"""

from __future__ import annotations

from functools import cached_property

from cds.evaluation import Evaluator
from cds.facts.chart import Chart
from cds.facts.fact import Check
from cds.quantity import State
from cds.reasoning.inference import Inferred, PlainReasoner
from cds.reasoning.switched_off import decide
from cds.review.cases import chart_of_case
from cds.review.known_cases import KnownCase, KnownCases
from cds.rulebook.model import Joined, RuleBook


class Trial:
    """Any change: a case is evaluated anew by the changed rulebook, which is made ready when the first one asks."""

    def __init__(self, known: KnownCases, changed: RuleBook) -> None:
        self.known, self.changed = known, changed

    @cached_property
    def evaluator(self) -> Evaluator:
        """The evaluator of the changed rulebook."""
        return Evaluator(self.changed, PlainReasoner(self.changed))

    def fails(self, case: KnownCase) -> bool:
        """Whether a case fails by the changed rulebook."""
        return case.fails(self.evaluator.evaluate(chart_of_case(self.changed, case.case)))


class StateTrial(Trial):
    """A change that can give one finding or one rule another state; one that a case supposes has none."""

    def __init__(self, known: KnownCases, changed: RuleBook, name: str) -> None:
        super().__init__(known, changed)
        self.name = name

    def fails(self, case: KnownCase) -> bool:
        """Whether a case fails by the changed rulebook."""
        chart, inferred = case.evaluation.chart, case.evaluation.inferred
        if case.compared:
            return self.reaches(case) and super().fails(case)
        state = None if self.name in chart.supposed.states else self.other_state(chart, inferred)
        return state is not None and self.fails_with(case, state)

    def other_state(self, chart: Chart, inferred: Inferred) -> int | None:
        """The state by the changed rulebook; None where it is the same."""
        raise NotImplementedError

    def reaches(self, case: KnownCase) -> bool:
        """Whether a chart that an open what-if question compares, or the one that follows, is another one."""
        charts, evaluator = (case.evaluation.chart, *case.compared), self.known.evaluator
        return any(self.other_state(one, evaluator.inferred(evaluator.pattern(one))) is not None for one in charts)

    def fails_with(self, case: KnownCase, state: int) -> bool:
        """Whether a case fails in which it has another state."""
        chart, inferred, evaluator = case.evaluation.chart, case.evaluation.inferred, self.known.evaluator
        if self.name in chart.states:  # facts or sentences may rest on it
            chart = chart.supposing({}, {self.name: State(state)})
            if evaluator.compared(chart):
                return super().fails(case)
            inferred = evaluator.inferred(evaluator.pattern(chart), inferred)
        inferred = self.known.reasoner.supposing(inferred, self.name, state)
        return case.fails_by(chart, inferred, evaluator.decisions.of(inferred))


class SentenceTrial(StateTrial):
    """The sentence of a finding says something else."""

    @cached_property
    def check(self) -> Check:
        """What it says now."""
        return self.changed.findings[self.name].definition.check(self.changed)

    def other_state(self, chart: Chart, inferred: Inferred) -> int | None:
        """The state of the finding by the changed rulebook; None where it is the same."""
        state = self.check(chart.sheet())
        return None if state == inferred.state(self.name) else state


class JoinTrial(StateTrial):
    """A finding joins others otherwise, or a rule has another condition."""

    def __init__(self, known: KnownCases, changed: RuleBook, name: str, joined: Joined) -> None:
        super().__init__(known, changed, name)
        self.joined = joined

    def other_state(self, chart: Chart, inferred: Inferred) -> int | None:
        """The state of the finding or the rule by the changed rulebook; None where it is the same."""
        state = self.known.reasoner.state_of(self.joined, inferred)
        return None if state == inferred.state(self.name) else state


class DecisionTrial(Trial):
    """A rule has other advice or other votes: nothing that is inferred changes."""

    def fails(self, case: KnownCase) -> bool:
        """Whether a case fails by the changed rulebook."""
        if case.compared:
            return super().fails(case)
        inferred = case.evaluation.inferred
        return case.fails_by(case.evaluation.chart, inferred, decide(self.changed, inferred))


def trial_of(known: KnownCases, changed: RuleBook, *, finding: str = "", rule: str = "") -> Trial:
    """The trial of a rulebook in which one finding, one rule or something else was changed."""
    if rule:
        when = changed.rules[rule].when
        is_same = when is known.book.rules[rule].when
        return DecisionTrial(known, changed) if is_same else JoinTrial(known, changed, rule, when)
    definition = changed.findings[finding].definition if finding else None
    if definition is None or definition.compares_outcomes:
        return Trial(known, changed)
    if isinstance(definition, Joined):
        return JoinTrial(known, changed, finding, definition)
    return SentenceTrial(known, changed, finding)
