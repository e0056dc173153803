"""What the deciding card says beyond its rule: what is not known, and what was on record and could not be used.

A notice is a sentence about the whole answer. A new kind is a function here and a line in ``notices_of``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.cards.proof import Proof, missing
from cds.cards.wording import escaped, harmless
from cds.evaluation import Evaluation
from cds.intake.record import DOUBTS
from cds.quantity import UNKNOWN
from cds.rulebook.model import ProductTerm


class Notice(NamedTuple):
    """A paragraph of Markdown for the detail of the card, and the same as data under a key of its extension.

    Without data nothing stands in the extension.
    """

    key: str
    data: list[str]
    text: str


def notices_of(evaluation: Evaluation, proof: Proof) -> list[Notice]:
    """The notices of an evaluation, in the order in which the card shows them."""
    return [*_may_have_died(evaluation), *_not_known(evaluation, proof), *_may_be_taken(evaluation)]


def _not_known(evaluation: Evaluation, proof: Proof) -> Iterator[Notice]:
    """What rules asked for and is not known; and then also the results that could not be used."""
    unknown = missing(evaluation)
    if unknown:
        yield Notice("missing", unknown, f"**Not known, so not judged:** {'; '.join(unknown)}.")
    if unknown and (unused := proof.not_used()):
        yield Notice("", [], "**On record, but not used**\n" + "\n".join(unused))


def _may_have_died(evaluation: Evaluation) -> Iterator[Notice]:
    """That an entry about the death of the patient cannot be read; the advice is for a living patient."""
    record = evaluation.chart.record
    own = (mention for found in record.mentions.values() for mention in found if mention.source == record.patient)
    if any(mention.state is UNKNOWN for mention in own):
        yield Notice("", [], "**It is not certain whether the patient has died:** the record of it cannot be read.")


def _may_be_taken(evaluation: Evaluation) -> Iterator[Notice]:
    """The medicines that may or may not be taken: they count as neither. None where the answer rests on no medicine."""
    record, why = evaluation.chart.record, evaluation.answer.grounds.get(evaluation.decision.decided_by, ())
    terms = [evaluation.book.terms[name] for leaf in why for name in leaf.recorded]
    courses = [*record.products, *(course for found in record.courses.values() for course in found)]
    unclear = list(dict.fromkeys(course.source for course in courses if course.state is UNKNOWN))
    if unclear and (evaluation.outcome != "not-applicable" or any(isinstance(term, ProductTerm) for term in terms)):
        doubts = [f"- {escaped(i.source)}: {i.text}" for i in record.issues if i.source in unclear and i.code in DOUBTS]
        told = "\n".join(("**On record, and not certain that it is taken**", *doubts))
        yield Notice("maybeTaken", [harmless(source) for source in unclear], told)
