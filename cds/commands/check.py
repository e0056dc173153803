"""``cds check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.options import FILE, day_of, opened, overlay_option
from cds.commands.versions import version_against
from cds.review.changes import changes, proposed_version
from cds.review.check import check
from cds.screen.rules import print_changes, print_check, progress


@click.command()
@click.argument("folder", type=FILE, required=False)
@overlay_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per problem, and one with the figures.")
@click.option("--against", metavar="REF", help="Say what changed since a git revision, or against another folder.")
def check_command(folder: Path | None, against: str | None, *, as_json: bool) -> None:
    """Check the rule files: names, texts, cases, and whether each small change would be noticed.

    FOLDER: that of the rule files (default: CDS_RULES, else 'rules' of the working directory, else the built-in ones).
    """
    book = opened(folder)
    if against is not None:
        old = version_against(against, rules_folder(folder))
        found = changes(old, book)
        print_changes(found, old.version, proposed_version(old, found), as_json=as_json)
        return
    with progress("Trying small changes") as step:
        result = check(book, day_of(None), step)
    print_check(result, as_json=as_json)
    sys.exit(1 if result.problems else 0)
