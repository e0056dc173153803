"""The engine for a cluster: Apache Spark reads, groups by patient and answers; the folder of the run is the same.

All machines have to see the inputs, the rules and the folder of the run under one name, and have this program in the
Python of their workers. A file is written whole, or not at all: what is tried again or twice does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import orjson
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.errors import PySparkException

from cds.population.answering import Question
from cds.population.ledger import Tally
from cds.population.manifest import RunError
from cds.population.partition import EvaluatePartition
from cds.population.parts import keep, tally_file, write_parts
from cds.population.reading import Task, read_task
from cds.population.spark_grouping import rows_of_parts
from cds.population.spark_session import LOG, is_running, session_of

Work = TypeVar("Work")
Job = Callable[[], object]
INTERVAL = 0.3
"""Seconds after which it is looked again for what got done."""
AHEAD = 4
"""How many partitions there are at most for each thing that Spark does at once."""
GROUP = "calcium-cds"
WRITTEN = pa.schema([("part", pa.int32()), ("rows", pa.int64())])
THROWN = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Exit))\b(: \[Errno \d+\] [^:]*)?", re.MULTILINE)


class SparkEngine:
    """Reads and answers with the workers of Spark; ``workers`` says how many where Spark runs on this machine alone."""

    name = "spark"

    def __init__(self, workers: int) -> None:
        self.workers, self._is_guest = workers, is_running()

    def read(self, tasks: list[Task], work: Path) -> Iterator[tuple[Task, Tally]]:
        """Each task that was read, with what was counted; its rows lie below ``work``, which all machines have to see.

        Raises:
            RunError: Spark cannot be started, or what it did failed.

        """
        place = work.resolve()
        left = [task for task in tasks if not _counted(place, task).is_file()]
        with _failures_said(place):
            do = self._reading(left, place) if left else _nothing
            for task in _as_done(tasks, do, lambda task: _counted(place, task).is_file()):
                yield task, Tally.of(orjson.loads(_counted(place, task).read_bytes()))

    def answer(self, parts: list[int], question: Question, run: Path, work: Path) -> Iterator[int]:
        """Each part whose answers were written; of a part that has no rows nothing is said. Then Spark is not needed.

        Raises:
            RunError: Spark cannot be started, or what it did failed.

        """
        place = work.resolve()
        try:
            with _failures_said(place):
                do = self._answering(parts, partial(_answer, question, run.resolve(), place), place)
                yield from _as_done(parts, do if parts else _nothing, lambda part: tally_file(place, part).is_file())
        finally:
            self._stop()

    def _reading(self, tasks: Sequence[Task], work: Path) -> Job:
        context = session_of(self.workers, work).sparkContext
        return partial(context.parallelize(tasks, len(tasks)).foreach, partial(_read, work=work))

    def _answering(self, parts: Sequence[int], answer: Callable[..., Iterator[pa.RecordBatch]], work: Path) -> Job:
        if not parts:
            return _nothing
        session = session_of(self.workers, work)
        together = min(len(parts), AHEAD * session.sparkContext.defaultParallelism)
        rows = rows_of_parts(session, work, parts, together)
        return rows.mapInArrow(answer, "part INT, rows BIGINT").collect

    def _stop(self) -> None:
        """End the Spark that was started for this run."""
        context = SparkContext._active_spark_context
        if context is not None and not self._is_guest:
            context.stop()


def engine(workers: int) -> SparkEngine:
    """The engine with so many workers, where nothing but this says how many."""
    return SparkEngine(workers)


def _read(task: Task, work: Path) -> None:
    tally = read_task(task, work)
    keep(_counted(work, task), orjson.dumps(tally.data()))


def _counted(work: Path, task: Task) -> Path:
    """The file that says, to whoever runs the engine, that the rows of a task are there."""
    return work / "spark" / f"{task.number:05}.json"


def _answer(question: Question, run: Path, work: Path, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Answer for everybody in the rows of a partition, and write the parts that they are; each part with its rows."""
    for written in write_parts(EvaluatePartition(question)(batches), run, work):
        yield pa.RecordBatch.from_pylist([dict(zip(WRITTEN.names, written, strict=True))], WRITTEN)


def _nothing() -> None:
    """Everything was done before."""


def _as_done(work: Iterable[Work], do: Job, is_done: Callable[[Work], bool]) -> Iterator[Work]:
    """Each piece of work as it gets done, while Spark does all of it; it goes no further when nobody listens."""
    left = list(work)
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(_in_group, do)
        try:
            while True:
                was_last = job.done()
                for item in [item for item in left if is_done(item)]:
                    left.remove(item)
                    yield item
                if was_last:
                    break
                wait([job], INTERVAL)
        finally:
            if not job.done():
                _cancel()
        job.result()


def _in_group(do: Job) -> None:
    if context := SparkContext._active_spark_context:
        context.setJobGroup(GROUP, GROUP)
    do()


def _cancel() -> None:
    if context := SparkContext._active_spark_context:
        context.cancelJobGroup(GROUP)


@contextmanager
def _failures_said(work: Path) -> Iterator[None]:
    """Say what ended Spark's work by its kind: what it says itself may show data of patients."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        thrown = THROWN.findall(str(error))
        kind = "".join(thrown[-1]) if thrown else type(error).__name__
        raise RunError(
            f"Spark did not finish its work: {kind}. What is done is kept: go on with --resume. What Spark says is in "
            f"{work / LOG}, or where its logs are; it may show data of patients."
        ) from None
