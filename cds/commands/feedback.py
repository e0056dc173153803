"""``cds feedback``: report."""

from __future__ import annotations

import click
import orjson

from cds.commands.database import database_option, records_at
from cds.records.feedback_report import FeedbackReport, Proportion, RuleFeedback, as_json, feedback_report


@click.group()
def command() -> None:
    """Report what users did with the cards."""


@command.command("report")
@database_option
@click.option("--json", "as_data", is_flag=True, help="Print one JSON object.")
def report_feedback(database: str | None, *, as_data: bool) -> None:
    """Print acceptance and overrides of each rule and reason, with 95 % confidence intervals (Wilson)."""
    found = feedback_report(records_at(database))
    if as_data:
        click.echo(orjson.dumps(as_json(found)))
    else:
        _print(found)


def _print(found: FeedbackReport) -> None:
    for one in found.rules:
        click.echo(_line(one))
        for reason, part in one.reasons.items():
            click.echo(f"    {reason}: {_share(part)} of the overrides")
    if not found.rules:
        click.echo("No card is on record: there is nothing to report.")
    click.echo(f"{len(found.rules)} rules; {found.unknown_cards} entries about cards that are not on record.")


def _line(one: RuleFeedback) -> str:
    answered = f"accepted {_share(one.accepted)}, overridden {_share(one.overridden)}"
    return f"{one.rule} {one.version}: shown {one.shown}; " + (answered if one.accepted.total else "no feedback")


def _share(one: Proportion) -> str:
    percent = [f"{100 * value:.0f}" for value in (one.part / one.total if one.total else 0, one.low, one.high)]
    return f"{one.part}/{one.total} ({percent[0]} %, 95 % CI {percent[1]} to {percent[2]})"
