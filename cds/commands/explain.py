"""``cds explain``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
import orjson

from cds.commands.common import FILE, as_of_option, complain, day_of, opened, rules_option, wrong_use
from cds.errors import CdsError, nearest
from cds.explanation import explanation_of
from cds.one_file import evaluate_file


@click.command()
@click.argument("file", type=FILE)
@click.option("--rule", default="", metavar="ID", help="Why this rule fired, or did not.")
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: Path, rule: str, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Show the why-tree of FILE: rules, findings, facts, thresholds, dates and resources."""
    book = opened(rules)
    if rule and rule not in book.rules:
        wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    try:
        evaluation = evaluate_file(file, book, day_of(as_of))
    except CdsError as error:
        complain(file, error)
        sys.exit(1)
    explained = explanation_of(evaluation, rule)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps({"file": str(file), **explained}, option=orjson.OPT_APPEND_NEWLINE))
        return
    from cds.screen.reasons import print_explanation  # noqa: PLC0415 - what is not shown is not loaded

    print_explanation(explained)
