"""A whole copy of the records in one file, made while the service goes on; a database filled from it; both verified.

What was erased is not in a copy: of a SQLite file it is written anew, of PostgreSQL row by row.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy import Connection, Engine, Table, create_engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from cds.errors import CdsError
from cds.records.chain import LogHead, Verified, log_head, verify
from cds.records.database import DatabaseError, open_database, reason_of, snapshot, writing
from cds.records.migrations import SchemaError, is_current
from cds.records.tables import (
    CARDS_TABLE,
    CHAIN_TABLE,
    DECISIONS_TABLE,
    ERASING_TABLE,
    ERASURES_TABLE,
    FEEDBACK_TABLE,
    HEAD_TABLE,
    KEY_TABLE,
    REQUESTS_TABLE,
)

TABLES: tuple[Table, ...] = (
    *(CHAIN_TABLE, HEAD_TABLE, DECISIONS_TABLE, REQUESTS_TABLE, CARDS_TABLE, FEEDBACK_TABLE),
    *(ERASURES_TABLE, ERASING_TABLE, KEY_TABLE),
)
"""What is copied; what a running service keeps beside it is of no use to another one."""
AT_ONCE = 200


class BackupError(CdsError):
    """A copy could not be made, or is not what it was made from."""

    code = "records-backup"


def back_up(engine: Engine, to: Path) -> Verified:
    """Copy the records as of one moment into a new file, readable by its owner alone; it appears whole and verified.

    Raises:
        BackupError: the file is there already, cannot be written, or the copy is not good.

    """
    if to.exists():
        raise BackupError(f"'{to}' is there already. Name a new file.")
    try:
        with _unfinished(to) as file:
            end = _copied(engine, file)
            with backup_at(file) as copy:
                found = _the_same(verify(copy), end)
            _appear(file, to)
    except OSError as error:
        raise BackupError(f"'{to}' cannot be written: {error.strerror}.") from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = reason_of(error) if isinstance(error, SQLAlchemyError) else str(error)
        raise BackupError(f"'{to}' cannot be written: {reason}.") from None
    return found


@contextmanager
def _unfinished(to: Path) -> Iterator[Path]:
    """An empty file beside the one that is made, which only its owner can read; it is gone at the end."""
    number, name = mkstemp(prefix=f".{to.name}.", suffix=".unfinished", dir=to.parent)
    os.close(number)
    try:
        yield Path(name)
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(name + ending).unlink(missing_ok=True)


def _copied(engine: Engine, to: Path) -> LogHead | None:
    """Fill the file; the end of the log that it must have, where that is known."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.execute("VACUUM INTO ?", (str(to),))
        return None
    copy = open_database(to)
    try:
        with snapshot(engine) as source:
            end = log_head(source)
            with writing(copy) as target:
                _copy_rows(source, target)
    finally:
        copy.dispose()
    return end


def _copy_rows(source: Connection, target: Connection) -> None:
    for table in TABLES:
        rows = source.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
        for part in rows.partitions():
            target.execute(insert(table), [dict(row) for row in part])


def _the_same(found: Verified, end: LogHead | None) -> Verified:
    if found.problem or (end and end.number and end != found.head):
        raise BackupError(f"the copy is not good: {found.problem or 'it ends elsewhere.'}")
    return found


def _appear(unfinished: Path, to: Path) -> None:
    """On the disk under its name, in place of nothing."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    os.link(unfinished, to)
    folder = os.open(to.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


@contextmanager
def backup_at(path: Path) -> Iterator[Engine]:
    """A backup, for reading alone: nothing of it is changed, nor any file made beside it.

    Raises:
        BackupError: there is no such file, it is no backup, or one of another version.

    """
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True, check_same_thread=False))
    try:
        with engine.connect() as connection:
            if not is_current(connection):
                raise BackupError(
                    f"'{path}' is of an older version. Open a copy of it first: cds log verify --database."
                )
        yield engine
    except SchemaError as error:
        raise BackupError(f"the records in '{path}' {error}") from None
    except SQLAlchemyError as error:
        raise BackupError(f"'{path}' is no backup that can be read: {reason_of(error)}.") from None
    finally:
        engine.dispose()


def restore(backup: Engine, place: str | Path) -> Verified:
    """Fill an empty database of either kind from a backup, all or nothing; as it was verified there.

    Raises:
        BackupError: the database holds records, or the backup is not good.
        DatabaseError: the database cannot be used.

    """
    before = _the_same(verify(backup), None)
    engine = open_database(place)
    try:
        with snapshot(backup) as source, writing(engine) as target:
            if any(target.execute(select(table).limit(1)).first() for table in TABLES):
                raise BackupError("the database holds records already. Name an empty one.")
            _copy_rows(source, target)
        return _the_same(verify(engine), before.head)
    except SQLAlchemyError as error:
        raise DatabaseError(f"the database cannot be filled: {reason_of(error)}.") from None
    finally:
        engine.dispose()
