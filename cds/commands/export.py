"""``cds export``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.common import FILE, chosen_overlay, day_option, opened, rules_option, wrong_use
from cds.errors import CdsError
from cds.exchange.export import as_bytes, files_of, resources_of, transaction_of, write_files


@click.command()
@click.option("--out", type=FILE, metavar="DIR", help="Write one JSON file for each resource.")
@click.option("--bundle", type=FILE, metavar="FILE", help="Write one transaction Bundle (default: to the screen).")
@day_option("--date", "published", says="The day of publication that the resources carry (default: none).")
@rules_option
def command(out: Path | None, bundle: Path | None, published: date | None, rules: Path | None) -> None:
    """Write the rulebook as FHIR R4 resources: PlanDefinition, ActivityDefinition, Library and ValueSet.

    Conditions are in words, not in CQL: other systems can show, search and cite the rules, not run them.
    """
    if out and bundle:
        wrong_use("--out and --bundle exclude each other. Give one of the two.")
    book = opened(rules)
    try:
        resources = resources_of(book, files_of(rules_folder(rules), book, chosen_overlay()), published)
        if out:
            _report(len(resources), out, write_files(resources, out))
        elif bundle:
            bundle.write_bytes(as_bytes(transaction_of(resources)))
            click.echo(f"{len(resources)} resources in {bundle}", err=True)
        else:
            sys.stdout.buffer.write(as_bytes(transaction_of(resources)))
    except OSError as error:
        wrong_use(f"'{out or bundle}' cannot be written: {error.strerror}.")
    except CdsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


def _report(count: int, folder: Path, others: list[Path]) -> None:
    click.echo(f"{count} resources in {folder}", err=True)
    if others:
        names = ", ".join(path.name for path in others)
        click.echo(f"Not of this export, and left alone: {names}", err=True)
