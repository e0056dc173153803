"""The servers that ``load.py`` measures: each a process of its own (with its workers), on a free port of loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import httpx2
from joserfc.jwk import ECKey

HERE = Path(__file__).resolve().parent
PATH = "/cds-services/calcium-review"
ISSUER = "https://ehr.example"
PATIENCE = 120.0
OURS = ["-m", "cds", "serve"]
GUARDED = """\
issuers:
  - issuer: {issuer}
    keys file: keys.json
records: {log}
pseudonym key: pseudonyms
"""


class Server(NamedTuple):
    """A server that runs: its name in the tables, its port, the path of calls, and whether these need a token."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    path: str = PATH
    guarded: bool = False
    database: int = 0
    """The process of its database server, if it has one."""
    log: Path = Path()
    """The folder in which the log lies."""


class Pinned(NamedTuple):
    """The processors that servers and client may use; empty: any."""

    servers: tuple[int, ...] = ()
    client: tuple[int, ...] = ()


@contextmanager
def running(name: str, command: list[str], python: str = sys.executable, path: str = PATH) -> Iterator[Server]:
    """A server, once it answers anything; its port is the last word of the command."""
    port = _free_port()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([python, *command, str(port)], stdout=subprocess.DEVNULL, stderr=said)
        try:
            end = time.monotonic() + PATIENCE
            while not _answers(port):
                assert process.poll() is None, f"it ended at its start: {_first_line(said)}"
                assert time.monotonic() < end, "it does not answer"
                time.sleep(0.1)
            yield Server(name, port, process, path)
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def guarded(name: str, key: ECKey, folder: Path, log: str, workers: int) -> Iterator[Server]:
    """Our service with authentication by ES384 and the decision log."""
    folder.mkdir()
    (folder / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
    (folder / "serve.yaml").write_text(GUARDED.format(issuer=ISSUER, log=log), encoding="utf-8")
    several = ["--workers", str(workers)] if workers > 1 else []
    with running(name, [*OURS, "--config", str(folder / "serve.yaml"), *several, "--port"]) as server:
        yield server._replace(guarded=True, log=folder)


def descendants(pid: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    parents: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(place.parent.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def processor_seconds(pid: int) -> float:
    """What a process and its descendants have used of the processors; what else the machine does is not in it."""
    ticks = 0
    for one in descendants(pid) if pid else []:
        try:
            fields = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid: int, name: str = "VmRSS") -> list[float]:
    """Memory of a process and its descendants in MB, each."""
    found = []
    for one in descendants(pid):
        lines = Path(f"/proc/{one}/status").read_text(encoding="utf-8").splitlines()
        found += [int(line.split()[1]) / 1024 for line in lines if line.startswith(name)]
    return found


def disk(folder: Path) -> float:
    """What the files below a folder take on the disk, in MB."""
    return sum(file.stat().st_blocks for file in folder.rglob("*") if file.is_file()) * 512 / 1e6


def pin(pid: int, processors: tuple[int, ...]) -> None:
    """Let a process and its threads and descendants run on these processors alone."""
    for one in descendants(pid) if pid else []:
        for task in Path(f"/proc/{one}/task").iterdir():
            os.sched_setaffinity(int(task.name), processors)


def _first_line(said: IO[bytes]) -> str:
    """The first line of what a server said."""
    said.seek(0)
    return said.readline().decode(errors="replace").strip()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        httpx2.get(f"http://127.0.0.1:{port}/", timeout=2, trust_env=False)
    except httpx2.HTTPError:
        return False
    return True
