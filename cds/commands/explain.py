"""``cds explain``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click
import orjson

from cds.commands.common import RECORD, as_of_option, day_of, made_from, opened, rules_option, wrong_use
from cds.errors import CdsError, nearest
from cds.explanation import explanation_of
from cds.one_file import evaluate_file, text_of
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("file", type=RECORD)
@click.option("--rule", default="", metavar="ID", help="Why this rule fired, or did not.")
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: Path, rule: str, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Show the why-tree of FILE: rules, findings, facts, thresholds, dates and resources."""
    book = opened(rules)
    if rule and rule not in book.rules:
        wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    make: Callable[[Path, str, RuleBook, date], str | bytes] = _json_line if as_json else _for_people
    found = made_from(file, partial(make, file, rule, book, day_of(as_of)))
    if isinstance(found, CdsError):
        sys.exit(1)
    click.echo(found, nl=False)


def _json_line(file: Path, rule: str, book: RuleBook, day: date) -> bytes:
    explained = explanation_of(evaluate_file(file, book, day), rule)
    return orjson.dumps({"file": text_of(file), **explained}, option=orjson.OPT_APPEND_NEWLINE)


def _for_people(file: Path, rule: str, book: RuleBook, day: date) -> str:
    from cds.screen.reasons import explanation_text  # noqa: PLC0415 - what is not shown is not loaded

    return explanation_text(explanation_of(evaluate_file(file, book, day), rule))
