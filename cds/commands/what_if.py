"""``cds what-if``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click
import orjson

from cds.commands.common import RECORD, as_of_option, day_of, made_from, opened, rules_option
from cds.errors import CdsError
from cds.one_file import record_in, text_of
from cds.review.what_if import what_if, what_if_data
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("file", type=RECORD)
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: Path, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in FILE what would change the outcome, and which missing data would settle it."""
    book, day = opened(rules), day_of(as_of)
    make: Callable[[Path, RuleBook, date], str | bytes] = _json_line if as_json else _for_people
    found = made_from(file, partial(make, file, book, day))
    if isinstance(found, CdsError):
        sys.exit(1)
    click.echo(found, nl=False)


def _json_line(file: Path, book: RuleBook, day: date) -> bytes:
    found = what_if(record_in(file, book, day), book, day)
    result = {"file": text_of(file), "asOf": day.isoformat(), **what_if_data(found)}
    return orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)


def _for_people(file: Path, book: RuleBook, day: date) -> str:
    from cds.screen.what_if import what_if_text  # noqa: PLC0415 - what is not shown is not loaded

    return what_if_text(what_if(record_in(file, book, day), book, day))
