"""What the commands about the records of a service share, and ``cds feedback``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click
import orjson

from cds.cards.override_reasons import CATEGORIES
from cds.commands.options import FILE, json_option, wrong_use
from cds.errors import CdsError
from cds.hooks.answering import answer
from cds.hooks.profiles import GENERIC, PROFILES, with_reasons_of
from cds.hooks.services import services_by_hook
from cds.intake.reading import parse_json
from cds.records.card_ids import CardIds, with_ids_of
from cds.records.database import Database, DatabaseError, default_place, open_existing
from cds.records.entry import LogEntry
from cds.records.feedback_report import FeedbackReport, Proportion, RuleFeedback, category, feedback_report
from cds.records.feedback_report import as_json as report_data
from cds.records.known_key import check, fingerprint_in
from cds.records.pseudonym import Pseudonyms, load_key
from cds.rulebook.model import RuleBook
from cds.service.configuration.reading import read_settings

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


key_option = click.option(
    "--key", type=FILE, metavar="FILE", help="The key of the pseudonyms (default: the file of this user)."
)


def pseudonyms_of(records: Database, key: Path | None) -> Pseudonyms:
    """The pseudonyms of a database, by the key in a file.

    Raises:
        CdsError: there is no such file, or the database was filled with another key.

    """
    names = Pseudonyms(load_key(key or default_place().with_name("pseudonym.key")))
    check(fingerprint_in(records), names.fingerprint)
    return names


def book_of(books: Sequence[RuleBook], entry: LogEntry) -> RuleBook:
    """The rulebook for an entry: the very one of its answer, else the one that offers its service, else the first."""
    same = (book for book in books if book.sha256 == entry.rulebook_sha256)
    offering = (book for book in books if entry.service in {one.id for one in services_by_hook(book).values()})
    return next(same, None) or next(offering, books[0])


def answered_again(entry: LogEntry, book: RuleBook, ids: CardIds | None = None) -> bytes:
    """The answer of the service to the request of an entry, as it was sent: by its profile, without what rested.

    Keyed ids of cards are made with ``ids``; without that key they are taken from the entry, topic by topic.
    """
    offered = services_by_hook(book).values()
    service = next((service for service in offered if service.id == entry.service), None)
    if service is None:
        raise CdsError(f"these rules offer no service '{entry.service}'; name those that do with --rules.")
    day, profile = date.fromisoformat(entry.as_of), PROFILES.get(entry.profile, GENERIC)
    found = answer(parse_json(entry.body), service, book, day, with_reasons_of(profile, entry.cards))
    if entry.keyed and ids is not None and ids.fingerprint == entry.key:
        found = found._replace(cards=ids.keyed(found.cards))
    elif entry.keyed:
        found = found._replace(cards=with_ids_of(found.cards, orjson.loads(entry.cards)["cards"]))
    return orjson.dumps(found.response(entry.left_out))


@click.group()
def feedback_command() -> None:
    """Report what users did with the cards."""


@feedback_command.command("report")
@database_option
@click.option("--config", type=FILE, metavar="FILE", help="The configuration with the own override reasons.")
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
