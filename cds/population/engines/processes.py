"""Work for several processes of this machine, one piece at a time; what one does never depends on what another does."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import pyarrow as pa

from cds.errors import CdsError
from cds.garbage import collect_seldom

Work = TypeVar("Work")
Done = TypeVar("Done")


class WorkersLostError(CdsError):
    """A process of the run ended that nobody had asked to end."""

    code = "worker-lost"

    def __init__(self) -> None:
        super().__init__(
            "A process of the run was ended from outside; memory may have been short. What is done is kept: go on with "
            "--resume, with fewer --workers where memory is short."
        )


class Workers:
    """So many processes, started when there is work for them; one alone works in this process."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        """Ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes; what waits is not begun."""
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)

    def done(self, work: Iterable[Work], do: Callable[[Work], Done]) -> Iterator[tuple[Work, Done]]:
        """Each piece of work with what was made of it, as it gets done.

        Raises:
            WorkersLostError: a process ended.

        """
        if self.number < 2:
            yield from ((item, do(item)) for item in work)
            return
        if self.pool is None:
            # What was forked would share threads of Arrow and DuckDB that are not there: each process starts anew.
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.number, context, initializer=_begin)
        try:
            yield from _in_pool(self.pool, iter(work), do, 2 * self.number)
        except BrokenProcessPool:
            raise WorkersLostError from None


def _in_pool(
    pool: ProcessPoolExecutor, work: Iterator[Work], do: Callable[[Work], Done], ahead: int
) -> Iterator[tuple[Work, Done]]:
    waiting: dict[Future[Done], Work] = {}
    more = True
    while more or waiting:
        while more and len(waiting) < ahead:
            item = next(work, None)
            if item is None:
                more = False
            else:
                waiting[pool.submit(do, item)] = item
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            yield waiting.pop(future), future.result()


def _begin() -> None:
    collect_seldom()
    # The pool that Arrow takes otherwise keeps a tenth of the memory of a process for itself.
    pa.set_memory_pool(pa.system_memory_pool())
    _end_with_parent()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: nobody would take what it makes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
