"""The engines: what brings the rows of a patient together and has them answered, near or far."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol

from cds.about import PROGRAM
from cds.population.answers.partition import EvaluatePartition
from cds.population.books.finished_run import RunError
from cds.population.books.ledger import Tally
from cds.population.engines.processes import Workers
from cds.population.lines.reading import Task

ENGINES = {
    "duckdb": ("cds.population.engines.duckdb_engine", "population"),
    "spark": ("cds.population.engines.spark_engine", "spark"),
}
"""The engines by their names, each with its module, loaded when it is asked for, and the extra that it needs."""


class Engine(Protocol):
    """Reads tasks, and answers parts; each as it gets done."""

    name: str

    def read(self, tasks: list[Task], work: Path) -> Iterator[tuple[Task, Tally]]:
        """Each task that was read, with what was counted."""

    def answer(self, parts: list[int], evaluate: EvaluatePartition, run: Path, work: Path) -> Iterator[int]:
        """Each part whose answers were written."""


def engine_of(name: str, workers: Workers) -> Engine:
    """The engine of a name.

    Raises:
        RunError: what it needs is not installed.

    """
    module, extra = ENGINES[name]
    try:
        made: Engine = import_module(module).engine(workers)
    except ModuleNotFoundError as error:
        raise RunError(
            f"The engine {name} needs the library {error.name}. Install it: pip install '{PROGRAM}[{extra}]'."
        ) from None
    return made
