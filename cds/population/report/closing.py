"""The end of a run: its summary and its report are written beside its other files."""

from __future__ import annotations

import json
from pathlib import Path

from cds.jsontypes import Json
from cds.population.report.page import report_of
from cds.population.report.small_cells import LEAST
from cds.population.report.summary import summary_of
from cds.rulebook.model import RuleBook

SUMMARY, REPORT = "summary.json", "report.html"


def write_summary(folder: Path, book: RuleBook, least: int = LEAST) -> Json:
    """Write ``summary.json`` and ``report.html`` of the run in a folder; the summary.

    Counts below ``least`` are not in them (``SHOW_ALL``: all are). Each file is there whole or as it was before.

    Raises:
        UnreadableRunError: a file of the run is not there, or is none that a run writes.
        OSError: a file cannot be written.

    """
    summary = summary_of(folder, book, least)
    page = report_of(summary, book)
    _write(folder / SUMMARY, json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    _write(folder / REPORT, page)
    return summary


def _write(path: Path, text: str) -> None:
    """Write a file beside its place, and move it there."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)
