"""What the deciding card says beyond its rule: what is not known, and what was on record and could not be used.

A notice is a sentence about the whole answer. A new kind is a function here and a line in ``notices_of``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cds.cards.proof import Proof, missing
from cds.cards.unheard import left_out, left_out_text, switched_off, switched_off_text
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
    return [*_not_heard(evaluation, proof), *_not_known(evaluation, proof)]


def _not_heard(evaluation: Evaluation, proof: Proof) -> Iterator[Notice]:
    """The rules that are switched off and count here, and those that the hospital leaves out."""
    if told := switched_off(evaluation, proof):
        texts = (switched_off_text(evaluation, proof, one) for one in told)
        yield Notice("switchedOff", told, "\n\n".join(texts))
    if gone := left_out(evaluation):
        yield Notice("leftOut", gone, "\n\n".join(map(left_out_text, gone)))


def _not_known(evaluation: Evaluation, proof: Proof) -> Iterator[Notice]:
    """What rules asked for and is not known; and then also the results that could not be used."""
    unknown = missing(evaluation)
    if unknown:
        yield Notice("missing", unknown, f"**Not known, so not judged:** {'; '.join(unknown)}.")
    if unknown and (unused := proof.not_used()):
        yield Notice("", [], "**On record, but not used**\n" + "\n".join(unused))
