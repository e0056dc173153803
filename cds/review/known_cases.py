"""The cases of a rulebook, evaluated once: what a small change of a rule or finding can do to them needs less work.

A change of a finding does nothing to a case in which the finding has the same state as before; one that no fact reads,
and any change of a rule, leaves the facts as they are. Where a what-if question is open, outcomes of other charts are
compared, and nothing is spared.
"""

from __future__ import annotations

from typing import NamedTuple

from cds.evaluation import Evaluator
from cds.facts.chart import Chart
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import chart_of_case, failure_in
from cds.rulebook.graph import FINDING, Node, graph_of
from cds.rulebook.model import Case, Joined, RuleBook


class KnownCase(NamedTuple):
    """A case of a rule: its chart, the same with its what-if questions settled, and whether there is one."""

    rule: str
    case: Case
    chart: Chart
    settled: Chart
    is_open: bool


class KnownCases:
    """The evaluated cases of a rulebook, by rule."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.evaluator = Evaluator(book, PlainReasoner(book))
        self.behind_charts = _behind_charts(book)
        self.by_rule: dict[str, tuple[KnownCase, ...]] = {}

    def of_rule(self, rule: str) -> tuple[KnownCase, ...]:
        """The cases of a rule."""
        if rule not in self.by_rule:
            self.by_rule[rule] = tuple(self._known(rule, case) for case in self.book.rules[rule].cases)
        return self.by_rule[rule]

    def _known(self, rule: str, case: Case) -> KnownCase:
        chart, evaluator = chart_of_case(self.book, case), self.evaluator
        return KnownCase(rule, case, chart, evaluator.evaluate(chart).chart, evaluator.is_open(chart))

    def fails(self, changed: Evaluator, known: KnownCase, touched: Node) -> bool:
        """Whether a case fails by a changed rulebook; ``touched`` is the finding or term that was changed, if any."""
        chart = self._changed_chart(changed.book, known, touched)
        return chart is not None and failure_in(changed.evaluate(chart), known.rule, known.case) is not None

    def _changed_chart(self, changed: RuleBook, known: KnownCase, touched: Node) -> Chart | None:
        """The chart of a case by a changed rulebook; None where the change does nothing."""
        kind, name = touched
        if name and kind == FINDING and not known.is_open and _has_same_state(changed, known, name):
            return None
        return chart_of_case(changed, known.case) if touched in self.behind_charts else known.chart


def _has_same_state(changed: RuleBook, known: KnownCase, finding: str) -> bool:
    """Whether a finding has the state that it had before the change; what a case supposes is not worked out."""
    if finding in known.chart.supposed.states:
        return True
    definition, chart = changed.findings[finding].definition, known.settled
    asked = chart if isinstance(definition, Joined) else chart.sheet()
    return definition.check(changed)(asked) is chart.state(finding)


def _behind_charts(book: RuleBook) -> set[Node]:
    """What the facts and the states of a chart rest on: all but findings that only rules and such findings read."""
    graph = graph_of(book)
    own = {(FINDING, name) for name, finding in book.findings.items() if not isinstance(finding.definition, Joined)}
    return graph.behind([*own, *(node for node in graph.needs if node[0] != FINDING)])
