"""``cds sign``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.common import day_of, opened, rules_option, wrong_use
from cds.errors import CdsError
from cds.review.signatures import signature_of, write_signature


@click.command()
@click.argument("rule", metavar="RULE")
@click.option("--reviewer", required=True, metavar="NAME", help="The clinician who reviewed the rule.")
@click.option("--role", required=True, metavar="ROLE", help="In which role, such as endocrinologist.")
@rules_option
def command(rule: str, reviewer: str, role: str, rules: Path | None) -> None:
    """Sign RULE as it is now: write the entry to signatures.yaml, and 'status: signed' to the rule."""
    book = opened(rules)
    try:
        signature = signature_of(book, rule, reviewer, role, day_of(None))
    except CdsError as error:
        wrong_use(str(error))
    path = write_signature(rules_folder(rules), signature, book.rules[rule].spot.file)
    click.echo(f"{path}: {rule} {signature.version} is signed by {signature.reviewer}, {signature.role}.")
