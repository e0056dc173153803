"""Reading and answering as jobs of Spark: one partition for each task, and each part whole in one partition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import orjson
import pyarrow as pa
from pyspark import SparkContext
from pyspark.sql import DataFrame
from pyspark.sql.udf import UserDefinedFunction
from pyspark.util import PythonEvalType

from cds.population.answers.partition import EvaluatePartition
from cds.population.answers.parts import tally_file, write_parts
from cds.population.books.ledger import Tally
from cds.population.books.whole_files import keep
from cds.population.engines.spark_engine.grouping import rows_of_parts
from cds.population.engines.spark_engine.jobs import as_done, failures_said
from cds.population.engines.spark_engine.session import is_running, session_of
from cds.population.lines.reading import Task, read_task

AHEAD = 4
"""How many partitions there are at most for each thing that Spark does at once."""
WRITTEN, COLUMNS = pa.schema([("part", pa.int32()), ("rows", pa.int64())]), "part INT, rows BIGINT"


class SparkEngine:
    """Reads and answers with the executors of Spark; a Spark that it started ends when everything is answered."""

    name = "spark"

    def __init__(self, workers: int) -> None:
        self.workers, self._is_guest = workers, is_running()

    def read(self, tasks: list[Task], work: Path) -> Iterator[tuple[Task, Tally]]:
        """Each task that was read, with what was counted; its rows lie below ``work``, which all machines have to see.

        Raises:
            RunError: Spark cannot be started, or it failed.

        """
        if not tasks:
            return
        place = work.resolve()
        with failures_said(place):
            context = session_of(self.workers, place).sparkContext
            job = partial(context.parallelize(tasks, len(tasks)).foreach, partial(_read, work=place))
            for task in as_done(tasks, job, context, lambda task: _counted(place, task).is_file()):
                yield task, Tally.of(orjson.loads(_counted(place, task).read_bytes()))

    def answer(self, parts: list[int], evaluate: EvaluatePartition, run: Path, work: Path) -> Iterator[int]:
        """Each part whose answers were written; of a part that has no rows nothing is said.

        Raises:
            RunError: Spark cannot be started, or it failed.

        """
        place = work.resolve()
        try:
            with failures_said(place):
                yield from self._answer(parts, partial(_answer, evaluate, run.resolve(), place), place)
        finally:
            self._stop()

    def _answer(self, parts: list[int], answer: partial[Iterator[pa.RecordBatch]], work: Path) -> Iterator[int]:
        if not parts:
            return
        session = session_of(self.workers, work)
        together = min(len(parts), AHEAD * session.sparkContext.defaultParallelism)
        done = _mapped(rows_of_parts(session, work, parts, together), answer)
        yield from as_done(parts, done.collect, session.sparkContext, lambda part: tally_file(work, part).is_file())

    def _stop(self) -> None:
        context = SparkContext._active_spark_context
        if context is not None and not self._is_guest:
            context.stop()


def _read(task: Task, work: Path) -> None:
    if not _counted(work, task).is_file():  # a run that was killed may have got so far
        keep(_counted(work, task), orjson.dumps(read_task(task, work).data()))


def _counted(work: Path, task: Task) -> Path:
    """What was counted for a task, from the executor to whoever runs the engine."""
    return work / "spark" / f"{task.number:05}.json"


def _answer(
    evaluate: EvaluatePartition, run: Path, work: Path, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Answer for everybody in the rows of a partition, and write the parts that these are: each, with its rows."""
    for written in write_parts(evaluate(batches), run, work):
        yield pa.RecordBatch.from_pylist([dict(zip(WRITTEN.names, written, strict=True))], WRITTEN)


def _mapped(rows: DataFrame, answer: partial[Iterator[pa.RecordBatch]]) -> DataFrame:
    """What ``rows.mapInArrow(answer, COLUMNS)`` is; that asks for pandas, which nothing here uses."""
    function = UserDefinedFunction(answer, COLUMNS, evalType=PythonEvalType.SQL_MAP_ARROW_ITER_UDF)
    return DataFrame(rows._jdf.mapInArrow(function(*rows.columns)._jc, False, None), rows.sparkSession)
