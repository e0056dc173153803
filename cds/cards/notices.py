"""What the deciding card says beyond its rule: what is not known, and what was on record and could not be used.

A notice is a sentence about the whole answer. A new kind is a function here and a line in ``notices_of``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cds.cards.not_used import not_used_data, not_used_text
from cds.cards.proof import Proof, missing
from cds.evaluation import Evaluation


class Notice(NamedTuple):
    """A paragraph of Markdown for the detail of the card, and the same as data under a key of its extension.

    Without data nothing stands in the extension.
    """

    key: str
    data: list[Any]
    text: str


def notices_of(evaluation: Evaluation, proof: Proof) -> list[Notice]:
    """The notices of an evaluation, in the order in which the card shows them."""
    return [*_not_known(evaluation, proof), *_not_used(evaluation)]


def _not_known(evaluation: Evaluation, proof: Proof) -> Iterator[Notice]:
    """What rules asked for and is not known; and then also the results that could not be used."""
    unknown = missing(evaluation)
    if unknown:
        yield Notice("missing", unknown, f"**Not known, so not judged:** {'; '.join(unknown)}.")
    if unknown and (unused := proof.not_used()):
        yield Notice("", [], "**On record, but not used**\n" + "\n".join(unused))


def _not_used(evaluation: Evaluation) -> Iterator[Notice]:
    """What stood in the data and was not used: an answer that rests on the rest says so."""
    record = evaluation.chart.record
    if text := not_used_text(record):
        yield Notice("notUsed", not_used_data(record), text)
