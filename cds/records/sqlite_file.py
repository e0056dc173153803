"""A SQLite file as a database: one writer at a time, on the disk when committed, and always the file at its place."""

from __future__ import annotations

import sqlite3
from functools import partial
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from cds.records.file_watch import FileWatch

WAIT = 10_000
"""How long (ms) a writer waits for another one."""
STEP_SECONDS = 0.001
"""From one look to the next whether it has gone."""
POOL_SECONDS = 5
"""How long a thread waits for a connection."""


def engine_of_file(url: URL, watch: FileWatch) -> Engine:
    """An engine that never writes into a file that was moved away or deleted, nor makes one in its place.

    Either would lose decisions, and nobody would know.
    """
    connected = partial(_connected, watch)
    engine = create_engine(url, hide_parameters=True, creator=connected, pool_timeout=POOL_SECONDS)
    event.listen(engine, "connect", partial(_prepare, watch))
    event.listen(engine, "checkout", partial(_look, watch))
    event.listen(engine, "begin", _begin)
    return engine


def _connected(watch: FileWatch) -> sqlite3.Connection:
    watch.refuse_foreign_log()
    return sqlite3.connect(f"{watch.path.as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _look(watch: FileWatch, connection: Any, known: Any, _: object) -> None:
    """Give up a connection whose file is not at its place any more; the pool opens the one that is there."""
    if not watch.looked(connection, known.info["files"]):
        raise DisconnectionError


def _prepare(watch: FileWatch, connection: Any, known: Any) -> None:
    """SQLite's own driver would begin transactions late and as readers; the dialect begins them here."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {WAIT}")
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # only now -wal and -shm are open
    known.info["files"] = watch.opened()


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
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        if not _begun_alone(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # says why not, as every statement does
    finally:
        driver.execute(f"PRAGMA busy_timeout = {WAIT}")


def _begun_alone(driver: Any) -> bool:
    """Whether a transaction that writes has begun; False where that failed, or another one took too long.

    SQLite itself waits for another writer in steps of up to 100 ms: of two workers that write again and again one would
    sleep most of the time.
    """
    ends = monotonic() + WAIT / 1000
    while monotonic() < ends:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if "locked" not in str(error):
                return False
        else:
            return True
        sleep(STEP_SECONDS)
    return False
