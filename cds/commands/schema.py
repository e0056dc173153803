"""``cds schema``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.commands.common import FILE, wrong_use
from cds.rulebook.json_schema import write_schemas


@click.command()
@click.argument("folder", type=FILE)
def command(folder: Path) -> None:
    """Write the JSON Schema of each kind of rule file to FOLDER, for editors that complete and check YAML."""
    try:
        for path in write_schemas(folder):
            click.echo(path)
    except OSError as error:
        wrong_use(f"the schemas cannot be written to '{folder}': {error.strerror}.")
