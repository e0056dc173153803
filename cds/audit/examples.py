"""The cases of the rules: their results, their cards as an EHR shows them, and how many small changes they notice.

Trying the changes takes seconds; the result belongs to the content of the rules and of the code, and is kept beside
the rulebook cache under a key of both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cds.cache import DECIDING, cache_folder, keep, key_of
from cds.cards.card import cards_of_rules
from cds.cards.frames import frame_of
from cds.evaluation import Evaluation, Evaluator
from cds.jsontypes import Json
from cds.reasoning.decision import Said
from cds.review.cases import Failure, chart_of_case, failure
from cds.review.kept_checks import logic_now
from cds.review.mutation import Mutant, mutants
from cds.review.noticing import Progress
from cds.review.overlay_effects import overridden
from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import Case, Rule, RuleBook


class CaseResult(NamedTuple):
    """A case, and how it fails (None where it holds); ``overridden`` when it fails only because of an overlay."""

    case: Case
    failure: Failure | None
    overridden: bool = False

    @property
    def fails(self) -> bool:
        """Whether it fails, and no overlay is the reason."""
        return self.failure is not None and not self.overridden


class ShownText(NamedTuple):
    """A card in one of its texts and indicators; ``case`` names the example patient for whom it is shown.

    A text that no case reaches is shown without a patient, and ``case`` is empty.
    """

    text: int
    card: Json
    case: str


def results_of(evaluator: Evaluator) -> dict[str, tuple[CaseResult, ...]]:
    """The cases of every rule with their results."""
    book = evaluator.book
    found = {
        name: tuple(CaseResult(case, failure(evaluator, name, case)) for case in rule.cases)
        for name, rule in book.rules.items()
    }
    failing = [result.failure for results in found.values() for result in results if result.failure]
    by_overlay = overridden(book, failing)
    return {name: tuple(r._replace(overridden=r.failure in by_overlay) for r in own) for name, own in found.items()}


def cards_of_rule(evaluator: Evaluator, rule: Rule) -> tuple[ShownText, ...]:
    """The card of a rule, once for each of its texts and indicators, the plain text first."""
    found: dict[tuple[int, str], ShownText] = {}
    for case in rule.cases:
        evaluation = evaluator.evaluate(chart_of_case(evaluator.book, case))
        for said in _said(evaluation, rule):
            found.setdefault((said.text, said.indicator), ShownText(said.text, _card(evaluation, rule), case.name))
    reached = {text for text, _ in found}
    for text in range(len(rule.card.texts)):
        if text not in reached:
            indicator = rule.card.indicators[-1][0]
            codes = tuple(saying.code for saying in rule.advice if not saying.conditions)
            frame = frame_of(evaluator.book, Said(rule.id, codes, text, indicator))
            hours = [f"- {name}: {when}" for name, when in rule.card.hours]
            detail = "\n\n".join(filter(None, (frame.text.detail, *hours, frame.local, frame.closing)))
            shown = {**frame.card, "summary": frame.text.summary, "detail": detail}
            found[text, indicator] = ShownText(text, shown, "")
    return tuple(sorted(found.values(), key=lambda shown: (-shown.text, shown.case)))


def _said(evaluation: Evaluation, rule: Rule) -> Iterator[Said]:
    yield from (said for said in evaluation.decision.said if said.rule == rule.id)


def _card(evaluation: Evaluation, rule: Rule) -> Json:
    place = [said.rule for said in evaluation.decision.said].index(rule.id)
    return cards_of_rules(evaluation)[place]


SOURCES = (*DECIDING, "cards", "review")
"""The code that tries the changes."""


class Score(NamedTuple):
    """Of so many small changes to a rule and to the findings that it reads, those that no case notices.

    ``accepted`` are survivors with the reason that review.yaml gives.
    """

    tried: int
    survived: tuple[str, ...]
    accepted: tuple[tuple[str, str], ...]

    @property
    def percent(self) -> float:
        """The share of changes that a case notices, in percent; none of none."""
        return 100 * (1 - (len(self.survived) + len(self.accepted)) / self.tried) if self.tried else 0.0


def surviving(book: RuleBook, progress: Progress = lambda done, total: None) -> frozenset[str] | None:
    """The small changes, in words, that no case of the rulebook notices; from the cache where they are known.

    Cases of the base that an overlay makes untrue are left out. None while another case fails: such a case would seem
    to notice every change, and nothing was tried.
    """
    kept = survivors_file(book)
    known = _read(kept)
    if known is None:
        logic = logic_now(book, progress)
        if logic.a_case_fails:
            return None
        known = sorted(mutant.what for mutant in logic.missed)
        keep(kept, json.dumps(known).encode())
    return frozenset(known)


def score_of(book: RuleBook, rule: Rule, alive: frozenset[str], tried: list[Mutant]) -> Score:
    """The score of a rule: the changes to itself and to every finding that it reads."""
    names = {name for kind, name in graph_of(book).behind_rule(rule) if kind == FINDING}
    own = [mutant.what for mutant in tried if mutant.rule == rule.id or mutant.finding in names]
    left = [what for what in own if what in alive]
    accepted = tuple((what, book.accepted[what]) for what in left if what in book.accepted)
    return Score(len(own), tuple(what for what in left if what not in book.accepted), accepted)


def scores_of(book: RuleBook, alive: frozenset[str]) -> dict[str, Score]:
    """The score of each rule."""
    tried = mutants(book)
    return {name: score_of(book, rule, alive, tried) for name, rule in book.rules.items()}


def survivors_file(book: RuleBook) -> Path:
    """Where the survivors of a rulebook are kept."""
    content = (book.sha256, sorted(book.off), sorted(book.shadow))
    return cache_folder() / f"{key_of(content, SOURCES)}.survivors.json"


def _read(path: Path) -> list[str] | None:
    """The list of a cache file; None when there is none, or it is damaged."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, list) and all(isinstance(item, str) for item in found) else None
