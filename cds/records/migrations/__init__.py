"""The schema of the records and its migrations, which Alembic runs: the only door to it.

A migration is a module of ``versions``; whoever opens the records applies those that are missing, in the transaction
that writes alone, so of several processes that start at once one migrates. Records are never rewritten: their hashes
would not hold. What version 0.1.0 made, before there were migrations, is what the first one makes.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from cds.errors import CdsError

FIRST_REVISION = "0001"
FIRST_TABLES = {"cards", "decisions", "feedback", "head"}
VERSION_TABLE = "records_schema"
"""Names the revision of the schema; not Alembic's usual name, for a database may hold other tables too."""
MIGRATIONS = Path(__file__).resolve().parent
_ONE_AT_A_TIME = Lock()
"""Alembic knows one migration per process."""


class SchemaError(CdsError):
    """The tables are of a schema that this program does not know; the text says what to do."""

    code = "records-schema"


def is_current(connection: Connection, folder: Path = MIGRATIONS) -> bool:
    """Whether no migration is missing.

    Raises:
        SchemaError: a newer program has migrated the tables.

    """
    scripts, revision = ScriptDirectory(str(folder)), _revision(connection)
    newest = scripts.get_current_head()
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaError(
            f"have the schema {revision}, and this program knows those up to {newest}: a newer version of it has "
            "written there. Use that version, or name another database."
        )
    return revision == newest


def migrate(connection: Connection, folder: Path = MIGRATIONS) -> None:
    """Make the tables, or bring them up to date; ``connection`` is in the transaction that writes alone.

    Raises:
        SchemaError: a newer program has migrated the tables.

    """
    if is_current(connection, folder):
        return
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with _ONE_AT_A_TIME:
        if _revision(connection) is None and set(inspect(connection).get_table_names()) >= FIRST_TABLES:
            command.stamp(config, FIRST_REVISION)
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The last migration that was applied; None in a new database, and in one of version 0.1.0."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
