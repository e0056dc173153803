"""What the deciding card says beyond its rule: what is not known, and what was on record and could not be used.

A notice is a sentence about the whole answer. A new kind is a function here and a line in ``notices_of``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cds.cards.not_used import not_used_data, not_used_text
from cds.cards.proof import Proof, missing
from cds.cards.wording import issue_markdown, issue_text
from cds.evaluation import Evaluation

NO_PRODUCT = "no-calcium-product"
"""The advice code of the rule that finds no calcium product."""


class Notice(NamedTuple):
    """A paragraph of Markdown for the detail of the card, and the same as data under a key of its extension.

    Without data nothing stands in the extension.
    """

    key: str
    data: list[Any]
    text: str


def notices_of(evaluation: Evaluation, proof: Proof) -> list[Notice]:
    """The notices of an evaluation, in the order in which the card shows them."""
    return [*_not_known(evaluation, proof), *_not_used(evaluation), *_not_recognised(evaluation)]


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


def _not_recognised(evaluation: Evaluation) -> Iterator[Notice]:
    """Medicines and conditions that nothing in the rulebook is, where the answer is to go on, or that there is none."""
    decision = evaluation.decision
    if decision.outcome != "continue" and not any(NO_PRODUCT in said.codes for said in decision.said):
        return
    issues = [issue for issue in evaluation.chart.record.issues if issue.names]
    if issues:
        lines = "\n".join(f"- {issue_markdown(issue)}" for issue in issues)
        yield Notice(
            "notRecognised", [issue_text(issue) for issue in issues], f"**Not recognised, so not judged**\n{lines}"
        )
