"""What was fetched, as a table of text."""

from __future__ import annotations

from collections.abc import Sequence

from cds.bulk.verdict import Row


def table(rows: Sequence[Row]) -> str:
    """A line for each type and one for all of them: files, lines, bytes."""
    whole = Row("all", sum(r.files for r in rows), sum(r.lines for r in rows), sum(r.bytes for r in rows))
    cells = [("type", "files", "lines", "bytes"), *(_cells(row) for row in (*rows, whole))]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    return "\n".join(
        "  ".join((line[0].ljust(widths[0]), *(line[n].rjust(widths[n]) for n in (1, 2, 3)))) for line in cells
    )


def _cells(row: Row) -> tuple[str, str, str, str]:
    return row.type, f"{row.files:,}", f"{row.lines:,}", f"{row.bytes:,}"
