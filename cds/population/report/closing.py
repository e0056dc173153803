"""The end of a run: its summary and its report are written beside its other files."""

from __future__ import annotations

import json
from pathlib import Path

from cds.jsontypes import Json
from cds.population.books.whole_files import keep
from cds.population.report.page import report_of
from cds.population.report.small_cells import LEAST
from cds.population.report.summary import summary_of
from cds.rulebook.model import RuleBook

SUMMARY, REPORT = "summary.json", "report.html"


def write_summary(folder: Path, book: RuleBook, least: int = LEAST) -> Json:
    """Write ``summary.json`` and ``report.html`` of the run in a folder; the summary.

    Counts below ``least`` are not in them (``SHOW_ALL``: all are). Each file is there whole or as it was before.

    Raises:
        NotARunError: a file of the run is not there, or is none that a run writes.
        OSError: a file cannot be written.

    """
    summary = summary_of(folder, book, least)
    page = report_of(summary, book)
    told = json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False)
    keep(folder / SUMMARY, f"{told}\n".encode())
    keep(folder / REPORT, page.encode())
    return summary
