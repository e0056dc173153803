"""The ledger of a run for its summary: what became of every line, by file and type, and whether the books balance."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from cds.jsontypes import Json
from cds.population.report.small_cells import SUPPRESSED, Cell, SmallCells
from cds.rulebook.model import RuleBook

MOST_ROWS = 60
"""Above so many rows the files of a type are told together."""


class Found(NamedTuple):
    """The patients in the table of answers: those with an outcome, and those who were refused, by reason."""

    answered: int
    refused: Mapping[str, int]


KEPT = ("used", "notAboutTheQuestion", "deadLetter")


BOOKS_CODES = {
    "not-a-run": "A file of a run is not there, or is none that a run writes; there is no summary.",
    "books-differ": "The ledger of a run and its table of answers do not hold the same patients.",
    "other-rulebook": "The summary of a run was made with another rulebook than its answers.",
}
"""What a summary finds wrong with a run, beside the problems that the run wrote down."""


AGAIN = "Run again, into an empty folder. [books-differ]"


def problems_of(ledger: Json, run: Json, found: Found, book: RuleBook) -> list[str]:
    """The problems that the run wrote down, and those of its books; none where it is complete.

    They are told as they are, numbers included: without them nobody could mend the run.
    """
    patients, refused = ledger["patients"], sum(found.refused.values())
    problems = list(ledger["problems"])
    if patients["answered"] != found.answered:
        problems.append(f"The table of answers holds another number of answers than the ledger. {AGAIN}")
    if patients["refused"] != dict(found.refused):
        problems.append(f"The table of answers holds other refusals than the ledger. {AGAIN}")
    if patients["in"] != found.answered + refused:
        problems.append(f"Not everybody who came in was answered or refused. {AGAIN}")
    if run["rulebook"]["sha256"] != book.sha256:
        todo = "Make it with the rulebook of the run. [other-rulebook]"
        problems.append(f"The thresholds and titles here are of another rulebook than the answers. {todo}")
    return problems


def ledger_shown(ledger: Json, run: Json, cells: SmallCells, patients: Cell) -> Json:
    """What became of the lines, by type and file; of many files by type alone, so that no two tables can be compared.

    Of a row with a small count its number of lines is not shown: it would follow from that. Where the number of those
    ``patients`` who came in is not shown, that of their lines is not either.
    """
    rows = ledger["rows"]
    files = {entry["number"]: entry["file"] for entry in run["inputs"]}
    by_type = len(rows) > MOST_ROWS
    summed = _summed(rows, ("type",) if by_type else ("type", "file"))
    told = [_row(row, files, cells) for row in summed]
    for row in told if isinstance(patients, str) else ():
        row |= {name: SUPPRESSED for name in ("lines", "used") if row["type"] == "Patient" and row[name]}
    hidden = {row["lines"] for row, shown in zip(summed, told, strict=True) if shown["lines"] == SUPPRESSED}
    hidden |= {ledger["patients"]["in"]} if isinstance(patients, str) else set()
    export = _counts(ledger.get("export") or {}, cells, hidden)
    return {"by": "type" if by_type else "type and file", "rows": told, "export": export}


def _summed(rows: Iterable[Json], by: tuple[str, ...]) -> list[Json]:
    found: dict[tuple[Any, ...], Json] = {}
    for row in rows:
        key = tuple(row[name] for name in by)
        total = found.setdefault(key, {**dict(zip(by, key, strict=True)), "lines": 0, "refused": {}})
        for name in ("lines", *KEPT):
            total[name] = total.get(name, 0) + row[name]
        for reason, n in row["refused"].items():
            total["refused"][reason] = total["refused"].get(reason, 0) + n
    return [found[key] for key in sorted(found)]


def _row(row: Json, files: Mapping[int, str], cells: SmallCells) -> Json:
    refused = {reason: cells.cell(n) for reason, n in sorted(row["refused"].items())}
    kept = {name: cells.cell(row[name]) for name in KEPT}
    small = any(isinstance(cell, str) for cell in (*refused.values(), *kept.values()))
    lines = SUPPRESSED if small and not cells.is_small(row["lines"]) else cells.cell(row["lines"])
    place = {"file": files.get(row["file"], str(row["file"]))} if "file" in row else {}
    return {"type": row["type"], **place, "lines": lines, **kept, "refused": refused}


def _counts(data: Any, cells: SmallCells, hidden: Container[int]) -> Any:
    """Data of which every count is shown as it may be; one that is ``hidden`` elsewhere would tell that."""
    if isinstance(data, dict):
        return {key: _counts(value, cells, hidden) for key, value in data.items()}
    if isinstance(data, list):
        return [_counts(value, cells, hidden) for value in data]
    if isinstance(data, bool) or not isinstance(data, int):
        return data
    return SUPPRESSED if data in hidden else cells.cell(data)
