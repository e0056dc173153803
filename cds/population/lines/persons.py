"""Who is who, once all files were read: linked records are one person, an identifier alone may name a patient.

Nearly every line names its patient by reference, and needs none of this. What is found here is small: names that stand
for another key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cds.intake.bundles.groups import grouped
from cds.population.books.ledger import NO_NAME, REFUSED, Tally
from cds.population.lines.marks import BY_IDENTIFIER, NOBODYS
from cds.population.lines.placing import DELETION
from cds.population.lines.rows import part_of

ALIASES = pa.schema([("alias", pa.string()), ("aliasPart", pa.int32()), ("key", pa.string()), ("part", pa.int32())])


class Persons(NamedTuple):
    """Other keys of patients; what was deleted, with the file that says so; how many Patients there are."""

    aliases: dict[str, str]
    deleted: tuple[tuple[str, int], ...]
    number: int


def persons_in(work: Path, parts: int, tally: Tally) -> Persons:
    """The persons in what was read; lines that name nobody are counted as refused. The aliases are written, too."""
    connection = duckdb.connect()
    patients = _query(connection, work / "patients", "SELECT DISTINCT ON (key) key FROM {} ORDER BY key")
    linked = _linked(connection, work)
    aliases = linked | _identified(connection, work, linked)
    keys = {aliases.get(key, key) for (key,) in patients} if len(patients) < 1000 or aliases else None
    number = len(patients) if keys is None else len(keys)
    if keys is not None and number == 1:
        aliases |= _everything(connection, work, next(iter(keys)))
    deleted = _query(connection, work / "loose", f"SELECT key, file FROM {{}} WHERE starts_with(key, '{DELETION}')")
    _count_nobodys(connection, work, aliases, tally)
    _write(aliases, work, parts)
    return Persons(aliases, tuple((key.removeprefix(DELETION), file) for key, file in deleted), number)


def _query(connection: duckdb.DuckDBPyConnection, folder: Path, sql: str) -> list[Any]:
    """The rows of a query over the files of a folder; none where it has none."""
    if not folder.is_dir():
        return []
    files = escape(str(folder)).replace("'", "''")
    return connection.sql(sql.format(f"read_parquet('{files}/*.parquet')")).fetchall()


def _linked(connection: duckdb.DuckDBPyConnection, work: Path) -> dict[str, str]:
    """For each record of a person but the first one: the key of that."""
    sql = "SELECT key, links FROM {} WHERE len(links) > 0"
    pairs = [(key, other) for key, links in _query(connection, work / "patients", sql) for other in links]
    if not pairs:
        return {}
    named = {name for pair in pairs for name in pair}
    connection.register("named", pa.table({"key": sorted(named)}))
    sql = 'SELECT key FROM {} SEMI JOIN named USING (key) GROUP BY key ORDER BY min((file, "offset"))'
    known = [key for (key,) in _query(connection, work / "patients", sql)]
    return {other: first for first, *others in grouped(known, pairs) for other in others}


def _identified(connection: duckdb.DuckDBPyConnection, work: Path, linked: dict[str, str]) -> dict[str, str]:
    """For each identifier that stands alone for a patient: the key of the only person who has it."""
    sql = f"SELECT DISTINCT key FROM {{}} WHERE starts_with(key, '{BY_IDENTIFIER}')"
    used = [key for (key,) in _query(connection, work / "loose", sql)]
    if not used:
        return {}
    connection.register("used", pa.table({"identifier": used}))
    sql = (
        "SELECT DISTINCT identifier, key FROM (SELECT key, unnest(identifiers) AS identifier FROM {})"
        " SEMI JOIN used USING (identifier)"
    )
    whose: dict[str, set[str]] = {}
    for identifier, key in _query(connection, work / "patients", sql):
        whose.setdefault(identifier, set()).add(linked.get(key, key))
    return {identifier: min(keys) for identifier, keys in whose.items() if len(keys) == 1}


def _everything(connection: duckdb.DuckDBPyConnection, work: Path, person: str) -> dict[str, str]:
    """Where there is one person only, everything in the data is about that one."""
    keys = [
        key
        for folder in ("rows", "loose")
        for (key,) in _query(connection, work / folder, "SELECT DISTINCT key FROM {}")
        if key != person and not key.startswith(DELETION) and " in " not in key
    ]
    return dict.fromkeys(keys, person)


def _count_nobodys(connection: duckdb.DuckDBPyConnection, work: Path, aliases: dict[str, str], tally: Tally) -> None:
    """Count the lines that name no patient of these data."""
    found: Counter[tuple[int, str]] = Counter()
    sql = f"SELECT key, file, kind, count(*) FROM {{}} WHERE NOT starts_with(key, '{DELETION}') GROUP BY ALL"
    for key, file, kind, number in _query(connection, work / "loose", sql):
        if key not in aliases:
            found[file, kind] += number
    for (file, kind), number in sorted(found.items()):
        tally.count(file, kind, REFUSED, NO_NAME, number)


def _write(aliases: dict[str, str], work: Path, parts: int) -> None:
    rows = list(_rows(aliases, parts))
    columns = [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), ALIASES, strict=False)]
    if rows:
        (work / "aliases").mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_arrays(columns, schema=ALIASES), work / "aliases" / "all.parquet")


def _rows(aliases: dict[str, str], parts: int) -> Iterator[tuple[str, int, str, int]]:
    for alias, key in sorted(aliases.items()):
        yield (
            alias,
            -1 if alias == NOBODYS or alias.startswith(BY_IDENTIFIER) else part_of(alias, parts),
            key,
            part_of(key, parts),
        )


def shared_lines(work: Path) -> Iterator[tuple[int, int, str]]:
    """The resources that belong to no patient, each with the file, the offset and the type of its line."""
    sql = 'SELECT file, "offset", kind FROM {} WHERE name IS DISTINCT FROM url ORDER BY ALL'
    yield from _query(duckdb.connect(), work / "shared", sql)
