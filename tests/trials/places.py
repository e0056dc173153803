"""The two kinds of database that records are kept in, and what can be done to each from outside."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from recorded import Server

from cds.records.chain import entries, verify
from cds.records.database import open_existing

BESIDE = ("", "-wal", "-shm")
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


class Place(Protocol):
    """A database of records."""

    kind: str
    records: str

    def locked(self) -> contextmanager[None]: ...
    def away(self) -> contextmanager[None]: ...
    def frozen(self) -> contextmanager[None]: ...
    def read_only(self) -> contextmanager[None]: ...
    def full(self) -> contextmanager[None]: ...
    def close(self) -> None: ...


def kept_in(records: str) -> tuple[dict[str, str], str]:
    """The instances in a log with the SHA-256 of their answers, and what is wrong with its chain."""
    engine = open_existing(records)
    found = {entry.instance: sha256(entry.cards).hexdigest() for _, entry in entries(engine)}
    problem = verify(engine).problem
    engine.dispose()
    return found, problem


class SqlitePlace:
    """A file in a folder."""

    kind = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "records.sqlite"
        self.records = str(self.file)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another connection holds the file for itself."""
        other = sqlite3.connect(self.file, isolation_level=None, timeout=30, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
        other.close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """The file and what belongs to it are moved away, and back."""
        shelf = self.file.parent / "away"
        shelf.mkdir()
        moved = [Path(f"{self.file}{end}") for end in BESIDE if Path(f"{self.file}{end}").exists()]
        for path in moved:
            path.rename(shelf / path.name)
        yield
        for path in moved:
            (shelf / path.name).rename(path)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Another process holds the writer's lock and does nothing at all."""
        command = [sys.executable, "-c", HOLDER, str(self.file)]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.send_signal(signal.SIGSTOP)
        yield
        holder.send_signal(signal.SIGCONT)
        holder.communicate()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """The file and its log take no change, not even through a descriptor that is open (an attribute of ext4)."""
        with immutable(f"{self.file}", f"{self.file}-wal"):
            yield

    @contextmanager
    def wholly_read_only(self) -> Iterator[None]:
        """All three take no change."""
        with immutable(*(f"{self.file}{end}" for end in BESIDE)):
            yield

    @contextmanager
    def full(self) -> Iterator[None]:
        """Nothing fits on the disk any more."""
        with filled(self.file.parent):
            yield

    def close(self) -> None:
        """Nothing is to be ended."""


class PostgresqlPlace:
    """A server of its own, on a socket."""

    kind = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "postgresql"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self._server = Server(self.folder)
        self.records = self._server.url
        self._administration = f"{self.records}&options=-cdefault_transaction_read_only%3Doff"

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._administration, autocommit=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else holds the table of decisions."""
        with self._connection() as other, other.transaction():
            other.execute("LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
            yield

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server stops as in a power cut, and starts again."""
        self._server.stop()
        yield
        self._server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server stands still; its sockets stay open."""
        processes = self._processes()
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        yield
        for process in processes:
            os.kill(process, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = self._server.running.pid
        said = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, check=True).stdout
        return [first, *map(int, said.split())]

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Every transaction is read-only, as on a standby."""
        with self._connection() as other:
            other.execute("ALTER SYSTEM SET default_transaction_read_only TO on")
            other.execute("SELECT pg_reload_conf()")
        yield
        with self._connection() as other:
            other.execute("ALTER SYSTEM RESET default_transaction_read_only")
            other.execute("SELECT pg_reload_conf()")

    @contextmanager
    def full(self) -> Iterator[None]:
        """Nothing fits on the disk any more; a server that ended over it is started again by who keeps it."""
        with filled(self.folder):
            yield
        if self._server.running.poll() is not None:
            self._server.start()

    def close(self) -> None:
        """End the server."""
        self._server.stop()


@contextmanager
def immutable(*files: str) -> Iterator[None]:
    """Files that nobody can write into; it needs root."""
    subprocess.run(["chattr", "+i", *files], check=True)
    yield
    subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """The small file system of a folder, filled to the last byte."""
    room = shutil.disk_usage(folder).free
    assert room < 500 << 20, "this is no small file system of the trial's own"
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        except OSError:
            pass
    yield
    ballast.unlink(missing_ok=True)
    time.sleep(0)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of so many MB at a folder; it needs root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "trial", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
