"""``cds explain``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cds.commands.common import FILE, as_of_option, complain, day_of, opened, rules_option, wrong_use
from cds.errors import CdsError, nearest
from cds.one_file import evaluate_file
from cds.screen.reasons import print_explanation


@click.command()
@click.argument("file", type=FILE)
@click.option("--rule", default="", metavar="ID", help="Why this rule fired, or did not.")
@as_of_option
@rules_option
def command(file: Path, rule: str, as_of: date | None, rules: Path | None) -> None:
    """Show the why-tree of FILE: rules, findings, facts, thresholds, dates and resources."""
    book = opened(rules)
    if rule and rule not in book.rules:
        wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    try:
        evaluation = evaluate_file(file, book, day_of(as_of))
    except CdsError as error:
        complain(file, error)
        sys.exit(1)
    print_explanation(evaluation, rule)
