"""``cds serve`` as a process of its own, with its workers, for tests that kill some of them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx2

ROOT = Path(__file__).resolve().parent.parent
LONG = 120.0
"""Seconds in which whatever is waited for comes also on a busy machine."""
T = TypeVar("T")


class Serving:
    """A service that runs: its process, its port and what it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, said: Path, host: str = "127.0.0.1") -> None:
        self.process, self.port, self._said = process, port, said
        self.base = f"http://{host}:{port}"

    def get(self, path: str) -> httpx2.Response:
        """The answer to a request over a connection of its own."""
        return httpx2.get(f"{self.base}{path}", timeout=LONG, trust_env=False)

    def ready(self) -> bool:
        """Whether it takes calls, and says that all is well."""
        try:
            return self.get("/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of the journal with this event."""
        lines = [line for line in self.text().splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in map(json.loads, lines) if line["event"] == name]

    def text(self) -> str:
        """All that it wrote."""
        return self._said.read_text(encoding="utf-8")

    def workers(self) -> list[int]:
        """The ids of the processes that answer calls, but not of Python's own that cleans up after them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="utf-8")
        return sorted(child for child in map(int, children.split()) if "spawn_main" in command_of(child))

    def serving_workers(self) -> list[int]:
        """Those of them that have tested themselves, and so take calls."""
        tested = {line.get("worker") for line in self.events("self-test")}
        return [worker for worker in self.workers() if worker in tested]

    def kill(self, worker: int) -> None:
        """End one of them as a failure of the machine would."""
        assert worker in self.workers()
        os.kill(worker, signal.SIGKILL)


async def silent(scope: dict[str, object], receive: object, send: object) -> None:
    """An application that answers nothing."""


def command_of(process: int) -> str:
    """The command line of a process; empty where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace")
    return ""


def until(happens: Callable[[], T], seconds: float = LONG) -> T:
    """What a question gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(folder: Path, *options: str, port: int = 0, within: tuple[str, ...] = ()) -> Iterator[Serving]:
    """A service of this checkout, from its first line to its end; ``within`` are words before its command."""
    port, said = port or free_port(), folder / f"said-{time.monotonic_ns()}"
    command = [*within, sys.executable, "-m", "cds", "serve", "--port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state")}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    with said.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
    found = Serving(process, port, said)
    try:
        yield found
    finally:
        process.terminate()
        try:
            process.wait(LONG)
        finally:
            process.kill()


@contextmanager
def serving(folder: Path, *options: str, workers: int = 2) -> Iterator[Serving]:
    """The same once every worker takes calls."""
    with started(folder, *options, "--workers", str(workers)) as found:
        until(lambda: found.process.poll() is not None or (found.ready() and len(found.serving_workers()) == workers))
        assert found.process.poll() is None, found.text()
        yield found
