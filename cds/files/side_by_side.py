"""The people in a place and what is answered to each, in the order of the data; large folders in several processes.

Only files whose people stand alone are answered in another process. A file that cannot be read, of which something is
to be said, or that belongs together with others, is read in this process as if there were no other.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

from cds.files.people import Item, alone_in, people_of
from cds.files.places import Say

T = TypeVar("T")
FEW = 16
"""A folder of fewer files is answered in this process: to start others takes as long."""
AHEAD = 4
"""How many files each process may be ahead of what is printed: what is answered is kept until its turn."""
ONE_PROCESS = "Another process ended, or could not be started; what was left is answered by one process."
LOST = (BrokenProcessPool, OSError, NotImplementedError, MemoryError)
"""What is raised where a process was killed, where none may be started, or where the system knows no semaphores."""


def answers_in(place: Path, say: Say, answer: Callable[[Item], T]) -> Iterator[T]:
    """What is answered to each person in a place, and to each part of it that cannot be read.

    What is read of a file makes room before the next one is read: that takes a sixth of the time.
    """
    for item in people_of(place, say, lambda paths: _ahead(paths, answer, lambda: say(place, ONE_PROCESS))):
        answers = item if isinstance(item, list) else [answer(item)]
        del item
        yield from answers


def _ahead(
    paths: Sequence[Path], answer: Callable[[Item], T], say_lost: Callable[[], None]
) -> Iterator[list[T] | None]:
    """For each file what is answered to the people in it; None: it is to be read here.

    The first is: what it makes this process load, the others have from their start. Where they are lost, the rest is.
    """
    processes = processors() if "fork" in multiprocessing.get_all_start_methods() else 1
    if len(paths) < FEW or processes < 2:
        return
    yield None
    try:
        yield from _from_others(paths[1:], answer, processes)
    except LOST:
        say_lost()
        yield from repeat(None)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _from_others(paths: Sequence[Path], answer: Callable[[Item], T], processes: int) -> Iterator[list[T] | None]:
    waiting: deque[Future[list[T] | None]] = deque()
    alike = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, alike, initializer=_take, initargs=(answer,)) as pool:
        try:
            for path in paths:
                waiting.append(pool.submit(_answers_to_file, path))
                if len(waiting) >= AHEAD * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_taken: list[Callable[[Item], Any]] = []


def _take(answer: Callable[[Item], Any]) -> None:
    """Keep, in a new process, what it has from the one that started it."""
    _taken[:] = [answer]


def _answers_to_file(path: Path) -> list[Any] | None:
    people = alone_in(path)
    return None if people is None else [_taken[0](person) for person in people]
