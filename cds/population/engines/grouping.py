"""Rows -> the rows of one part in the order of its patients: what DuckDB does, out of core where memory is short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from glob import escape
from pathlib import Path

import duckdb
import pyarrow as pa

from cds.errors import CdsError
from cds.population.answers.partition import ARRIVING
from cds.population.lines.rows import LOOSE, shelf_of

MEMORY, MORE = "64MB", ("1GB", "8GB")
"""What one query may keep in memory; the rest goes to the folder of the run for a while. A line has to fit: for the few
parts with one of many megabytes there is more."""
AT_ONCE = 2000
COLUMNS = 'key, file, "offset", kind, url, line'
ORDER = 'key, shared, file, "offset", entry, CASE WHEN shared THEN line END'
"""``entry``: entries of a document stand at one offset; they are in the order in which they were read."""
LOOSE_ENTRIES = 1 << 40
"""Added to the entries of what was in no part at first: they come after the others of their document."""


class LineTooLongError(CdsError):
    """A part with a line for which there is not memory enough."""

    code = "too-long"

    def __init__(self) -> None:
        super().__init__("There is not memory enough for the longest line. Take it out, and run again.")


def rows_of_part(work: Path, part: int) -> Iterator[pa.RecordBatch]:
    """The rows of a part: by patient, each one's own lines in the order of the data, then what they refer to."""
    connection = _database(str(work / "spilled"))
    sql = f"{_rows(connection, work, part)} ORDER BY {ORDER}"
    sql = f"SELECT {part}::INTEGER AS part, {COLUMNS}, shared FROM ({sql})"
    try:
        yield from _batches(connection, sql)
    finally:
        connection.execute(f"SET memory_limit = '{MEMORY}'")


def _batches(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatch]:
    reader = _reader(connection, sql)
    for memory in MORE:
        if reader is None:
            connection.execute(f"SET memory_limit = '{memory}'")
            reader = _reader(connection, sql)
    if reader is None:
        raise LineTooLongError
    for batch in reader:
        yield batch.cast(ARRIVING)


def _reader(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader | None:
    """The answer of a query, once it is sorted; None where there is too little memory for that."""
    relation = connection.sql(sql)
    # DuckDB 2 has another name for it than DuckDB 1, which Python 3.10 gets.
    name = "to_arrow_reader" if hasattr(relation, "to_arrow_reader") else "fetch_arrow_reader"
    try:
        return getattr(relation, name)(AT_ONCE)
    except duckdb.OutOfMemoryException:
        return None


@lru_cache(maxsize=1)
def _database(spilled: str) -> duckdb.DuckDBPyConnection:
    """The database of this process: to open one takes as long as to read a part."""
    connection = duckdb.connect(config={"threads": 1, "memory_limit": MEMORY, "temp_directory": spilled})
    connection.execute("SET enable_progress_bar = false")
    return connection


def _rows(connection: duckdb.DuckDBPyConnection, work: Path, part: int) -> str:
    rows, others = [], []
    has_aliases = (work / "aliases").is_dir()
    if has_aliases:
        aliases = f"SELECT DISTINCT aliasPart FROM {_files(work, 'aliases')} WHERE part = {part} ORDER BY ALL"
        others = [number for (number,) in connection.sql(aliases).fetchall()]
    if own := _files_of(work, "rows", [part]):
        other = f" AND key NOT IN (SELECT alias FROM {_files(work, 'aliases')})" if has_aliases else ""
        rows.append(
            f"SELECT {COLUMNS}, file_row_number AS entry, false AS shared FROM {own} WHERE part = {part}{other}"
        )
    rows += [_of_aliases(work, files, first, part, others) for files, first in _holding(work, others)]
    if (needs := _files_of(work, "needs", [part, *others])) and (work / "shared").is_dir():
        rows.append(_shared(work, _needs(work, needs, part, others)))
    return " UNION ALL ".join(rows) or f"SELECT {COLUMNS}, 0 AS entry, false AS shared FROM {_none()}"


def _holding(work: Path, parts: Sequence[int]) -> list[tuple[str, int]]:
    """The files in which rows of these parts stand, or of no part yet, each with the number of its first entry."""
    loose = _files(work, "loose") if LOOSE in parts and (work / "loose").is_dir() else ""
    held = ((_files_of(work, "rows", parts), 0), (loose, LOOSE_ENTRIES))
    return [(files, first) for files, first in held if files]


def _of_aliases(work: Path, files: str, first: int, part: int, others: Sequence[int]) -> str:
    """The rows that stand under another key than that of their patient."""
    return (
        f'SELECT a.key, r.file, r."offset", r.kind, r.url, r.line, r.file_row_number + {first} AS entry,'
        f" false AS shared FROM {files} r JOIN {_files(work, 'aliases')} a ON r.part = a.aliasPart AND r.key = a.alias"
        f" WHERE a.part = {part} AND r.part IN ({', '.join(map(str, others))})"
    )


def _needs(work: Path, files: str, part: int, others: Sequence[int]) -> str:
    """What records of the part refer to."""
    if not (work / "aliases").is_dir():
        return f"SELECT key, name FROM {files} WHERE part = {part}"
    return (
        f"SELECT coalesce(a.key, n.key) AS key, name FROM {files} n LEFT JOIN {_files(work, 'aliases')} a"
        f" ON n.key = a.alias WHERE coalesce(a.part, n.part) = {part}"
        f" AND n.part IN ({', '.join(map(str, (part, *others)))})"
    )


def _shared(work: Path, needs: str) -> str:
    """What is needed, and what that refers to in turn."""
    shared = _files(work, "shared")
    return (
        f"(WITH direct AS (SELECT DISTINCT n.key, s.* FROM ({needs}) n JOIN {shared} s ON n.name = s.name),"
        " further AS (SELECT DISTINCT d.key, s.* FROM (SELECT key, unnest(needs) AS name FROM direct) d"
        f" JOIN {shared} s ON d.name = s.name)"
        f" SELECT DISTINCT {COLUMNS}, 0 AS entry, true AS shared"
        " FROM (SELECT * FROM direct UNION ALL SELECT * FROM further))"
    )


def _files(work: Path, folder: str) -> str:
    return f"read_parquet('{_literal(work / folder)}/*.parquet', file_row_number = true)"


def _files_of(work: Path, folder: str, parts: Iterable[int]) -> str:
    """The files of a folder in which lines of these parts stand; empty where there are none."""
    shelves = {shelf_of(part) for part in parts}
    files = [path for shelf in sorted(shelves) for path in sorted((work / folder).glob(f"*-{shelf}.parquet"))]
    named = ", ".join(f"'{_literal(path)}'" for path in files)
    return f"read_parquet([{named}], file_row_number = true)" if files else ""


def _literal(path: Path) -> str:
    """A path as it is, also with signs that stand for other names in a pattern."""
    return escape(str(path)).replace("'", "''")


def _none() -> str:
    columns = (
        "NULL::VARCHAR AS key, 0 AS file, 0::BIGINT AS \"offset\", '' AS kind, NULL::VARCHAR AS url, ''::BLOB AS line"
    )
    return f"(SELECT {columns} WHERE false)"
