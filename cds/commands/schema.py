"""The command that writes JSON Schemas for editors: ``cds schema``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.options import FILE, chosen_overlays, opened, rules_option, wrong_use
from cds.commands.watching import watch_option
from cds.facts.formulas import FORMULAS
from cds.rulebook.json_schema import places_of, write_schemas
from cds.rulebook.vocabulary import vocabulary_of

SETTINGS = "editor-settings.json"
"""The file beside the schemas with what an editor is told."""


@click.command()
@click.argument("folder", type=FILE)
@rules_option
@watch_option("rules")
def schema_command(folder: Path, rules: Path | None) -> None:
    """Write the JSON Schema of each kind of rule file to FOLDER, with the names of these rules.

    An editor with a YAML language server then completes, explains and checks the names of findings, terms, advice
    codes, sources, tiers and rules. FOLDER/editor-settings.json is what it has to be told. A new name is known once the
    schemas are written again; --watch does so.
    """
    book, base = opened(rules), rules_folder(rules)
    try:
        for path in write_schemas(folder, vocabulary_of(book, FORMULAS)):
            click.echo(path)
        _write_settings(folder, base, chosen_overlays(base))
    except OSError as error:
        wrong_use(f"the schemas cannot be written to '{folder}': {error.strerror}.")


def _write_settings(folder: Path, base: Path, overlays: tuple[Path, ...]) -> None:
    """Write which schema is for which files, as editors are told; paths as seen from the working directory."""
    schemas = places_of(_seen(base), map(_seen, overlays))
    settings = {"yaml.schemas": {f"./{_seen(folder)}/{name}": patterns for name, patterns in schemas.items()}}
    path = folder / SETTINGS
    path.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    click.echo(path)
    click.echo(f"Put what stands in {path} into .vscode/settings.json of this directory.", err=True)


def _seen(folder: Path) -> str:
    return Path(os.path.relpath(folder)).as_posix()
