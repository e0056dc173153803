"""``cds log export``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from cds.commands.options import opened, rules_option, wrong_use
from cds.commands.records import database_option, records_at
from cds.errors import CdsError
from cds.records.chain import entry_at
from cds.records.fhir_export import audit_bundle


@click.command()
@click.argument("number", type=click.IntRange(min=1), metavar="SEQ")
@database_option
@rules_option
def export_command(number: int, database: str | None, rules: Path | None) -> None:
    """Print record SEQ as a FHIR R4 Bundle of an AuditEvent and a Provenance."""
    records, book = records_at(database), opened(rules)
    try:
        entry, digest = entry_at(records, number)
        bundle = audit_bundle(entry, number, digest, book.canonical)
    except CdsError as error:
        wrong_use(str(error))
    sys.stdout.buffer.write(orjson.dumps(bundle, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
