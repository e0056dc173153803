"""``cds log erase``, ``prune`` and ``vacuum``: what must be forgotten goes, and the log says so."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TypeVar

import click

from cds.commands.options import wrong_use
from cds.commands.records import database_option, key_option, pseudonyms_of, records_at
from cds.errors import CdsError
from cds.records.choosing import of_client, of_numbers, of_patient, older
from cds.records.database import Database
from cds.records.entry import utc_text
from cds.records.erasing import erase, finish, forget
from cds.records.erasure import Part
from cds.records.space import vacuum

C = TypeVar("C", bound=Callable[..., object])
LONGEST_DAYS = 36_525


def _options(command: C) -> C:
    """What ``erase`` and ``prune`` share."""
    dry = click.option("--dry-run", is_flag=True, help="Say what would be erased, and erase nothing.")
    later = click.option(
        "--vacuum/--no-vacuum",
        "at_once",
        default=True,
        help="Give the room back at once (default), or leave it to 'cds log vacuum': nobody can write meanwhile.",
    )
    return database_option(dry(later(command)))


@click.command()
@_options
@click.option("--patient", metavar="ID", help="Erase all about this patient, as the EHR names it: 123 or Patient/123.")
@click.option("--tenant", default="", metavar="T", help="The tenant of the patient, where the tokens name one.")
@key_option
@click.option("--client", metavar="ISSUER", help="Erase all that this client asked for.")
@click.option("--record", "numbers", metavar="N..M", help="Erase the records of these numbers.")
def erase_command(
    *,
    database: str | None,
    dry_run: bool,
    at_once: bool,
    patient: str | None,
    tenant: str,
    key: Path | None,
    client: str | None,
    numbers: str | None,
) -> None:
    """Erase decisions with their requests, cards and feedback; what is proved of the others stays proved.

    The log goes on saying that a record of this number was erased, when and why; it names no patient. Erase from
    backups and replicas too.
    """
    if sum(one is not None for one in (patient, client, numbers)) != 1:
        wrong_use("Name one of --patient, --client and --record.")
    records = records_at(database)
    if patient is not None:
        chosen = of_patient(records, _pseudonym(records, key, patient, tenant))
    elif client is not None:
        chosen = of_client(records, client)
    else:
        chosen = of_numbers(records, *_range(str(numbers)))
    if dry_run or chosen.nothing:
        click.echo(f"{'To be erased' if dry_run else 'Erased'}: {_said(chosen.counts)}.")
        sys.exit(1 if chosen.nothing else 0)
    finish(records)
    number = erase(records, chosen, datetime.now(timezone.utc))
    click.echo(f"Erased: {_said(chosen.counts)}. The log says so in record {number}.")
    if at_once:
        _vacuum(records)


def _pseudonym(records: Database, key: Path | None, patient: str, tenant: str) -> str:
    try:
        return pseudonyms_of(records, key).patient(patient, tenant)
    except CdsError as error:
        wrong_use(f"--key: {error}")


def _range(text: str) -> tuple[int, int]:
    parts = re.fullmatch(r"(\d{1,18})(?:\.\.(\d{1,18}))?", text, re.ASCII)
    if not parts or int(parts[1]) > int(parts[2] or parts[1]):
        wrong_use("--record: write a number, or the first and the last one as N..M.")
    return int(parts[1]), int(parts[2] or parts[1])


def _days(what: str) -> Callable[[C], C]:
    return click.option(
        f"--{what}-older-than", type=click.IntRange(1, LONGEST_DAYS), metavar="DAYS", help=f"Erase older {what}."
    )


@click.command()
@_options
@_days("requests")
@_days("decisions")
def prune_command(
    *,
    database: str | None,
    dry_run: bool,
    at_once: bool,
    requests_older_than: int | None,
    decisions_older_than: int | None,
) -> None:
    """Erase requests, and decisions with their feedback, that are older than so many days; finish what was begun.

    A decision keeps its answer, its cards and the proof when its request goes; only it cannot be answered again. The
    service does this by itself when its configuration says 'keep requests for' or 'keep decisions for'.
    """
    records, now = records_at(database), datetime.now(timezone.utc)
    requests, decisions = (_before(now, days) for days in (requests_older_than, decisions_older_than))
    if dry_run:
        click.echo(f"To be erased: {_said(older(records, requests, decisions, most=None).counts)}.")
        return
    begun = finish(records)
    if begun:
        click.echo(f"Finished what was begun: erasure {', '.join(map(str, begun))}.")
    counts = forget(records, requests, decisions, now)
    click.echo(f"Erased: {_said(counts)}.")
    if at_once and (counts or begun):
        _vacuum(records)


def _before(now: datetime, days: int | None) -> str | None:
    return None if days is None else utc_text(now - timedelta(days=days))


def _said(counts: Mapping[Part, int] | Mapping[str, int]) -> str:
    return ", ".join(f"{count} {part}" for part, count in counts.items() if count) or "nothing"


@click.command()
@database_option
def vacuum_command(database: str | None) -> None:
    """Give the room of what was erased back, with the last copies of it in the database's files.

    It takes as long as copying the database, and as much free space; nobody can write meanwhile.
    """
    _vacuum(records_at(database))


def _vacuum(records: Database) -> None:
    for todo in vacuum(records):
        click.echo(todo)
