"""Whether the file of the records is the one that was opened, and what is done when it is not.

SQLite writes on into a file that was deleted, or whose write-ahead log was: what was acknowledged would be gone with
the process, and nobody would know. As long as a connection is open the content is still there. So of a file that was
deleted a copy is saved beside its place; and where only its ``-wal`` or ``-shm`` went, the file takes up what they
held, and both are made anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeAlias

Identity: TypeAlias = "tuple[int, int] | None"
"""The device and inode of a file; None where there is none."""
Heard: TypeAlias = Callable[[str, str], None]
"""Hears the name of an event and what happened, in words without a path beyond the names of files."""


class FileParts(NamedTuple):
    """A database by its files: the same path can lead to others."""

    file: Identity
    wal: Identity
    shm: Identity


class FileWatch:
    """Watches one SQLite file; ``opened`` and ``looked`` are called by whoever holds connections to it."""

    def __init__(self, path: Path, heard: Heard = lambda event, text: None) -> None:
        self.path, self.heard = path.absolute(), heard
        self._lock = Lock()
        self._known: FileParts | None = None
        self._handle: int | None = None
        self._told: tuple[FileParts, FileParts] | None = None

    def parts(self) -> FileParts:
        """The files that are there now."""
        return FileParts(*(_identity(f"{self.path}{end}") for end in ("", "-wal", "-shm")))

    def opened(self) -> FileParts:
        """Note the files that a new connection has opened."""
        with self._lock:
            now = self.parts()
            if self._known is None or now.file != self._known.file:
                self._hold()
            self._known = now
            return now

    def refuse_foreign_log(self) -> None:
        """Refuse to open another file beside the write-ahead log of the one before: SQLite would mix the two.

        Raises:
            sqlite3.OperationalError: with what to do.

        """
        now, known = self.parts(), self._known
        if known is not None and now.file not in (None, known.file) and now.wal is not None and now.wal == known.wal:
            name = self.path.name
            raise sqlite3.OperationalError(f"another file is in the place of {name}, beside the -wal of the one before")

    def trouble(self) -> str:
        """What is wrong with the files at this moment; empty where they are those that were opened."""
        known = self._known
        now = self.parts()
        if known is None or now == known:
            return ""
        if now.file is None:
            return f"the file {self.path.name} is gone"
        if now.file != known.file:
            return f"another file is in the place of {self.path.name}"
        return f"the -wal or -shm of {self.path.name} is gone"

    def looked(self, connection: sqlite3.Connection, known: FileParts) -> bool:
        """Whether a connection leads to the files at the place; what only it can still reach is saved where it must be.

        It is said once for each change.
        """
        now = self.parts()
        if now == known:
            return True
        with self._lock:
            if self._told != (known, now):
                self._told = (known, now)
                self._changed(connection, known, now)
        return False

    def _changed(self, connection: sqlite3.Connection, known: FileParts, now: FileParts) -> None:
        if now.file == known.file:
            self.heard("records-beside-gone", f"{self._taken_up(connection)} {self.path.name} took up what they held.")
        elif not self._is_deleted(known):
            self.heard("records-moved", f"{self.path.name} was moved away; it is looked for at its place.")
        else:
            self.heard("records-deleted", f"{self.path.name} was deleted or overwritten. {self._saved(connection)}")

    def _taken_up(self, connection: sqlite3.Connection) -> str:
        """Write what the lost files held into the database itself, as long as the connection has them open."""
        with suppress(sqlite3.Error):
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
            if not busy:
                return "Its -wal or -shm was removed;"
        return f"Its -wal or -shm was removed. {self._saved(connection)}; perhaps not all of"

    def _saved(self, connection: sqlite3.Connection) -> str:
        """Save all that a connection can reach into a new file beside the place; what came of it, in a sentence."""
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        copy = self.path.with_name(f"{self.path.name}.saved-{stamp}-{os.getpid()}")
        try:
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                copy.unlink(missing_ok=True)
            return f"What it held could not be saved ({type(error).__name__})."
        return f"What it held was saved as {copy.name}: put that in its place."

    def _hold(self) -> None:
        """Hold the file by a handle that can say whether it was deleted.

        An ordinary descriptor would lift SQLite's locks when it is closed (POSIX); one of O_PATH does not.
        """
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None
        if hasattr(os, "O_PATH"):
            with suppress(OSError):
                self._handle = os.open(self.path, os.O_PATH)

    def _is_deleted(self, known: FileParts) -> bool:
        """Whether the file that was opened has no name any more; also where the system cannot tell."""
        if self._handle is None:
            return True
        found = os.fstat(self._handle)
        return (found.st_dev, found.st_ino) != known.file or found.st_nlink == 0


def _identity(path: str) -> Identity:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path is made more slowly, and this is asked at every transaction
    except OSError:
        return None
    return found.st_dev, found.st_ino
