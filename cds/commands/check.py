"""``cds check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cds.bookshelf import rules_folder
from cds.commands.common import FILE, day_of, opened, overlay_option, wrong_use
from cds.commands.versions import version_at
from cds.errors import CdsError, RulebookError
from cds.review.changes import changes, proposed_version
from cds.review.check import check
from cds.rulebook.model import RuleBook
from cds.screen.review import print_changes, print_check, progress


@click.command()
@click.argument("folder", type=FILE, required=False)
@overlay_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per problem, and one with the figures.")
@click.option("--against", metavar="REF", help="Say what changed since a git revision, or against another folder.")
def command(folder: Path | None, against: str | None, *, as_json: bool) -> None:
    """Check the rule files: names, texts, cases, and whether each small change would be noticed.

    FOLDER: that of the rule files (default: CDS_RULES, else 'rules' of the working directory, else the built-in ones).
    """
    book = opened(folder)
    if against is not None:
        print_changes(*_compared(book, rules_folder(folder), against), as_json=as_json)
        return
    with progress("Trying small changes") as step:
        result = check(book, day_of(None), step)
    print_check(result, as_json=as_json)
    sys.exit(1 if result.problems else 0)


def _compared(book: RuleBook, folder: Path, against: str) -> tuple[list[Any], str, str]:
    try:
        old = version_at(against, folder, "Against")
    except RulebookError as error:
        wrong_use(f"--against: the rules at '{against}' cannot be read: {error.problems[0]}")
    except CdsError as error:
        wrong_use(f"--against: {error}")
    found = changes(old, book)
    return found, old.version, proposed_version(old, found)
