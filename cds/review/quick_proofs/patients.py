"""The patients of the cases, as those whom a promise is tried on: who can be, and how they are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.evaluation import Evaluation
from cds.quantity import PRESENT
from cds.reasoning.decision import acting_in
from cds.review.known_cases import KnownCase, KnownCases
from cds.review.quick_proofs.written import implied_by
from cds.rulebook.model import RuleBook


class Whole(NamedTuple):
    """The answer of the whole rulebook to a patient, rules that are switched off among it: promises are about it."""

    evaluation: Evaluation

    @property
    def book(self) -> RuleBook:
        """The rulebook."""
        return self.evaluation.book

    @property
    def outcome(self) -> str:
        """The outcome."""
        decision = self.evaluation.decision
        return decision.switched.outcome if decision.switched else decision.outcome

    @property
    def decided_by(self) -> str:
        """The rule that decides."""
        decision = self.evaluation.decision
        return decision.switched.decided_by if decision.switched else decision.decided_by

    @property
    def fired(self) -> frozenset[str]:
        """The rules that fire."""
        return self.evaluation.inferred.fired | self.evaluation.inferred.withheld

    @property
    def acting(self) -> frozenset[str]:
        """The entries of silencing.yaml that act."""
        return acting_in(self.book, self.evaluation.inferred)


def tellings(known: KnownCases) -> Iterator[KnownCase]:
    """The telling cases whose answer can become more permissive; all of a rule that marks none."""
    order = known.book.compared[:-1]
    for name, rule in known.book.rules.items():
        marked = {case.spot for case in rule.cases if case.telling}
        for item in known.of_rule(name):
            told = not marked or item.case.spot in marked
            if told and Whole(item.evaluation).outcome in order and not _supposes_findings(item):
                yield item


def can_be(item: KnownCase) -> bool:
    """Whether a record can say what a case supposes: no finding without what it is made of, no code without the others.

    A case may suppose what is worked out (``hip fracture from 50 years of age``) and leave out what that rests on.
    """
    book, chart = item.evaluation.book, item.evaluation.chart
    present = [name for name, state in chart.supposed.states.items() if state is PRESENT]
    if _supposes_findings(item):
        return False
    others = {other for name in present for other in implied_by(book, name) or ()}
    return all(chart.states.get(other, PRESENT) is PRESENT for other in others)


def _supposes_findings(item: KnownCase) -> bool:
    return not item.evaluation.chart.supposed.states.keys() <= item.evaluation.book.terms.keys()


def in_words(item: KnownCase) -> str:
    """``the patient of case 'high on a thiazide' (calcium to use: 10.6 mg/dL; thiazide: yes)``."""
    given = "; ".join(f"{name}: {value}" for name, value in item.case.given) or "as rulebook.yaml says"
    return f"the patient of case '{item.case.name}' of {item.rule} ({given})"
