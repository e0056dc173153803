"""The answers of a run one after the other, in the order of the patients, however many parts they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from cds.population.books.finished_run import FinishedRun, NotARunError

Answer: TypeAlias = dict[str, Any]
Chosen: TypeAlias = Callable[[pa.RecordBatch], pa.RecordBatch]
AT_ONCE = 256
"""The rows that are in memory of each part: with their cards some megabytes."""
KEY = ("patient", "file")


def sorted_answers(run: FinishedRun, columns: Sequence[str], chosen: Chosen = lambda rows: rows) -> Iterator[Answer]:
    """Each answer as a dictionary of these columns, with ``patient`` and ``file``, by which they are sorted.

    Each part is sorted so already. ``chosen`` leaves rows out before anything is made of them.

    Raises:
        NotARunError: a part cannot be read.

    """
    names = list(dict.fromkeys([*KEY, *columns]))
    return merge(*(_of_part(part, names, chosen) for part in run.parts), key=_place)


def _place(answer: Answer) -> tuple[str, str]:
    return answer["patient"], answer["file"]


def _of_part(part: Path, columns: list[str], chosen: Chosen) -> Iterator[Answer]:
    try:
        with pq.ParquetFile(part) as file:
            for rows in file.iter_batches(AT_ONCE, columns=columns):
                yield from chosen(rows).to_pylist()
    except (OSError, pa.ArrowException):
        raise NotARunError(f"The results in '{part}' cannot be read. Run it again.") from None
