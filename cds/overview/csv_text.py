"""Several patients as CSV: a line of headings, then a line of each patient and of what was refused.

A cell that a spreadsheet would take for a formula begins with an apostrophe: names of patients and files are data, and
nothing in them is run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from cds.cards.folding import INDICATORS
from cds.overview.rows import Refused, Row

COLUMNS = (
    *("file", "patient", "as of", "rulebook", "outcome", "decided by"),
    *INDICATORS,
    *("rules that spoke", "missing", "data remarks", "not understood", "error code", "error"),
)
"""The headings; the three indicators are numbers of cards."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula; some take the wide forms for one, too."""


def heading() -> str:
    """The line of headings."""
    return _line(COLUMNS)


def row_line(row: Row, as_of: str, rulebook: str) -> str:
    """The line of a patient; lists in a cell are joined by semicolons."""
    told = ("; ".join(row.spoke), "; ".join(row.missing), row.remarks, row.not_understood)
    return _line((row.file, row.patient, as_of, rulebook, row.outcome, row.decided_by, *row.cards, *told, "", ""))


def refused_line(refused: Refused, as_of: str, rulebook: str) -> str:
    """The line of what was refused: the code of the error and its text in place of an answer."""
    empty = [""] * (len(COLUMNS) - 6)
    return _line((refused.file, refused.patient, as_of, rulebook, *empty, refused.code, refused.text))


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return text.getvalue()


def _cell(cell: object) -> object:
    """A cell as a spreadsheet is to show it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULAS) else cell
