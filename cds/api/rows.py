"""A result as one row of a table: the names of the columns stay what they are."""

from __future__ import annotations

from typing import Any, TypeAlias

from cds.cards.missing import missing_names
from cds.cards.wording import harmless
from cds.errors import CdsError, with_code
from cds.evaluation import Evaluation
from cds.intake.account import account_of

Row: TypeAlias = "dict[str, Any]"
COLUMNS = ("file", "patient", "outcome", "decided_by", "rules", "advice", "missing", "not_understood", "error")
"""The columns of a table of results.

``rules`` are those that speak, in the order of their cards; ``advice`` the codes that they say; ``missing`` the terms
of which rules that ask for data know nothing for certain; ``not_understood`` the words, else the names, of resources
that were not understood. In a row with an ``error`` the other columns are None: nothing is known, nothing is empty.
"""


def row_of(file: str, evaluation: Evaluation) -> Row:
    """The row of an evaluation."""
    decision, record = evaluation.decision, evaluation.chart.record
    entries = account_of(record, evaluation.book).not_understood
    values = (
        file,
        harmless(record.patient),
        decision.outcome,
        decision.decided_by,
        [said.rule for said in decision.said],
        sorted({code for said in decision.said for code in said.codes}),
        missing_names(evaluation),
        [harmless(entry.words[0] if entry.words else entry.source) for entry in entries],
        None,
    )
    return dict(zip(COLUMNS, values, strict=True))


def error_row(file: str, patient: str, error: CdsError | None) -> Row:
    """The row of what has no answer."""
    said = with_code(error) if error else None
    return dict.fromkeys(COLUMNS) | {"file": file, "patient": harmless(patient) or None, "error": said}
