"""Work that Spark does, watched by the files that it writes: each piece is known as it gets done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from py4j.protocol import Py4JError
from pyspark import SparkContext
from pyspark.errors import PySparkException

from cds.about import PROGRAM
from cds.population.books.finished_run import RunError
from cds.population.engines.spark_engine.session import LOG

Work = TypeVar("Work")
INTERVAL = 0.3
"""Seconds after which it is looked again for what got done."""
THROWN = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Exit))\b(: \[Errno \d+\] [^:\n]*)?", re.MULTILINE)


def as_done(
    work: Iterable[Work], job: Callable[[], object], context: SparkContext, is_done: Callable[[Work], bool]
) -> Iterator[Work]:
    """Each piece of work as it gets done, while Spark does the job, which is all of them; ended when nobody listens."""
    left = list(work)
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(_in_group, job, context)
        try:
            while not _ends(doing):
                yield from _taken(left, is_done)
        finally:
            if not doing.done():
                context.cancelJobGroup(PROGRAM)
        doing.result()
    yield from _taken(left, is_done)


def _in_group(job: Callable[[], object], context: SparkContext) -> None:
    context.setJobGroup(PROGRAM, PROGRAM)
    job()


def _ends(doing: Future[None]) -> bool:
    wait([doing], INTERVAL)
    return doing.done()


def _taken(left: list[Work], is_done: Callable[[Work], bool]) -> Iterator[Work]:
    for item in [item for item in left if is_done(item)]:
        left.remove(item)
        yield item


@contextmanager
def failures_said(work: Path) -> Iterator[None]:
    """Say by its kind what ended the work of Spark: its own words may show data of patients.

    Raises:
        RunError: something did.

    """
    try:
        yield
    except (PySparkException, Py4JError) as error:
        thrown = THROWN.findall(str(error))
        kind = "".join(thrown[-1]) if thrown else type(error).__name__
        raise RunError(
            f"Spark did not finish its work: {kind}. What is done is kept: go on with --resume. What Spark says stands "
            f"in {work / LOG} or where the cluster keeps its logs; it may show data of patients."
        ) from None
