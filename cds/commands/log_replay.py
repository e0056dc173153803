"""``cds log replay``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from cds.commands.log_verify import verified
from cds.commands.options import opened, opened_plainly, rules_options, wrong_use
from cds.commands.records import answered_again, book_of, database_option, key_option, pseudonyms_of, records_at
from cds.errors import CdsError
from cds.records.card_ids import CardIds
from cds.records.chain import entries
from cds.records.database import Database
from cds.records.entry import LogEntry
from cds.records.replay import Replayed, replay


@click.command()
@database_option
@rules_options
@click.option(
    "--from",
    "first",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Begin at this record.",
)
@key_option
def replay_command(database: str | None, rules: tuple[Path, ...], first: int, key: Path | None) -> None:
    """Answer the recorded requests again, from record N on.

    Of several rulebooks (--rules may be repeated) each record is for the one with its rules, else with its service.
    By the very rules of a record the cards must be the same, byte for byte; by other rules the differences are listed.
    """
    records, books = records_at(database), [opened(rules[0] if rules else None), *map(opened_plainly, rules[1:])]
    ids, seen = _card_ids(records, key), Counter[str]()
    verified(records)
    asked = _with_request(records, first, ids, seen)
    done = [_say(one) for one in replay(asked, partial(book_of, books), partial(answered_again, ids=ids))]
    _say_what_was_not(seen)
    if not done:
        click.echo(f"The log holds no record from {first} on: nothing was answered again.")
        sys.exit(1)
    same = sum(one.same_rules for one in done)
    changed = sum(bool(one.differences or one.failure) for one in done)
    click.echo(f"{len(done)} records answered again, {same} of them by their own rules; {changed} answers differ.")
    sys.exit(1 if any(one.failure or (one.same_rules and one.differences) for one in done) else 0)


def _card_ids(records: Database, key: Path | None) -> CardIds | None:
    """The ids of cards by a key; None where none is named, and that of this user is not there or is another one."""
    try:
        return pseudonyms_of(records, key).card_ids
    except CdsError as error:
        return wrong_use(f"--key: {error}") if key else None


def _with_request(
    records: Database, first: int, ids: CardIds | None, seen: Counter[str]
) -> Iterator[tuple[int, LogEntry]]:
    """The decisions whose requests are there; ``seen`` counts the others, and those whose key is not."""
    for number, entry in entries(records, first):
        if not entry.body:
            seen["no request"] += 1
            continue
        if entry.keyed and (ids is None or ids.fingerprint != entry.key):
            seen["no key"] += 1
        yield number, entry


def _say_what_was_not(seen: Counter[str]) -> None:
    if count := seen["no request"]:
        click.echo(f"{count} decisions cannot be answered again: their requests were erased, or never kept.")
    if count := seen["no key"]:
        click.echo(f"{count} records have card ids of a key that is not here (--key): ids were taken as recorded.")


def _say(one: Replayed) -> Replayed:
    """A record whose answer differs, on the screen."""
    for difference in one.differences:
        click.echo(f"record {one.number}: {difference}")
    if one.failure:
        click.echo(f"record {one.number}: it cannot be answered again: {one.failure}")
    return one
