"""The embedded engine: DuckDB groups by patient, processes of this machine answer, one part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cds.population.answering import Question
from cds.population.grouping import rows_of_part
from cds.population.ledger import Tally
from cds.population.partition import EvaluatePartition
from cds.population.parts import write_part
from cds.population.processes import done_side_by_side
from cds.population.reading import Task, read_task


class DuckDBEngine:
    """Reads and answers with so many processes."""

    name = "duckdb"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def read(self, tasks: list[Task], work: Path) -> Iterator[tuple[Task, Tally]]:
        """Each task that was read, with what was counted."""
        yield from done_side_by_side(tasks, partial(read_task, folder=work), self.workers)

    def answer(self, parts: list[int], question: Question, run: Path, work: Path) -> Iterator[int]:
        """Each part whose answers were written."""
        do = partial(_answer, question=question, run=run, work=work)
        yield from (part for part, _ in done_side_by_side(parts, do, self.workers))


def engine(workers: int) -> DuckDBEngine:
    """The engine with so many processes."""
    return DuckDBEngine(workers)


def _answer(part: int, question: Question, run: Path, work: Path) -> int:
    return write_part(part, EvaluatePartition(question)(rows_of_part(work, part)), run, work)
