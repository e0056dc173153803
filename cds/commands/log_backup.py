"""``cds log backup`` and ``cds log restore``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.commands.options import FILE, wrong_use
from cds.commands.records import database_option, records_at
from cds.errors import CdsError
from cds.records.backup import back_up, backup_at, restore
from cds.records.chain import Verified


@click.command()
@database_option
@click.option("--to", type=FILE, required=True, metavar="FILE", help="The new file: a SQLite database.")
def backup_command(database: str | None, to: Path) -> None:
    """Copy the records into a new file, while the service goes on, and verify the copy.

    The copy is of one moment, readable by its owner alone, and holds nothing that was erased before. It is a log as any
    other: every command takes it with --database. Keep the key of the pseudonyms too, elsewhere. From an older copy,
    what was erased since then must be erased again.
    """
    try:
        found = back_up(records_at(database), to)
    except CdsError as error:
        wrong_use(f"--to: {error}")
    click.echo(f"{_said(found)} copied to '{to}', and verified there.")


@click.command()
@click.argument("file", type=FILE, metavar="FILE")
@click.option("--database", required=True, metavar="PLACE", help="An empty database: a new SQLite file, or a URL.")
def restore_command(file: Path, database: str) -> None:
    """Fill an empty database, SQLite or PostgreSQL, from a backup, and verify it."""
    try:
        with backup_at(file) as backup:
            found = restore(backup, database)
    except CdsError as error:
        wrong_use(str(error))
    click.echo(f"{_said(found)} restored from '{file}', and verified.")


def _said(found: Verified) -> str:
    return f"{found.good} records up to {found.head.number}:{found.head.hash}"
