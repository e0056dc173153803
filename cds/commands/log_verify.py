"""``cds log verify``."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from cds.commands.options import FILE, wrong_use
from cds.commands.records import database_option, records_at
from cds.errors import CdsError
from cds.records.chain import LogHead, Verified, verify
from cds.records.database import Database
from cds.records.heads import read_heads

_ERASED = {"decisions": "decision", "requests": "request", "feedback": "feedback entry"}
_SEVERAL = {"decisions": "decisions", "requests": "requests", "feedback": "feedback entries"}


@click.command()
@database_option
@click.option("--head", "noted", metavar="N:SHA256", help="An end of the log that was noted elsewhere.")
@click.option("--heads", type=FILE, metavar="FILE", help="The ends that the service noted ('log head to').")
def verify_command(database: str | None, noted: str | None, heads: Path | None) -> None:
    """Say whether every record is as it was written and none is missing; name the first bad one.

    Keep the end of the log that is printed somewhere else: with --head it shows later that nobody cut the log off.
    --heads does so for every line of the file that a service wrote.
    """
    ends = [*_head(noted), *_heads(heads)]
    found = verified(records_at(database), *ends)
    if not found.good:
        click.echo("The log holds no record: nothing was verified.")
        sys.exit(1)
    seen = f" {len(ends)} ends that were noted are among them." if heads else ""
    end = f"The end: {found.head.number}:{found.head.hash}"
    click.echo(f"{found.good} records, all as they were written.{_erased(found.erased)}{seen} {end}")


def _erased(erased: Mapping[str, int]) -> str:
    """What of the records was erased, each by an erasure that is on record."""
    told = [f"{count} {(_ERASED if count == 1 else _SEVERAL)[part]}" for part, count in erased.items() if count]
    return f" Erased, as the log says: {', '.join(told)}." if told else ""


def verified(records: Database, *noted: LogHead) -> Verified:
    """The log as it was verified; exit status 1, with the first bad record, where one is."""
    found = verify(records, *noted)
    if found.problem:
        click.echo(found.problem)
        click.echo(f"{found.good} records before it are as they were written.")
        sys.exit(1)
    return found


def _head(noted: str | None) -> list[LogHead]:
    if noted is None:
        return []
    if not (parts := re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", noted, re.ASCII)):
        wrong_use("--head: write it as it was printed, NUMBER:SHA256.")
    return [LogHead(int(parts[1]), parts[2])]


def _heads(path: Path | None) -> list[LogHead]:
    try:
        return read_heads(path) if path else []
    except CdsError as error:
        wrong_use(f"--heads: {error}")
