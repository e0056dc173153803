"""What a card says where its rule rests on something not being on record, and an entry may be that something.

A record is judged by what was understood in it. A rule that would not be certain otherwise says so on its own card: the
deciding one tells it for the whole answer.
"""

from __future__ import annotations

from cds.cards.wording import issue_markdown
from cds.evaluation import Evaluation
from cds.intake.unrecognised import ISSUE_OF, kinds_not_understood
from cds.quantity import UNKNOWN
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Sense

MAY_BE = "That may be what this card did not find."


def not_found_text(evaluation: Evaluation, rule: str) -> str:
    """A paragraph with what was not understood and may be what a rule did not find; empty where nothing is."""
    doubting, wording = evaluation.doubting, evaluation.book.wording
    if doubting is None or doubting.state(rule) != UNKNOWN:
        return ""
    codes = {ISSUE_OF[kind] for kind in _kinds(evaluation, rule)}
    issues = (issue for issue in evaluation.chart.record.issues if issue.code in codes)
    told = " ".join(issue_markdown(issue._replace(text=wording.remark(issue.text))) for issue in issues)
    return f"**Not certain:** {told} {wording.remark(MAY_BE)}" if told else ""


def _kinds(evaluation: Evaluation, rule: str) -> frozenset[str]:
    """The kinds of what was not understood in which something may be that a rule says is not on record."""
    graph, doubting = graph_of(evaluation.book), evaluation.doubting
    absent = (part.finding for part in evaluation.book.rules[rule].when.parts if part.sense is Sense.NOT)
    in_doubt = (finding for finding in absent if doubting and doubting.state(finding) == UNKNOWN)
    parts = frozenset[str]().union(*map(graph.parts, in_doubt))
    return parts & kinds_not_understood(evaluation.chart.record) & ISSUE_OF.keys()
