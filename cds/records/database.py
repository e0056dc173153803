"""Opens the database of the records: a SQLite file, or PostgreSQL by its URL.

One transaction writes at a time, in every thread and process: SQLite by ``BEGIN IMMEDIATE``, PostgreSQL by an advisory
lock. So the chain never forks. What is committed is on the disk (SQLite: WAL and ``synchronous=FULL``; PostgreSQL:
``synchronous_commit``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from cds.about import PROGRAM
from cds.errors import PassingError
from cds.records.file_watch import FileWatch, Heard
from cds.records.migrations import SchemaError, is_current, migrate
from cds.records.sqlite_file import POOL_SECONDS, WAIT, engine_of_file

Database: TypeAlias = Engine
"""An open database, for those who only hand it on."""
LOCK = 0x63616C6369756D
"""The number of the advisory lock: 'calcium' in ASCII."""
PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": WAIT,
}
"""How long PostgreSQL's library waits (s, the last in ms), where the URL says nothing: else minutes to hours."""


class DatabaseError(PassingError):
    """The database of the records cannot be used; the text names neither password nor patient."""

    code = "database"


def default_place() -> Path:
    """The SQLite file that is used when nothing else is named, in the folder for the state of programs (XDG)."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path("~/.local/state").expanduser())
    return Path(home) / PROGRAM / "records.sqlite"


def watch_of(place: str | Path, heard: Heard) -> FileWatch | None:
    """What watches the file of the database at a place; None where that is a server."""
    url = _url(place)
    return FileWatch(Path(url.database or ""), heard) if url.get_backend_name() == "sqlite" else None


def open_database(place: str | Path, watch: FileWatch | None = None) -> Engine:
    """The database at a URL, or in a SQLite file that is named by its path; created where it is not there yet.

    ``watch`` is told of what happens to the file.

    Raises:
        DatabaseError: the URL is none, its driver is missing, the database cannot be reached, or is of a newer program.

    """
    engine = _engine(_url(place), watch)
    try:
        with writing(engine) as connection:
            migrate(connection)
    except (SQLAlchemyError, SchemaError) as error:
        raise _unusable(engine, error) from None
    return engine


def open_existing(place: str | Path) -> Engine:
    """The database at a URL or path, for reading what is there; no log is created, an older one brought up to date.

    Raises:
        DatabaseError: also where there is no such SQLite file, or no log in the database.

    """
    url = _url(place)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise DatabaseError(f"there is no file '{url.database}'. Name the database of the records.")
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT number FROM head"))
            current = is_current(connection)
        if not current:
            with writing(engine) as connection:
                migrate(connection)
    except (SQLAlchemyError, SchemaError) as error:
        raise _unusable(engine, error) from None
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes alone; committed at the end, undone when something is raised."""
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL synchronous_commit TO on"))
            connection.execute(text(f"SET LOCAL lock_timeout TO {WAIT}"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads everything as of one moment, and keeps no writer waiting."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect() as connection:
        yield connection.execution_options(**options)


def _url(place: str | Path) -> URL:
    if "://" not in str(place):
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(str(place))
    except ArgumentError:
        raise DatabaseError("invalid database URL. Write sqlite:///FILE or postgresql://USER@HOST/NAME.") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseError(f"'{url.get_backend_name()}' is not supported. Use sqlite or postgresql.")
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _engine(url: URL, watch: FileWatch | None = None) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = _owned(url)
        return engine_of_file(url, watch or FileWatch(path))
    patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
    try:
        return create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=patience,
            pool_timeout=POOL_SECONDS,
        )
    except (ImportError, NoSuchModuleError):
        raise DatabaseError(f"PostgreSQL needs psycopg. Install {PROGRAM}[postgresql].") from None


def _owned(url: URL) -> Path:
    """The file, made where it is not there yet and readable by its owner alone: requests hold patient data."""
    if not url.database or url.database == ":memory:":
        raise DatabaseError("the records need a file: what is in memory is lost with the process.")
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise DatabaseError(f"'{path}' cannot be written: {error.strerror}.") from None
    return path


def reason_of(error: SQLAlchemyError) -> str:
    """Why a database could not be used, without anything of its URL: PostgreSQL names hosts and users."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return str(cause)
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause or error).__name__}{f' {state}' if state else ''}"


def _unusable(engine: Engine, error: SQLAlchemyError | SchemaError) -> DatabaseError:
    engine.dispose()
    place = engine.url.render_as_string(hide_password=True)
    if isinstance(error, SchemaError):
        return DatabaseError(f"the records at '{place}' {error}")
    reason = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]
    return DatabaseError(
        f"the records at '{place}' cannot be used: {reason}. Check the URL, the server and its rights."
    )
