"""``cds check``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.options import (
    chosen_overlays,
    day_of,
    day_option,
    folder_argument,
    named_once,
    opened,
    rules_option,
)
from cds.commands.report_options import chosen, format_option, refusing, write_report
from cds.commands.versions import version_against
from cds.review.changes import changes, proposed_version
from cds.review.check import check
from cds.review.raised import not_raised
from cds.screen.problems.of_check import report_of_check, with_changes
from cds.screen.problems.sources import Sources
from cds.screen.rules import progress


@click.command()
@folder_argument
@rules_option
@day_option("--as-of", says="The day on which reviews and signatures must stand, like 2026-11-22 (default: today).")
@format_option
@click.option("--warnings", "each", is_flag=True, help="Print each of many warnings and notes of one kind.")
@click.option(
    "--against",
    metavar="REF|DIR",
    help="Say also what changed since a git revision, or against another folder; a version that was not raised is a "
    "problem.",
)
def check_command(
    folder: Path | None,
    rules: Path | None,
    as_of: date | None,
    against: str | None,
    form: str,
    *,
    each: bool,
    as_json: bool,
) -> None:
    """Check the rule files: names, texts, cases, and whether each small change would be noticed.

    FOLDER is the same as --rules FOLDER. Exit status 0: no problem; 1: problems; 2: wrong use, or rules that do not
    load.

    In CI: cds check --against main --format github
    """
    form, rules = chosen(form, as_json=as_json), named_once(folder, rules)
    book, place = opened(rules, refuse=refusing(form)), rules_folder(rules)
    old = version_against(against, place) if against is not None else None
    with progress("Trying small changes") as step:
        result = check(book, day_of(as_of), step)
    if old is not None:
        result = result._replace(problems=(*result.problems, *not_raised(old, book)))
    report = report_of_check(result, Sources(place, chosen_overlays(place)), each=each)
    if old is not None:
        found = changes(old, book)
        report = with_changes(report, found, old.version, proposed_version(old, found))
    write_report(report, form)
    sys.exit(1 if report.problems else 0)
