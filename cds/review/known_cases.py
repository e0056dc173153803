"""The cases of a rulebook, evaluated once: what a small change does to them is told from that."""

from __future__ import annotations

from typing import NamedTuple

from cds.evaluation import Answer, Evaluation, Evaluator
from cds.facts.chart import Chart
from cds.reasoning.decision import Decision
from cds.reasoning.inference import Inferred, PlainReasoner
from cds.review.cases import Failure, chart_of_case, failure_in
from cds.rulebook.model import Case, RuleBook


class KnownCase(NamedTuple):
    """A case of a rule, its evaluation, and the charts that its open what-if questions compare, if there are any."""

    rule: str
    case: Case
    evaluation: Evaluation
    compared: tuple[Chart, ...]

    def fails(self, evaluation: Evaluation) -> bool:
        """Whether it does not come out by another evaluation as it says."""
        return failure_in(evaluation, self.rule, self.case) is not None

    def fails_by(self, chart: Chart, inferred: Inferred, decision: Decision) -> bool:
        """The same by a chart and what follows from it; the reasons behind that are not worked out."""
        book = self.evaluation.book
        answer = Answer(book, inferred, decision, applies=True, grounds={}, asking={}, unheard={})
        return self.fails(Evaluation(chart, answer))


class KnownCases:
    """The evaluated cases of a rulebook, by rule."""

    def __init__(self, book: RuleBook) -> None:
        self.book, self.reasoner = book, PlainReasoner(book)
        self.evaluator, self.own = Evaluator(book, self.reasoner), Evaluator(book)
        self.by_rule: dict[str, tuple[KnownCase, ...]] = {}

    def of_rule(self, rule: str) -> tuple[KnownCase, ...]:
        """The cases of a rule."""
        if rule not in self.by_rule:
            self.by_rule[rule] = tuple(self._known(rule, case) for case in self.book.rules[rule].cases)
        return self.by_rule[rule]

    def named(self, rule: str, name: str) -> list[KnownCase]:
        """The cases of a rule that have this name; none of a rule that is not there."""
        return [item for item in self.of_rule(rule) if item.case.name == name] if rule in self.book.rules else []

    def failures(self) -> list[Failure]:
        """The cases of all rules that fail."""
        found = (
            failure_in(item.evaluation, name, item.case) for name in self.book.rules for item in self.of_rule(name)
        )
        return [item for item in found if item is not None]

    def _known(self, rule: str, case: Case) -> KnownCase:
        """A case as the product answers it, by the rules engine and the reference evaluator."""
        chart = chart_of_case(self.book, case)
        return KnownCase(rule, case, self.own.evaluate(chart), tuple(self.own.compared(chart)))
