"""One patient of a finished run: the raw lines behind the answer, opened where they stand, for ``cds explain``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from pyarrow import dataset

from cds.errors import RecordError, few
from cds.files.people import Found
from cds.intake.bundles.bundle import Resources, gathered
from cds.intake.bundles.entries import placed_in
from cds.intake.record import Issue
from cds.population.answers.documents import persons_in_document
from cds.population.answers.parsing import lines_of
from cds.population.answers.parts import FOLDER
from cds.population.answers.question import Question, Row
from cds.population.books.finished_run import RUN_FILE, finished_run
from cds.population.lines.blocks import line_at
from cds.population.lines.marks import DOCUMENT, parsed
from cds.population.lines.opening import opened
from cds.population.lines.sources import Source

MOST_NAMED = 5


def patient_of_run(folder: Path, patient: str) -> Found:
    """The patient of a run of this name (``Patient/7``, or ``7``); the lines are read again when they are asked for.

    Raises:
        RecordError: nobody, or several, have this name.
        NotARunError: the folder holds no finished run.

    """
    run = finished_run(folder)
    row = _row_of(folder, patient)
    listed = orjson.loads((folder / RUN_FILE).read_bytes())["inputs"]
    sources = [Source(item["number"], item["file"], item["kind"], item["role"], item["bytes"]) for item in listed]
    question = Question("", (), run.as_of, files=tuple(source.file for source in sources))
    return Found(Path(row["file"]), row["patient"], partial(_resources, row, sources, question), several=True)


def _row_of(folder: Path, patient: str) -> dict[str, Any]:
    names = dataset.field("patient").isin([patient, f"Patient/{patient}"])
    table = dataset.dataset(folder / FOLDER, format="parquet")
    found: list[dict[str, Any]] = table.to_table(["patient", "file", "lines"], filter=names).to_pylist()
    if len(found) == 1:
        return found[0]
    some = table.head(MOST_NAMED, columns=["patient"]).column("patient").to_pylist()
    if found:
        raise RecordError("several-patients", f"{len(found)} patients are called '{patient}' in this run.")
    raise RecordError("no-patient", f"Nobody is called '{patient}' in this run. There are: {few(some, MOST_NAMED)} ...")


def _resources(row: dict[str, Any], sources: list[Source], question: Question) -> Resources:
    rows = list(_rows(row["lines"], sources))
    if rows[0].kind == DOCUMENT:
        issues: list[Issue] = []
        persons = persons_in_document(placed_in(parsed(rows[0].line), issues), issues)
        return next(gather for name, _, gather in persons if name == row["patient"])()
    lines = lines_of(rows, question)
    return gathered(lines.placed(), lines.issues, lines.by_name())


def _rows(lines: list[dict[str, Any]], sources: list[Source]) -> Iterator[Row]:
    """The rows of lines, read again; of a document that is there once, whatever it holds."""
    places = {(line["file"], line["offset"]): line for line in lines}
    for (file, offset), line in places.items():
        with opened(sources[file].file) as content:
            raw = line_at(sources[file], content, offset)
        data = parsed(raw) if len(places) == 1 else None
        is_document = isinstance(data, list) or (isinstance(data, dict) and data.get("resourceType") == DOCUMENT)
        yield Row(file, offset, DOCUMENT if is_document else line["type"], None, raw, line["shared"])
