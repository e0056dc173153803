"""The table of answers: one row per patient, in Parquet files that are the same bytes whoever wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa

from cds.population.books.fate import Fate

PLACE = pa.struct([("file", pa.int32()), ("offset", pa.int64())])
"""Where a resource stands: the number of its file in ``run.json``, and the offset of its line there."""
LINE = pa.struct(
    [
        *PLACE,
        ("type", pa.string()),
        ("standing", pa.string()),
        ("reason", pa.string()),
        ("shared", pa.bool_()),
    ]
)
"""A resource of a line that is about the patient, and what became of it (the words of ``ledger.json``); ``shared``: it
belongs to no patient, and one of this one's refers to it."""
EVIDENCE = pa.struct([("reference", pa.string()), *PLACE])
VALUE = pa.struct(
    [
        ("term", pa.string()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("unit", pa.string()),
        ("day", pa.date32()),
    ]
)
"""A usable fact: an interval (both ends alike for a plain number) in the unit of the term, and its day where known."""
ORPHAN = pa.struct(
    [
        ("kind", pa.string()),
        ("system", pa.string()),
        ("code", pa.string()),
        ("text", pa.string()),
        ("like", pa.string()),
    ]
)
"""What looks like ours and is in no value set. ``kind``: ``code``, ``unit``, ``medicine`` or ``condition``; ``like`` is
the term that it may be of, where one is known."""
RESULTS = pa.schema(
    [
        pa.field("patient", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("outcome", pa.string()),
        pa.field("decidedBy", pa.string()),
        pa.field("advice", pa.list_(pa.string()), nullable=False),
        pa.field("fired", pa.list_(pa.string()), nullable=False),
        pa.field("asks", pa.list_(pa.string()), nullable=False),
        pa.field("settledBy", pa.list_(pa.string()), nullable=False),
        pa.field("cards", pa.string(), nullable=False),
        pa.field("issues", pa.string(), nullable=False),
        pa.field("evidence", pa.list_(EVIDENCE), nullable=False),
        pa.field("values", pa.list_(VALUE), nullable=False),
        pa.field("orphans", pa.list_(ORPHAN), nullable=False),
        pa.field("nextChange", pa.date32()),
        pa.field("trace", pa.string()),
        pa.field("error", pa.string()),
        pa.field("lines", pa.list_(LINE), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
    ]
)
"""The columns. ``file``: where the Patient stands. ``outcome``: null for a patient who was refused, of whom ``error``
(JSON: code and text) says why. ``asks``: the rules that could not be settled and ask for data. ``settledBy``: what
would settle an answer that is not given, each by itself: a result at its usual value, a dose if it were known.
``cards`` and ``issues``: JSON arrays, as ``cds evaluate --json`` prints them. ``trace``: JSON, as
``cds explain --json`` prints it. ``lines``: what became of each resource that is about the patient. ``digest``: of the
content of the lines: an unchanged patient is known by it. ``nextChange``: the first day after that of the run on which
time alone can change the answer; null where it never does."""

EPOCH = date(1970, 1, 1).toordinal()


class Value(NamedTuple):
    """A fact: its ends in the unit of its term, and its day (an ordinal) where it is known."""

    term: str
    low: float
    high: float
    unit: str
    day: int | None


class Answered(NamedTuple):
    """A row of the table of answers."""

    patient: str
    file: str
    outcome: str | None = None
    decided_by: str | None = None
    advice: Sequence[str] = ()
    fired: Sequence[str] = ()
    asks: Sequence[str] = ()
    settled_by: Sequence[str] = ()
    cards: str = "[]"
    issues: str = "[]"
    evidence: Sequence[tuple[str, int, int]] = ()
    values: Sequence[Value] = ()
    orphans: Sequence[tuple[str, ...]] = ()
    next_change: date | None = None
    trace: str | None = None
    error: str | None = None
    lines: Sequence[Fate] = ()
    digest: str = ""


def table_of(answers: Sequence[Answered]) -> pa.Table:
    """The answers as a table, in their order."""
    columns: list[Sequence[Any]] = [*zip(*answers, strict=True)] or [()] * len(RESULTS)
    arrays = [_array(column, field.type) for column, field in zip(columns, RESULTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=RESULTS)


def _array(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """A column; lists of records are laid out flat first, which takes a tenth of the time."""
    if not pa.types.is_list(kind) or not pa.types.is_struct(kind.value_type):
        return pa.array(column, kind)
    offsets = [0]
    for item in column:
        offsets.append(offsets[-1] + len(item))
    flat = [record for item in column for record in item]
    inner: list[Sequence[Any]] = [*zip(*flat, strict=True)] or [()] * kind.value_type.num_fields
    fields = [kind.value_type[number] for number in range(kind.value_type.num_fields)]
    parts = [_plain(values, field.type) for values, field in zip(inner, fields, strict=True)]
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(parts, fields=fields), type=kind
    )


def _plain(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return pa.array([None if day is None else day - EPOCH for day in values], pa.int32()).cast(kind)
    return pa.array(values, kind)
