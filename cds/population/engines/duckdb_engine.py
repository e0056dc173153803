"""The embedded engine: DuckDB groups by patient, processes of this machine answer, one part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cds.population.answers.partition import EvaluatePartition
from cds.population.answers.parts import write_part
from cds.population.books.ledger import Tally
from cds.population.engines.grouping import rows_of_part
from cds.population.engines.processes import Workers
from cds.population.lines.reading import Task, read_task


class DuckDBEngine:
    """Reads and answers with the processes of this machine."""

    name = "duckdb"

    def __init__(self, workers: Workers) -> None:
        self.workers = workers

    def read(self, tasks: list[Task], work: Path) -> Iterator[tuple[Task, Tally]]:
        """Each task that was read, with what was counted."""
        yield from self.workers.done(tasks, partial(read_task, folder=work))

    def answer(self, parts: list[int], evaluate: EvaluatePartition, run: Path, work: Path) -> Iterator[int]:
        """Each part whose answers were written."""
        do = partial(_answer, evaluate=evaluate, run=run, work=work)
        yield from (part for part, _ in self.workers.done(parts, do))


def engine(workers: Workers) -> DuckDBEngine:
    """The engine that uses these processes."""
    return DuckDBEngine(workers)


def _answer(part: int, evaluate: EvaluatePartition, run: Path, work: Path) -> int:
    return write_part(part, evaluate(rows_of_part(work, part)), run, work)
