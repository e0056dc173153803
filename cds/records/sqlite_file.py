"""A SQLite file as a database: one writer at a time, on the disk when committed, and always the file at its place."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

WAIT = 10_000
"""How long (ms) a writer waits for another one."""
POOL_SECONDS = 5
"""How long a thread waits for a connection."""


def engine_of_file(url: URL, path: Path) -> Engine:
    """An engine that never writes into a file that was moved away or deleted, nor makes one in its place.

    Either would lose decisions, and nobody would know.
    """
    path = path.absolute()
    engine = create_engine(url, hide_parameters=True, creator=partial(_connected, path), pool_timeout=POOL_SECONDS)
    event.listen(engine, "connect", partial(_prepare, path))
    event.listen(engine, "checkout", partial(_look, path))
    event.listen(engine, "begin", _begin)
    return engine


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _look(path: Path, _: object, known: Any, __: object) -> None:
    """Give up a connection whose file is not at its place any more; the pool opens the one that is there."""
    if known.info["file"] != _identity(path):
        raise DisconnectionError


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare(path: Path, connection: Any, known: Any) -> None:
    """SQLite's own driver would begin transactions late and as readers; the dialect begins them here."""
    known.info["file"] = _identity(path)
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {WAIT}")
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Turn the write-ahead log on; while others open the file too, SQLite refuses that at once instead of waiting."""
    ends = monotonic() + WAIT / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:  # noqa: PERF203 - it is tried again
            if "locked" not in str(error) or monotonic() > ends:
                raise
            sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
