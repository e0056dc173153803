"""One patient in one line: what a person looks at first, taken from the answer that ``--json`` prints."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from cds.cards.folding import INDICATORS
from cds.cards.wording import harmless
from cds.errors import CdsError
from cds.jsontypes import Json


class Row(NamedTuple):
    """What is told of a patient in one line.

    ``cards`` counts the cards by their indicator, in the order of ``INDICATORS``; ``spoke`` are the rules whose cards
    are shown, ``missing`` the names of what rules asked for and is not known, ``remarks`` the issues of the data, and
    ``not_understood`` the resources of which something that matters was not understood.
    """

    file: str
    patient: str
    outcome: str
    decided_by: str
    cards: tuple[int, ...]
    spoke: tuple[str, ...]
    missing: tuple[str, ...]
    remarks: int
    not_understood: int


class Refused(NamedTuple):
    """A file, a part of it or a patient without an answer; ``text`` holds no patient data."""

    file: str
    patient: str
    code: str
    text: str


def row_of(file: str, result: Json) -> Row:
    """The row of a result, as ``cds.result.result_of`` returns it."""
    cards = Counter(card["indicator"] for card in result["cards"])
    return Row(
        file,
        harmless(result["patient"]),
        result["outcome"],
        result["decidedBy"],
        tuple(cards[indicator] for indicator in INDICATORS),
        tuple(result["fired"]),
        tuple(result["missing"]),
        len(result["issues"]),
        len(result["account"]["notUnderstood"]),
    )


def refused_of(file: str, patient: str, error: CdsError) -> Refused:
    """The row of what could not be read, or not be answered."""
    return Refused(file, harmless(patient), error.code, str(error))
