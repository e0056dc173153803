"""How the rules behave in a population: how often each fires, decides and is silenced. Counts only, no patient data."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from cds.boundary import error_boundary
from cds.cards.card import shown_cards
from cds.errors import ANSWER_CODES, RECORD_CODES, CdsError
from cds.evaluation import Evaluation
from cds.review.people import Person
from cds.rulebook.model import RuleBook

CODES = RECORD_CODES | ANSWER_CODES
Progress = Callable[[int, int], None]


class Unread(NamedTuple):
    """A patient who could not be evaluated; the name of the file may tell who it is, and stays out of the book."""

    name: str
    error: CdsError

    @property
    def why(self) -> str:
        """The reason without any detail of the file."""
        return f"{CODES.get(self.error.code, 'No answer may be given.')} [{self.error.code}]"


class Population(NamedTuple):
    """What was counted over all patients who could be evaluated; ``unread`` are the others.

    ``fired``, ``decided``, ``silenced`` and ``asked`` count patients for each rule.
    """

    day: date
    patients: int
    unread: tuple[Unread, ...]
    outcomes: Counter[str]
    fired: Counter[str]
    decided: Counter[str]
    silenced: Counter[str]
    asked: Counter[str]
    cards: tuple[int, ...]

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
    found = Population(day, 0, (), Counter(), Counter(), Counter(), Counter(), Counter(), ())
    unread: list[Unread] = []
    cards: list[int] = []
    for number, person in enumerate(people, 1):
        try:
            with error_boundary():
                evaluation = person.evaluated(book)
                cards.append(len(shown_cards(evaluation)))
        except CdsError as error:
            unread.append(Unread(person.name, error))
        else:
            _count(found, evaluation)
        progress(number, number)
    return found._replace(patients=len(cards), unread=tuple(unread), cards=tuple(cards))


def _count(found: Population, evaluation: Evaluation) -> None:
    decision = evaluation.decision
    found.outcomes[decision.outcome] += 1
    found.decided[decision.decided_by] += 1
    found.fired.update(evaluation.inferred.fired)
    found.silenced.update({item.rule for item in decision.silenced if item.what in ("card", "decision")})
    found.asked.update(evaluation.answer.asking.keys())
