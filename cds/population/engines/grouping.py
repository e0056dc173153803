"""Rows -> the rows of one part in the order of its patients: what DuckDB does, out of core where memory is short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from cds.population.answers.partition import ARRIVING

MEMORY = "96MB"
"""What one query may keep in memory; the rest goes to the folder of the run for a while."""
AT_ONCE = 2000
COLUMNS = 'key, file, "offset", kind, url, line'
ORDER = 'key, shared, file, "offset", entry, CASE WHEN shared THEN line END'
"""``entry``: entries of a document stand at one offset; they are in the order in which they were read."""
LOOSE_ENTRIES = 1 << 40
"""Added to the entries of what was in no part at first: they come after the others of their document."""


def rows_of_part(work: Path, part: int) -> Iterator[pa.RecordBatch]:
    """The rows of a part: by patient, each one's own lines in the order of the data, then what they refer to."""
    connection = duckdb.connect(config={"threads": 1, "memory_limit": MEMORY, "temp_directory": str(work / "spilled")})
    connection.execute("SET enable_progress_bar = false")
    sql = f"{_rows(work, part)} ORDER BY {ORDER}"
    relation = connection.sql(f"SELECT {part}::INTEGER AS part, {COLUMNS}, shared FROM ({sql})")
    # DuckDB 2 has another name for it than DuckDB 1, which Python 3.10 gets.
    reader = (
        relation.to_arrow_reader(AT_ONCE)
        if hasattr(relation, "to_arrow_reader")
        else relation.fetch_arrow_reader(AT_ONCE)
    )
    for batch in reader:
        yield batch.cast(ARRIVING)


def _rows(work: Path, part: int) -> str:
    rows, shared = [], []
    has_aliases = (work / "aliases").is_dir()
    other = f" AND key NOT IN (SELECT alias FROM {_files(work, 'aliases')})" if has_aliases else ""
    if (work / "rows").is_dir():
        rows.append(
            f"SELECT {COLUMNS}, file_row_number AS entry, false AS shared FROM {_files(work, 'rows')}"
            f" WHERE part = {part}{other}"
        )
    if has_aliases:
        rows += [_of_aliases(work, folder, part) for folder in ("rows", "loose") if (work / folder).is_dir()]
    if (work / "needs").is_dir() and (work / "shared").is_dir():
        shared.append(_shared(work, part, has_aliases=has_aliases))
    return " UNION ALL ".join((*rows, *shared)) or f"SELECT {COLUMNS}, 0 AS entry, false AS shared FROM {_none()}"


def _of_aliases(work: Path, folder: str, part: int) -> str:
    """The rows that stand under another key than that of their patient."""
    first = LOOSE_ENTRIES if folder == "loose" else 0
    return (
        f'SELECT a.key, r.file, r."offset", r.kind, r.url, r.line, r.file_row_number + {first} AS entry,'
        f" false AS shared FROM {_files(work, folder)} r"
        f" JOIN {_files(work, 'aliases')} a ON r.part = a.aliasPart AND r.key = a.alias WHERE a.part = {part}"
    )


def _shared(work: Path, part: int, *, has_aliases: bool) -> str:
    """What records of the part refer to, and what that refers to in turn."""
    needs = f"SELECT key, name FROM {_files(work, 'needs')} WHERE part = {part}"
    if has_aliases:
        aliases = _files(work, "aliases")
        needs = (
            f"SELECT coalesce(a.key, n.key) AS key, name FROM {_files(work, 'needs')} n LEFT JOIN {aliases} a"
            f" ON n.key = a.alias WHERE coalesce(a.part, n.part) = {part}"
        )
    shared = _files(work, "shared")
    return (
        f"(WITH direct AS (SELECT DISTINCT n.key, s.* FROM ({needs}) n JOIN {shared} s ON n.name = s.name),"
        " further AS (SELECT DISTINCT d.key, s.* FROM (SELECT key, unnest(needs) AS name FROM direct) d"
        f" JOIN {shared} s ON d.name = s.name)"
        f" SELECT DISTINCT {COLUMNS}, 0 AS entry, true AS shared"
        " FROM (SELECT * FROM direct UNION ALL SELECT * FROM further))"
    )


def _files(work: Path, folder: str) -> str:
    return f"read_parquet('{str(work / folder).replace(chr(39), chr(39) * 2)}/*.parquet', file_row_number = true)"


def _none() -> str:
    columns = (
        "NULL::VARCHAR AS key, 0 AS file, 0::BIGINT AS \"offset\", '' AS kind, NULL::VARCHAR AS url, ''::BLOB AS line"
    )
    return f"(SELECT {columns} WHERE false)"
