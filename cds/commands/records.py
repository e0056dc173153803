"""The commands about the records of the service: ``cds log`` (verify, replay, export) and ``cds feedback``."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click
import orjson

from cds.cards.override_reasons import CATEGORIES
from cds.commands.options import json_option, opened, opened_plainly, rules_option, rules_options, wrong_use
from cds.errors import CdsError
from cds.hooks.answering import answer
from cds.hooks.profiles import GENERIC, PROFILES, with_reasons_of
from cds.hooks.services import services_by_hook
from cds.intake.reading import parse_json
from cds.records.chain import LogHead, Verified, entries, entry_at, verify
from cds.records.database import Database, DatabaseError, default_place, open_existing
from cds.records.entry import LogEntry
from cds.records.feedback_report import FeedbackReport, Proportion, RuleFeedback, category, feedback_report
from cds.records.feedback_report import as_json as report_data
from cds.records.fhir_export import audit_bundle
from cds.records.replay import Replayed, replay
from cds.rulebook.model import RuleBook
from cds.service.configuration import read_settings

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


@click.group()
def log_command() -> None:
    """Verify the decision log, answer its requests again, export a decision."""


@log_command.command("verify")
@database_option
@click.option("--head", "noted", metavar="N:SHA256", help="An end of the log that was noted elsewhere.")
def verify_log(database: str | None, noted: str | None) -> None:
    """Say whether every record is as it was written and none is missing; name the first bad one.

    Exit status 1: a record is bad, or there is none. Keep the end of the log that is printed somewhere else: with
    --head it shows later that nobody cut the log off.
    """
    found = _verified(records_at(database), _head(noted))
    if not found.good:
        click.echo("The log holds no record: nothing was verified.")
        sys.exit(1)
    click.echo(f"{found.good} records, all as they were written. The end: {found.head.number}:{found.head.hash}")


def _verified(records: Database, noted: LogHead | None = None) -> Verified:
    """The log as it was verified; exit status 1, with the first bad record, where one is."""
    found = verify(records, *([noted] if noted else []))
    if found.problem:
        click.echo(found.problem)
        click.echo(f"{found.good} records before it are as they were written.")
        sys.exit(1)
    return found


def _head(noted: str | None) -> LogHead | None:
    if noted is None:
        return None
    if not (parts := re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", noted, re.ASCII)):
        wrong_use("--head: write it as it was printed, NUMBER:SHA256.")
    return LogHead(int(parts[1]), parts[2])


@log_command.command("replay")
@database_option
@rules_options
@click.option("--from", "first", default=1, show_default=True, type=click.IntRange(min=1), metavar="N")
def replay_log(database: str | None, rules: tuple[Path, ...], first: int) -> None:
    """Answer the recorded requests again, from record N on.

    Of several rulebooks (--rules may be repeated) each record is for the one with its rules, else with its service.
    By the very rules of a record the cards must be the same, byte for byte; by other rules the differences are listed.
    Exit status 1: an answer by the very rules differs, a request could not be answered, or there is none.
    """
    records, books = records_at(database), [opened(rules[0] if rules else None), *map(opened_plainly, rules[1:])]
    _verified(records)
    done = [_say(one) for one in replay(entries(records, first), partial(book_of, books), answered_again)]
    if not done:
        click.echo(f"The log holds no record from {first} on: nothing was answered again.")
        sys.exit(1)
    same = sum(one.same_rules for one in done)
    changed = sum(bool(one.differences or one.failure) for one in done)
    click.echo(f"{len(done)} records answered again, {same} of them by their own rules; {changed} answers differ.")
    sys.exit(1 if any(one.failure or (one.same_rules and one.differences) for one in done) else 0)


def book_of(books: Sequence[RuleBook], entry: LogEntry) -> RuleBook:
    """The rulebook for an entry: the very one of its answer, else the one that offers its service, else the first."""
    same = (book for book in books if book.sha256 == entry.rulebook_sha256)
    offering = (book for book in books if entry.service in {one.id for one in services_by_hook(book).values()})
    return next(same, None) or next(offering, books[0])


def _say(one: Replayed) -> Replayed:
    """A record whose answer differs, on the screen."""
    for difference in one.differences:
        click.echo(f"record {one.number}: {difference}")
    if one.failure:
        click.echo(f"record {one.number}: it cannot be answered again: {one.failure}")
    return one


def answered_again(entry: LogEntry, book: RuleBook) -> bytes:
    """The answer of the service to the request of an entry, as it was sent: by its profile, without what rested."""
    offered = services_by_hook(book).values()
    service = next((service for service in offered if service.id == entry.service), None)
    if service is None:
        raise CdsError(f"these rules offer no service '{entry.service}'; name those that do with --rules.")
    day, profile = date.fromisoformat(entry.as_of), PROFILES.get(entry.profile, GENERIC)
    found = answer(parse_json(entry.body), service, book, day, with_reasons_of(profile, entry.cards))
    return orjson.dumps(found.response(entry.left_out))


@log_command.command("export")
@click.argument("number", type=click.IntRange(min=1), metavar="SEQ")
@database_option
@rules_option
def export_record(number: int, database: str | None, rules: Path | None) -> None:
    """Print record SEQ as a FHIR R4 Bundle of an AuditEvent and a Provenance."""
    records, book = records_at(database), opened(rules)
    try:
        entry, digest = entry_at(records, number)
        bundle = audit_bundle(entry, number, digest, book.canonical)
    except CdsError as error:
        wrong_use(str(error))
    sys.stdout.buffer.write(orjson.dumps(bundle, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@click.group()
def feedback_command() -> None:
    """Report what users did with the cards."""


@feedback_command.command("report")
@database_option
@click.option(
    "--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Whose own override reasons."
)
@json_option
def report_feedback(database: str | None, config: Path | None, *, as_json: bool) -> None:
    """Print acceptance and overrides of each rule, with 95 % confidence intervals (Wilson).

    Reasons stand under the categories of HL7; those of a hospital's own codes are in the configuration of the service.
    """
    own = _own_categories(config)
    found = feedback_report(records_at(database), own)
    if as_json:
        click.echo(orjson.dumps(report_data(found)))
    else:
        _print_feedback(found, own)


def _own_categories(config: Path | None) -> dict[str, str]:
    """The category of each own code of a configuration; exit status 2 where that cannot be used."""
    try:
        return {one.code: one.category or "" for one in read_settings(config).override_reasons} if config else {}
    except CdsError as error:
        wrong_use(f"--config: {error}")


def _print_feedback(found: FeedbackReport, own: Mapping[str, str]) -> None:
    for one in found.rules:
        click.echo(_feedback_line(one))
        for name, part in one.categories.items():
            said = f" ({CATEGORIES[name][0]})" if name in CATEGORIES else ""
            click.echo(f"    {name}{said}: {_share(part)} of the overrides")
            for reason, share in one.reasons.items():
                if reason != name and category(reason, own) == name:
                    click.echo(f"        {reason}: {_share(share)}")
    if not found.rules:
        click.echo("No card is on record: there is nothing to report.")
    click.echo(f"{len(found.rules)} rules; {found.unknown_cards} entries about cards that are not on record.")


def _feedback_line(one: RuleFeedback) -> str:
    answered = f"accepted {_share(one.accepted)}, overridden {_share(one.overridden)}"
    return f"{one.rule} {one.version}: shown {one.shown}; " + (answered if one.accepted.total else "no feedback")


def _share(one: Proportion) -> str:
    percent = [f"{100 * value:.0f}" for value in (one.part / one.total if one.total else 0, one.low, one.high)]
    return f"{one.part}/{one.total} ({percent[0]} %, 95 % CI {percent[1]} to {percent[2]})"
