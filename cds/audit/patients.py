"""Whom the rules affect: the sample patients, all invented, and a population, of which only counts are kept."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cds.boundary import error_boundary
from cds.cards.card import cards_of
from cds.errors import ANSWER_CODES, RECORD_CODES, CdsError
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.one_file import evaluate_file
from cds.reasoning.decision import Silenced
from cds.review.noticing import Progress
from cds.review.people import Person
from cds.rulebook.model import RuleBook


class Sample(NamedTuple):
    """A sample patient: the story, and what the rules say on its day."""

    name: str
    title: str
    story: str
    day: date
    evaluation: Evaluation
    cards: tuple[Json, ...]

    @property
    def fired(self) -> frozenset[str]:
        """The rules that fire."""
        return self.evaluation.inferred.fired

    @property
    def not_shown(self) -> dict[str, list[Silenced]]:
        """For each rule that fires, who silenced its card by which entry; nobody where it is shown."""
        silenced = self.evaluation.decision.silenced
        return {rule: [item for item in silenced if item.rule == rule and item.what == "card"] for rule in self.fired}

    @property
    def unheard(self) -> frozenset[str]:
        """The rules that fire and are switched off or in shadow."""
        return self.fired & (self.evaluation.book.off | self.evaluation.book.shadow)


def samples_of(book: RuleBook, folder: Path) -> tuple[Sample, ...]:
    """The sample patients of a folder, in the order of their names.

    Raises:
        CdsError: a sample cannot be evaluated.

    """
    return tuple(_sample(book, path.parent) for path in sorted(folder.glob("*/bundle.json")))


def _sample(book: RuleBook, place: Path) -> Sample:
    expected = json.loads((place / "expected.json").read_text(encoding="utf-8"))
    story = (place / "story.md").read_text(encoding="utf-8")
    title, _, rest = story.partition("\n")
    day = date.fromisoformat(expected["asOf"])
    with error_boundary():
        evaluation = evaluate_file(place / "bundle.json", book, day)
        cards = tuple(cards_of(evaluation))
    return Sample(place.name, title.lstrip("# ").strip(), rest, day, evaluation, cards)


_CODES = RECORD_CODES | ANSWER_CODES


class UnreadPatient(NamedTuple):
    """A patient who could not be evaluated; the name of the file may tell who it is, and stays out of the book."""

    name: str
    error: CdsError

    @property
    def why(self) -> str:
        """The reason without any detail of the file."""
        return f"{_CODES.get(self.error.code, 'No answer may be given.')} [{self.error.code}]"


Cell: TypeAlias = tuple[str, str]
"""A figure of a population: the kind (a field of ``Population``) and the name."""


class OfRun(NamedTuple):
    """What is to be said of figures that come from a run.

    Its rulebook in words, whether that is the one of the book, how many problems make it incomplete, and the figures
    that are not shown.
    """

    rulebook: str
    same_rules: bool
    problems: int
    hidden: frozenset[Cell]


class Population(NamedTuple):
    """What was counted over all patients who could be evaluated; ``unread`` are the others.

    ``fired``, ``decided``, ``silenced`` and ``asked`` count patients for each rule; ``silenced`` is None in ``run``,
    whose answers do not tell it.
    """

    day: date
    patients: int
    unread: tuple[UnreadPatient, ...]
    outcomes: Counter[str]
    fired: Counter[str]
    decided: Counter[str]
    silenced: Counter[str] | None
    asked: Counter[str]
    cards: tuple[int, ...]
    run: OfRun | None = None

    @property
    def median(self) -> float:
        """The median number of cards for a patient."""
        return statistics.median(self.cards) if self.cards else 0

    @property
    def high(self) -> int:
        """The 95th percentile of the number of cards for a patient (nearest rank)."""
        ordered = sorted(self.cards)
        return ordered[-(-95 * len(ordered) // 100) - 1] if ordered else 0


def counted(
    book: RuleBook, people: Iterable[Person], day: date, progress: Progress = lambda done, total: None
) -> Population:
    """The counts over these patients, who are read one after the other, as of a day."""
    silenced: Counter[str] = Counter()
    found = Population(day, 0, (), Counter(), Counter(), Counter(), silenced, Counter(), ())
    unread: list[UnreadPatient] = []
    cards: list[int] = []
    for number, person in enumerate(people, 1):
        try:
            with error_boundary():
                evaluation = person.evaluated(book)
                cards.append(len(cards_of(evaluation)))
        except CdsError as error:
            unread.append(UnreadPatient(person.name, error))
        else:
            _count(found, evaluation)
            silenced.update({item.rule for item in evaluation.decision.silenced if item.what in ("card", "decision")})
        progress(number, number)
    return found._replace(patients=len(cards), unread=tuple(unread), cards=tuple(cards))


def _count(found: Population, evaluation: Evaluation) -> None:
    decision = evaluation.decision
    found.outcomes[decision.outcome] += 1
    found.decided[decision.decided_by] += 1
    found.fired.update(evaluation.inferred.fired)
    found.asked.update(evaluation.answer.asking.keys())
