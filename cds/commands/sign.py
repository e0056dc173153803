"""``cds sign``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.common import chosen_overlay, day_of, opened, rules_option, wrong_use
from cds.commands.versions import check_writable
from cds.errors import CdsError
from cds.review.signatures import signature_of, write_signature
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("rule", metavar="RULE")
@click.option("--reviewer", required=True, metavar="NAME", help="The clinician who reviewed the rule.")
@click.option("--role", required=True, metavar="ROLE", help="In which role, such as endocrinologist.")
@rules_option
def command(rule: str, reviewer: str, role: str, rules: Path | None) -> None:
    """Sign RULE as it is now: write the entry to signatures.yaml, and 'status: signed' to the rule."""
    book, folder = _home_of(rule, opened(rules), rules_folder(rules))
    check_writable(folder)
    try:
        signature = signature_of(book, rule, reviewer, role, day_of(None))
    except CdsError as error:
        wrong_use(str(error))
    own = book.rules[rule].spot.file.removeprefix(f"{book.overlay.place}/" if book.overlay else "")
    path = write_signature(folder, signature, own)
    click.echo(f"{path}: {rule} {signature.version} is signed by {signature.reviewer}, {signature.role}.")


def _home_of(rule: str, book: RuleBook, folder: Path) -> tuple[RuleBook, Path]:
    """The rulebook and the folder in which a rule is signed: a rule of the base is signed without the overlay."""
    overlay = chosen_overlay()
    if overlay is None or book.overlay is None:
        return book, folder
    added = rule in book.rules and rule not in book.overlay.base.rules
    return (book, overlay) if added else (book.overlay.base, folder)
