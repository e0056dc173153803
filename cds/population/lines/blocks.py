"""The lines of a file, each with its offset, in blocks: neither a file nor a line has to fit into memory twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cds.errors import RecordError
from cds.intake.reading import parse_json
from cds.one_file import LARGEST, rest_of
from cds.population.lines.sources import DOCUMENT, TABLE, Source

BYTES = 4 * 1024 * 1024
RECORDS = 10_000
COLUMNS = ("resource", "json", "line", "value")
"""The names that the column of JSON has in tables of resources."""


class Block(NamedTuple):
    """Lines with their offsets, and how many they are by the bytes; ``is_cut``: the file ends within the last one."""

    number: int
    lines: list[tuple[int, bytes]]
    is_cut: bool = False


def blocks_of(source: Source, file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Block]:
    """The lines of a file that begin from one offset up to another; of a table its records, numbered.

    Raises:
        RecordError: a table has no column of JSON.

    """
    return _of_table(file) if source.kind == TABLE else _of_lines(file, start, end)


def _of_lines(file: BinaryIO, start: int, end: int | None) -> Iterator[Block]:
    position = start
    if start:
        # The line that begins before belongs to the piece before; one that begins here begins after a newline.
        file.seek(start - 1)
        position = start - 1 + len(file.readline())
    while end is None or position < end:
        raw = file.read(BYTES if end is None else min(BYTES, end - position))
        if not raw:
            return
        if not raw.endswith(b"\n"):
            raw += file.readline(LARGEST)
        yield _block(raw, position)
        position += len(raw)


def _block(raw: bytes, position: int) -> Block:
    lines, place = [], position
    for line in raw.split(b"\n"):
        lines.append((place, line))
        place += len(line) + 1
    ends = raw.endswith(b"\n")
    if ends:
        lines.pop()
    last = lines[-1][1].strip() if lines else b""
    return Block(raw.count(b"\n") + (not ends), lines, is_cut=not ends and last != b"" and not _is_json(last))


def _is_json(line: bytes) -> bool:
    try:
        parse_json(line)
    except RecordError as error:
        return error.code != "not-json"
    return True


def line_at(source: Source, file: BinaryIO, offset: int) -> bytes:
    """The line that begins at an offset; of a table the record of this number, of a document all of it."""
    if source.kind == DOCUMENT:
        return rest_of(file)
    if source.kind == TABLE:
        return next(line for block in _of_table(file) for number, line in block.lines if number == offset)
    file.seek(offset)
    return file.readline().rstrip(b"\n")


def _of_table(file: BinaryIO) -> Iterator[Block]:
    try:
        table = pq.ParquetFile(file)
        column = _column_of(table.schema_arrow)
        number = 0
        for batch in table.iter_batches(RECORDS, columns=[column]):
            found = [item.encode() if isinstance(item, str) else item or b"" for item in batch.column(0).to_pylist()]
            yield Block(len(found), list(enumerate(found, number)))
            number += len(found)
    except (pa.ArrowException, OSError):
        raise RecordError("unreadable-file", "The table is damaged, cut short, or none.") from None


def _column_of(schema: pa.Schema) -> str:
    texts = [field.name for field in schema if _is_text(field.type)]
    named = [name for name in COLUMNS if name in texts]
    if named or len(texts) == 1:
        return (named or texts)[0]
    known = ", ".join(COLUMNS)
    raise RecordError("not-fhir", f"The table has no column of JSON; it should be called one of: {known}.")


TEXTS = frozenset([pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()])


def _is_text(kind: pa.DataType) -> bool:
    return (kind.value_type if pa.types.is_dictionary(kind) else kind) in TEXTS
