"""A command and the processes that it starts: what they take, and the memory of each as time goes by (Linux)."""

from __future__ import annotations

import math
import os
import resource
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

EVERY = 0.2
"""Seconds between two looks at the processes."""
ENOUGH = 50
"""Of fewer looks nothing is said: they show how a process starts."""
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
WORKERS = (b"multiprocessing.spawn", b"pyspark.daemon")
"""What stands in the command lines of processes that work for another one."""
KIB = 1024


class Watched(NamedTuple):
    """What a command took: elapsed seconds, processor seconds of all its processes, and their memory in MB.

    ``memory`` holds what each process that works had at each look, by its number, in the order of time; where the
    command works alone, that is the command. ``highest`` is the most that any of them ever had.
    """

    elapsed: float
    processors: float
    memory: dict[int, list[float]]
    highest: float

    @property
    def flatness(self) -> float:
        """The most of the last third of a process by that of the middle one, where it is worst; NaN of a short run."""
        return max((_flatness(seen) for seen in self.memory.values() if len(seen) > ENOUGH), default=math.nan)


class CommandFailedError(RuntimeError):
    """A command did not end well; its last words are the message."""


def watched(command: list[str], folder: Path) -> Watched:
    """Run a command in a folder and watch it to its end, which is exit status 0.

    Raises:
        CommandFailedError: it ended otherwise.

    """
    before, start, looks = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), _Looks()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, start_new_session=True)
        while process.poll() is None:
            looks.look(process.pid)
            time.sleep(EVERY)
        elapsed, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            said.seek(0)
            raise CommandFailedError(said.read()[-2000:].decode("utf-8", "replace"))
    waited_for = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # Nobody waits for some processes, as that of Java: of those it is known what they had taken at the last look.
    spent = max(waited_for, sum(looks.spent.values()))
    workers = looks.workers or {process.pid}
    memory = {pid: seen for pid, seen in looks.memory.items() if pid in workers}
    return Watched(elapsed, spent, memory, max((looks.highest[pid] for pid in memory), default=0.0))


class _Looks:
    """What was seen of the processes of a session."""

    def __init__(self) -> None:
        self.spent: dict[int, float] = {}
        self.memory: dict[int, list[float]] = {}
        self.highest: dict[int, float] = {}
        self.workers: set[int] = set()

    def look(self, session: int) -> None:
        """Look at every process of a session."""
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError, KeyError):
                fields = (place / "stat").read_bytes().rpartition(b")")[2].split()
                if int(fields[3]) == session:
                    self._note(int(place.name), place, (int(fields[11]) + int(fields[12])) / TICKS)

    def _note(self, pid: int, place: Path, spent: float) -> None:
        self.spent[pid] = spent
        status = dict(line.split(b":", 1) for line in (place / "status").read_bytes().splitlines())
        now, most = (int(status[name].split()[0]) * KIB / 1e6 for name in (b"VmRSS", b"VmHWM"))
        self.memory.setdefault(pid, []).append(now)
        self.highest[pid] = most
        if any(name in (place / "cmdline").read_bytes() for name in WORKERS):
            self.workers.add(pid)


def _flatness(seen: list[float]) -> float:
    third = len(seen) // 3
    return max(seen[2 * third :]) / max(seen[third : 2 * third])
