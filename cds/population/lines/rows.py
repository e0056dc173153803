"""The rows between reading and answering: lines by their patients, in files that are read one part at a time.

A part is the patients with one remainder of a hash of their keys: whoever reads or groups, it is the same one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cds.population.books.whole_files import begun_name

ROWS = pa.schema(
    [
        pa.field("part", pa.int32(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("file", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("line", pa.binary(), nullable=False),
        pa.field("shared", pa.bool_(), nullable=False),
    ]
)
"""``shared``: the line belongs to no patient, and a record of this one refers to it. ``url``: the full URL of an entry
of a Bundle."""
NEEDS = pa.schema([("part", pa.int32()), ("key", pa.string()), ("name", pa.string())])
"""What the records of a patient refer to of that which is shared."""
SHARED = pa.schema(
    [
        ("name", pa.string()),
        ("file", pa.int32()),
        ("offset", pa.int64()),
        ("kind", pa.string()),
        ("url", pa.string()),
        ("line", pa.binary()),
        ("needs", pa.list_(pa.string())),
    ]
)
PATIENTS = pa.schema(
    [
        ("key", pa.string()),
        ("file", pa.int32()),
        ("offset", pa.int64()),
        ("identifiers", pa.list_(pa.string())),
        ("links", pa.list_(pa.string())),
    ]
)
"""The Patients: by their keys, with the keys of their identifiers, and what they are linked with."""

RENEWED = "renewed"
NEW = pa.schema([("name", pa.string()), ("file", pa.int32())])
"""What files of exports that continue others hold, by its name: older versions are gone, whoever they were about."""


def part_of(key: str, parts: int) -> int:
    """The part of a key: the remainder of its CRC-32."""
    return zlib.crc32(key.encode()) % parts


LOOSE = -1
"""The part of what belongs to no part yet."""
PARTS_OF_SHELF = 16
"""So many parts share a file of each task: few files to write, and few parts to look through for one."""


def shelf_of(part: int) -> str:
    """What the files end in that hold a part."""
    return f"{part // PARTS_OF_SHELF + 1:03}"


Row = tuple[str, int, int, str, "str | None", bytes]


class Staged:
    """Rows in memory, by part, until a task has read all that it reads."""

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self.rows: dict[int, list[Row]] = {}
        self.places: dict[str, list[Row]] = {}
        self.loose: list[Row] = []
        self.needs: list[tuple[int, str, str]] = []
        self.shared: list[tuple[str, int, int, str, str | None, bytes, tuple[str, ...]]] = []
        self.patients: list[tuple[str, int, int, list[str], list[str]]] = []
        self.renewed: list[tuple[str, int]] = []

    def add(self, key: str, file: int, offset: int, kind: str, line: bytes, url: str | None = None) -> None:
        """Add a line of a patient."""
        rows = self.places.get(key)
        if rows is None:
            rows = self.places[key] = self.rows.setdefault(part_of(key, self.parts), [])
        rows.append((key, file, offset, kind, url, line))

    def add_loose(self, row: Row, needs: Iterable[str] = ()) -> None:
        """Add a line of which it shows only when everything was read whose it is, and what it refers to."""
        self.loose.append(row)
        self.needs += [(LOOSE, row[0], name) for name in needs]

    def need(self, key: str, names: Iterable[str]) -> None:
        """Add what a record of a patient refers to."""
        part = part_of(key, self.parts)
        self.needs += [(part, key, name) for name in names]

    def write(self, folder: Path, name: str) -> None:
        """Write everything to files of this name, in a folder for each kind of rows.

        Rows and needs are on shelves, each with a file. What is written is here no more.
        """
        self.places.clear()
        for shelf, parts in groupby(sorted(self.rows), key=shelf_of):
            tables = (_table(part, self.rows.pop(part)) for part in parts)
            _write(folder / "rows" / f"{name}-{shelf}.parquet", ROWS, tables)
        if self.loose:
            _write(folder / "loose" / f"{name}.parquet", ROWS, [_table(LOOSE, self.loose)])
        for shelf, needs in groupby(sorted(self.needs), key=lambda need: shelf_of(need[0])):
            _write(folder / "needs" / f"{name}-{shelf}.parquet", NEEDS, [_columns(needs, NEEDS)])
        others = (("shared", SHARED, self.shared), ("patients", PATIENTS, self.patients), (RENEWED, NEW, self.renewed))
        for kind, schema, items in others:
            if items:
                _write(folder / kind / f"{name}.parquet", schema, [_columns(items, schema)])


def _columns(items: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*items, strict=True)
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def _table(part: int, rows: list[Row]) -> pa.Table:
    keys, files, offsets, kinds, urls, lines = zip(*rows, strict=True)
    number = len(rows)
    columns = [
        pa.repeat(pa.scalar(part, pa.int32()), number),
        pa.array(keys, pa.string()),
        pa.array(files, pa.int32()),
        pa.array(offsets, pa.int64()),
        pa.array(kinds, pa.string()),
        pa.array(urls, pa.string()),
        pa.array(lines, pa.binary()),
        pa.repeat(pa.scalar(False), number),
    ]
    return pa.Table.from_arrays(columns, schema=ROWS)


def _write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """One row group for each table: of a part only its own row groups are read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = begun_name(path)
    with pq.ParquetWriter(
        begun, schema, compression="none", use_dictionary=["kind", "url"] if schema is ROWS else False,
        write_statistics=["part"] if schema in (ROWS, NEEDS) else False,
    ) as writer:  # fmt: skip
        for table in tables:
            writer.write_table(table, row_group_size=len(table) or 1)
    begun.replace(path)
