"""The commands of those who write rules: ``cds claims``, ``new``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from cds.bookshelf import is_installed, rules_folder
from cds.commands.options import (
    as_of_option,
    day_of,
    opened,
    rules_option,
    wrong_use,
)
from cds.errors import CdsError
from cds.review.new_rule import write_new_rule
from cds.review.new_rule_text import NewRule
from cds.screen.rules import claim_table


@click.command()
@rules_option
def claims_command(rules: Path | None) -> None:
    """Print what became of the claims of the articles behind this project, as a Markdown table."""
    click.echo(claim_table(opened(rules)))


@click.group()
def new_command() -> None:
    """Begin something new."""


@new_command.command("rule")
@click.argument("rule", metavar="ID")
@click.option("--chapter", required=True, metavar="NAME", help="The folder of the chapter, below that of the rules.")
@click.option("--title", default="", metavar="TEXT", help="What it is about, in a few words; the file is named so.")
@click.option("--tier", default="", metavar="TIER", help="Where it decides (default: nowhere, it gives a card).")
@click.option("--when", multiple=True, metavar="FINDING", help="A finding of its condition; may be repeated.")
@click.option(
    "--new-finding",
    "new_findings",
    multiple=True,
    metavar="FINDING",
    help="The same for one that is to be begun, although others have similar names.",
)
@click.option(
    "--advice", multiple=True, metavar="CODE", help="A code of advice.yaml, also with ', if ...'; may be repeated."
)
@click.option(
    "--source", "sources", multiple=True, metavar="SOURCE", help="A source of evidence.yaml; may be repeated."
)
@as_of_option
@rules_option
def new_rule(as_of: date | None, rules: Path | None, **told: Any) -> None:
    """Write a file for the rule ID (such as CA-06), to be filled in; the more is said here, the less is left to do.

    Its place among the rules of its tier, findings that are not there yet and first cases are written too.
    """
    folder = rules_folder(rules)
    check_writable(folder)
    book = opened(rules)
    try:
        done = write_new_rule(book, folder, NewRule(**told), day_of(as_of))
    except CdsError as error:
        wrong_use(str(error))
    click.echo("\n".join(done))


def check_writable(folder: Path) -> None:
    """Wrong use when a folder of rules is part of an installation: what is written there does not last."""
    if is_installed(folder):
        wrong_use(
            f"'{folder.resolve()}' belongs to the installation, and nothing is written there. Run the command in the "
            f"directory that holds your folder 'rules', or name the folder with --rules; a copy of these rules is "
            f"made by: cp -r '{folder.resolve()}' rules"
        )
