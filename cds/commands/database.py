"""What the commands about records share: which database, and saying why it cannot be used."""

from __future__ import annotations

import click

from cds.commands.common import wrong_use
from cds.records.database import Database, DatabaseError, default_place, open_existing

database_option = click.option(
    "--database",
    envvar="CDS_DATABASE",
    metavar="PLACE",
    help="The records: a SQLite file or a database URL (default: CDS_DATABASE, else the file of this user).",
)


def records_at(place: str | None) -> Database:
    """The database at a place, until the command ends; exit status 2, with the reason, where there is none."""
    try:
        found = open_existing(place or default_place())
    except DatabaseError as error:
        wrong_use(f"--database: {error}")
    click.get_current_context().call_on_close(found.dispose)
    return found
