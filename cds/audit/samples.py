"""The sample patients that come with the project: all of them invented."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cds.boundary import error_boundary
from cds.cards.card import shown_cards
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.one_file import evaluate_file
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
        cards = tuple(shown_cards(evaluation))
    return Sample(place.name, title.lstrip("# ").strip(), rest, day, evaluation, cards)
