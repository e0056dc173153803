"""``cds check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.options import FILE, chosen_overlays, day_of, opened, overlay_option
from cds.commands.report_options import chosen, format_option, refusing, write_report
from cds.commands.versions import version_against
from cds.review.changes import changes, proposed_version
from cds.review.check import check
from cds.screen.problems.of_check import report_of_check, with_changes
from cds.screen.problems.sources import Sources
from cds.screen.rules import progress


@click.command()
@click.argument("folder", type=FILE, required=False)
@overlay_option
@format_option
@click.option("--warnings", "each", is_flag=True, help="Print each of many warnings and notes of one kind.")
@click.option("--against", metavar="REF", help="Say what changed since a git revision, or against another folder.")
def check_command(folder: Path | None, against: str | None, form: str, *, each: bool, as_json: bool) -> None:
    """Check the rule files: names, texts, cases, and whether each small change would be noticed.

    FOLDER: that of the rule files (default: CDS_RULES, else 'rules' of the working directory, else the built-in ones).
    """
    form = chosen(form, as_json=as_json)
    book, place = opened(folder, refuse=refusing(form)), rules_folder(folder)
    old = version_against(against, place) if against is not None else None
    with progress("Trying small changes") as step:
        result = check(book, day_of(None), step)
    report = report_of_check(result, Sources(place, chosen_overlays(place)), each=each)
    if old is not None:
        found = changes(old, book)
        report = with_changes(report, found, old.version, proposed_version(old, found))
    write_report(report, form)
    sys.exit(1 if report.problems else 0)
