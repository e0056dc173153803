"""``cds new``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.common import base_option, day_of, opened, wrong_use
from cds.commands.versions import check_writable
from cds.errors import CdsError
from cds.review.new_rule import write_new_rule


@click.group()
def command() -> None:
    """Begin something new."""


@command.command("rule")
@click.argument("rule", metavar="ID")
@click.option("--chapter", required=True, metavar="NAME", help="The folder of the chapter, below that of the rules.")
@base_option
def new_rule(rule: str, chapter: str, rules: Path | None) -> None:
    """Write a file for the rule ID (such as CA-06), to be filled in."""
    check_writable(rules_folder(rules))
    book = opened(rules)
    try:
        path = write_new_rule(book, rules_folder(rules), rule, chapter, day_of(None))
    except CdsError as error:
        wrong_use(str(error))
    click.echo(f"{path}: fill in every TODO, then run 'cds check'.")
