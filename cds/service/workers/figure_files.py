"""The figures of all workers of a host, in a folder: whichever of them is asked, it answers for all.

Every worker writes its own each second, and when it is asked; what anybody was told stands in a file. So the sums never
go back when a worker dies: what it left is added to those of all that died before.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]
WRITE_SECONDS = 1.0
GONE = "gone"


class FigureFiles:
    """The files of one process among those of the others; ``added`` gives the sum of two states."""

    def __init__(self, folder: Path, added: Callable[[list[Json]], Json], process: int = 0) -> None:
        """``process`` is the id of this process, or of another one."""
        self._folder, self._added, self._process = folder, added, process or os.getpid()
        self._own = folder / f"figures-{self._process}.json"
        folder.mkdir(mode=0o700, exist_ok=True)

    def write(self, state: Json) -> None:
        """Leave the figures of this process."""
        _write(self._own, state)

    def others(self) -> list[Json]:
        """The figures of all other processes, of those that died too."""
        with self._locked(fcntl.LOCK_SH):
            return [orjson.loads(path.read_bytes()) for path in self._files() if path != self._own]

    def bury(self, living: Collection[int]) -> None:
        """Add the figures of processes that died to those of all that did."""
        keep = {f"figures-{process}" for process in (*living, self._process, GONE)}
        dead = [path for path in self._files() if path.stem not in keep]
        if not dead:
            return
        with self._locked(fcntl.LOCK_EX):
            gone = self._folder / f"figures-{GONE}.json"
            states = [orjson.loads(path.read_bytes()) for path in (gone, *dead) if path.exists()]
            _write(gone, {**self._added(states), "books": {}})
            for path in dead:
                path.unlink()

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("figures-*.json"))

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self._folder / "lock").open("a") as file:
            fcntl.flock(file, how)
            yield


def _write(path: Path, state: Json) -> None:
    """The file appears whole."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(orjson.dumps(state))
    unfinished.replace(path)
