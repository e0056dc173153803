"""``cds evaluate``."""

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
from cds.one_file import evaluate_file, text_of
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("files", nargs=-1, required=True, type=RECORD, metavar="FILE...")
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file, one per line.")
def command(files: tuple[Path, ...], as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in each FILE (- for standard input) what to do, and why."""
    book, day = opened(rules), day_of(as_of)
    make: Callable[[Path, RuleBook, date], str | bytes] = _json_line if as_json else _for_people
    errors = 0
    for path in files:
        found = made_from(path, partial(make, path, book, day))
        if not isinstance(found, CdsError):
            click.echo(found, nl=False)
            continue
        errors += 1
        if as_json:
            click.echo(_error_line(path, found), nl=False)
    sys.exit(1 if errors else 0)


def _json_line(path: Path, book: RuleBook, day: date) -> bytes:
    from cds.result import result_of  # noqa: PLC0415 - what is not shown is not loaded

    result = {"file": text_of(path), **result_of(evaluate_file(path, book, day))}
    return orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)


def _error_line(path: Path, error: CdsError) -> bytes:
    result = {"file": text_of(path), "error": {"code": error.code, "text": str(error)}}
    return orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)


def _for_people(path: Path, book: RuleBook, day: date) -> str:
    from cds.screen.answers import evaluation_text  # noqa: PLC0415

    return evaluation_text(evaluate_file(path, book, day), text_of(path))
