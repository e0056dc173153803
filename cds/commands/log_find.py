"""``cds log find``."""

from __future__ import annotations

import sys

import click

from cds.commands.records import database_option, records_at
from cds.records.chain.finding import entries_with
from cds.records.entry import LogEntry


@click.command()
@click.argument("identity", metavar="ID")
@database_option
def find_command(identity: str, database: str | None) -> None:
    """Print which decisions carry ID: the id of a request, the instance of a hook, or the uuid of a card.

    The id of a request is in the header x-request-id of its answer, in the journal, in traces, and in the log of a
    proxy.
    """
    found = 0
    for number, entry in entries_with(records_at(database), identity):
        found += 1
        click.echo(f"record {number}: {_said(entry)}")
    if not found:
        click.echo("No decision on record carries this id.")
        sys.exit(1)


def _said(entry: LogEntry) -> str:
    cards = ", ".join(f"{shown.uuid} ({shown.rule})" for shown in entry.shown) or "none"
    request = entry.request_id or "without an id"
    decided = f"{entry.outcome} by {entry.decided_by}"
    return f"{entry.time}, request {request}, hook instance {entry.instance}, {decided}; cards: {cards}"
