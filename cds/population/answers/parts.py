"""Answers -> the files of a run: one Parquet file for each part, whole or not there at all.

The same answers give the same bytes: a part is written by one process, in pieces of one size, without any clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from cds.population.answers.results import RESULTS
from cds.population.books.ledger import Tally
from cds.population.books.whole_files import begun_name, keep

FOLDER = "results"
ROWS_TOGETHER = 1000
"""How many rows a row group has: reading them again needs little memory."""


def part_file(run: Path, part: int) -> Path:
    """The file of a part."""
    return run / FOLDER / f"part-{part:05}.parquet"


def tally_file(work: Path, part: int) -> Path:
    """The file of what was counted for a part; it is written last, so that it says that the part is whole."""
    return work / "answered" / f"{part:05}.json"


def write_parts(batches: Iterable[pa.RecordBatch], run: Path, work: Path) -> Iterator[tuple[int, int]]:
    """Write batches of answers, part by part; each part that was written, with its number of rows."""
    for part, group in groupby(batches, key=lambda batch: batch.column(0)[0].as_py()):
        yield part, write_part(part, group, run, work)


def write_part(part: int, batches: Iterable[pa.RecordBatch], run: Path, work: Path) -> int:
    """Write the answers of one part, also where there are none; how many there were."""
    tally, place, rows = Tally(), part_file(run, part), 0
    place.parent.mkdir(parents=True, exist_ok=True)
    begun = begun_name(place)
    with pq.ParquetWriter(begun, RESULTS, compression="zstd", compression_level=1) as writer:
        for piece in _pieces(batches, tally):
            writer.write_table(piece, row_group_size=ROWS_TOGETHER)
            rows += len(piece)
    begun.replace(place)
    keep(tally_file(work, part), orjson.dumps(tally.data()))
    return rows


def _pieces(batches: Iterable[pa.RecordBatch], tally: Tally) -> Iterator[pa.Table]:
    """The answers in tables of one size, the last one smaller; what was counted is added up."""
    waiting: list[pa.Table] = []
    for batch in batches:
        tally.add(Tally.of(orjson.loads(batch.column(batch.num_columns - 1)[0].as_py())))
        waiting.append(pa.Table.from_batches([batch]).select(RESULTS.names))
        if sum(map(len, waiting)) >= ROWS_TOGETHER:
            whole = pa.concat_tables(waiting).cast(RESULTS).combine_chunks()
            for start in range(0, len(whole) - ROWS_TOGETHER + 1, ROWS_TOGETHER):
                yield whole.slice(start, ROWS_TOGETHER)
            rest = whole.slice(len(whole) - len(whole) % ROWS_TOGETHER)
            waiting = [rest] if len(rest) else []
    if waiting:
        yield pa.concat_tables(waiting).cast(RESULTS).combine_chunks()
