"""The conditions on record of which nobody can tell whether the patient has them, with what leaves it open.

Most rules ignore what is unknown. A condition that nobody recognises is named on the card; so one of which only the
status is not certain must be, which may be what a rule would have decided by.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from cds.cards.wording import escaped, harmless
from cds.evaluation import Evaluation
from cds.intake.record import UNCERTAIN
from cds.quantity import PRESENT, UNKNOWN
from cds.rulebook.model import Condition

Json: TypeAlias = dict[str, Any]


def not_certain(evaluation: Evaluation) -> list[Json]:
    """Each doubtful entry with its terms, its source and the reason; none of a term that another entry makes sure."""
    record = evaluation.chart.record
    terms: dict[str, list[str]] = {}
    for name, found in record.mentions.items():
        if not any(mention.state is PRESENT for mention in found) and not _is_a_death(evaluation, name):
            for source in dict.fromkeys(mention.source for mention in found if mention.state is UNKNOWN):
                terms.setdefault(source, []).append(name)
    doubts = ((issue.source, issue.text) for issue in record.issues if issue.code == UNCERTAIN)
    named = ((terms[source], source, text) for source, text in doubts if source in terms)
    return [{"conditions": names, "source": harmless(source), "reason": text} for names, source, text in named]


def not_certain_text(told: list[Json]) -> str:
    """The same as a paragraph of Markdown."""
    lines = (f"- {', '.join(one['conditions'])} ({escaped(one['source'])}): {one['reason']}" for one in told)
    return "\n".join(("**On record, and not certain that the patient has it**", *lines))


def _is_a_death(evaluation: Evaluation, name: str) -> bool:
    """Whether a term says that the patient has died; an uncertain death has a notice of its own."""
    term = evaluation.book.terms[name]
    return isinstance(term, Condition) and term.patient_element == "deceased"


def may_have_died(evaluation: Evaluation) -> bool:
    """Whether any entry of the record leaves it open whether the patient has died."""
    mentions = evaluation.chart.record.mentions.items()
    deaths = (mention for name, found in mentions if _is_a_death(evaluation, name) for mention in found)
    return any(mention.state is UNKNOWN for mention in deaths)
