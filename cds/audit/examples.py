"""The cases of a rule with their results, and its card, in every text that it has, as an EHR shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.cards.card import cards_of
from cds.cards.frames import frame_of
from cds.evaluation import Evaluation, Evaluator
from cds.jsontypes import Json
from cds.reasoning.decision import Said
from cds.review.cases import Failure, chart_of_case, failure
from cds.review.overlay_effects import overridden
from cds.rulebook.model import Case, Rule


class Result(NamedTuple):
    """A case, and how it fails (None where it holds); ``overridden`` when it fails only because of an overlay."""

    case: Case
    failure: Failure | None
    overridden: bool = False

    @property
    def fails(self) -> bool:
        """Whether it fails, and no overlay is the reason."""
        return self.failure is not None and not self.overridden


class Shown(NamedTuple):
    """A card in one of its texts and indicators; ``case`` names the example patient for whom it is shown.

    A text that no case reaches is shown without a patient, and ``case`` is empty.
    """

    text: int
    card: Json
    case: str


def results_of(evaluator: Evaluator) -> dict[str, tuple[Result, ...]]:
    """The cases of every rule with their results."""
    book = evaluator.book
    found = {
        name: tuple(Result(case, failure(evaluator, name, case)) for case in rule.cases)
        for name, rule in book.rules.items()
    }
    failing = [result.failure for results in found.values() for result in results if result.failure]
    by_overlay = overridden(book, failing)
    return {name: tuple(r._replace(overridden=r.failure in by_overlay) for r in own) for name, own in found.items()}


def cards_of_rule(evaluator: Evaluator, rule: Rule) -> tuple[Shown, ...]:
    """The card of a rule, once for each of its texts and indicators, the plain text first."""
    found: dict[tuple[int, str], Shown] = {}
    for case in rule.cases:
        evaluation = evaluator.evaluate(chart_of_case(evaluator.book, case))
        for said in _said(evaluation, rule):
            found.setdefault((said.text, said.indicator), Shown(said.text, _card(evaluation, rule), case.name))
    reached = {text for text, _ in found}
    for text in range(len(rule.card.texts)):
        if text not in reached:
            indicator = rule.card.indicators[-1][0]
            codes = tuple(saying.code for saying in rule.advice if not saying.conditions)
            frame = frame_of(evaluator.book, Said(rule.id, codes, text, indicator))
            detail = f"{frame.opening}\n\n{frame.closing}"
            found[text, indicator] = Shown(text, {**frame.card, "detail": detail}, "")
    return tuple(sorted(found.values(), key=lambda shown: (-shown.text, shown.case)))


def _said(evaluation: Evaluation, rule: Rule) -> Iterator[Said]:
    yield from (said for said in evaluation.decision.said if said.rule == rule.id)


def _card(evaluation: Evaluation, rule: Rule) -> Json:
    place = [said.rule for said in evaluation.decision.said].index(rule.id)
    return cards_of(evaluation)[place]
