"""The table of answers: one row per patient, in Parquet files that are the same bytes whoever wrote them."""

from __future__ import annotations

import pyarrow as pa

PLACE = pa.struct([("file", pa.int32()), ("offset", pa.int64())])
"""Where a resource stands: the number of its file in ``run.json``, and the offset of its line there."""
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
        pa.field("lines", pa.list_(PLACE), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
    ]
)
"""The columns. ``file``: where the Patient stands. ``outcome``: null for a patient who was refused, of whom ``error``
(JSON: code and text) says why. ``asks``: the rules that could not be settled and ask for data. ``settledBy``: the
terms each of which would settle an answer that is not given for want of data. ``cards`` and ``issues``: JSON arrays, as
``cds evaluate --json`` prints them. ``trace``: JSON, as ``cds explain --json`` prints it. ``lines``: every line that is
about the patient. ``digest``: of the content of these, by which an unchanged patient is known. ``nextChange``: the first
day after that of the run on which time alone can change the answer; null where it never does."""
