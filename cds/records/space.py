"""Gives the room of what was erased back, and with it the last copies of it that the database keeps in its files.

A SQLite file has zeros where something was deleted (``secure_delete``), but old pages in its write-ahead log.
PostgreSQL keeps deleted rows until they are vacuumed, and writes the table anew when the owner asks for it.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

from sqlalchemy import Engine

from cds.records.sqlite_file import WAIT

TABLES = ("decisions", "requests", "cards", "feedback")
_OWNS = "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY(%s::regclass[])"
BUSY = (
    "Another program reads the file: its write-ahead log still holds old pages. They go when that program ends or is "
    "idle; 'cds log vacuum' tries again."
)
OWNER = "The tables belong to another role. What was erased stays in their files until it runs: {}."
OLD_SEGMENTS = (
    "PostgreSQL's write-ahead log, backups and replicas keep old pages for a while; "
    "docs/decision-log.md says how they go."
)


def vacuum(engine: Engine) -> list[str]:
    """Give the room back; what is left to do, in sentences. It takes as long as copying the database does.

    Nobody can write meanwhile, and it needs as much free space as the database will take.
    """
    with closing(engine.raw_connection()) as connection:
        return (_of_file if engine.dialect.name == "sqlite" else _of_server)(connection)


def shorten(engine: Engine) -> None:
    """Let the write-ahead log of a SQLite file begin anew, if nobody reads from it: it holds old pages.

    It gives up at once: the next time will do, and nobody waits for it.
    """
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute(f"PRAGMA busy_timeout = {WAIT}")


def _of_file(connection: Any) -> list[str]:
    connection.execute("VACUUM")
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return [BUSY] if busy else []


def _of_server(connection: Any) -> list[str]:
    driver = connection.driver_connection
    driver.autocommit = True
    statements = [f"VACUUM (FULL, ANALYZE) {table}" for table in TABLES]
    try:
        if not driver.execute(_OWNS, (list(TABLES),)).fetchone()[0]:
            return [OWNER.format("; ".join(statements)), OLD_SEGMENTS]
        for statement in statements:
            driver.execute(statement)
    finally:
        driver.autocommit = False
    return [OLD_SEGMENTS]
