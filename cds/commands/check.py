"""``cds check``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
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
from cds.commands.watching import watch_option
from cds.proof.report import cached_proofs
from cds.review.checked import Checked
from cds.review.kept_checks import checked, kept_result
from cds.rulebook.model import RuleBook
from cds.screen.problems.of_check import report_of_check, with_changes
from cds.screen.problems.report import Report
from cds.screen.problems.sources import Sources
from cds.screen.proofs_tried import proofs_tried


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
@watch_option("folder", "rules")
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
    old = _version(against, place) if against is not None else None
    day = day_of(as_of)
    result = kept_result(book, day) or _anew(book, day)
    promises = proofs_tried(result, book, _kept_proofs(book))
    report_of = partial(report_of_check, sources=Sources(place, chosen_overlays(place)), promises=promises, each=each)
    report = report_of(result) if old is None else _report_since(old, book, result, report_of)
    write_report(report, form)
    sys.exit(1 if report.problems else 0)


def _kept_proofs(book: RuleBook) -> tuple[int, int] | None:
    """How many proofs of exactly these rules hold, and how many were made; None where none were."""
    proofs = cached_proofs(book)
    return None if proofs is None else (sum(proof.holds is True for proof in proofs), len(proofs))


def _version(reference: str, place: Path) -> RuleBook:
    from cds.commands.versions import version_against  # noqa: PLC0415 - loads much, and hardly a check compares

    return version_against(reference, place)


def _report_since(old: RuleBook, book: RuleBook, result: Checked, report_of: Callable[[Checked], Report]) -> Report:
    """The report, with what changed since another version and which versions were not raised."""
    from cds.review.changes import changes, proposed_version  # noqa: PLC0415 - as above
    from cds.review.raised import not_raised  # noqa: PLC0415

    found, problems = changes(old, book), (*result.problems, *not_raised(old, book))
    report = report_of(result._replace(problems=problems))
    return with_changes(report, found, old.version, proposed_version(old, found))


def _anew(book: RuleBook, day: date) -> Checked:
    from cds.screen.rules import progress  # noqa: PLC0415 - needed here alone

    with progress("Trying small changes") as step:
        return checked(book, day, step)
