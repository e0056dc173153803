"""The commands about patients: ``cds evaluate``, ``cds explain``, ``cds what-if``.

What a command does not need is not loaded: who evaluates many files one by one waits for each start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path

import click
import orjson

from cds.commands.options import RECORD, as_of_option, day_of, json_option, made_from, opened, rules_option, wrong_use
from cds.errors import CdsError, nearest
from cds.one_file import evaluate_file, record_in, text_of
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("files", nargs=-1, required=True, type=RECORD, metavar="FILE...")
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file, one per line.")
def evaluate_command(files: tuple[Path, ...], as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in each FILE (- for standard input) what to do, and why."""
    book, day = opened(rules), day_of(as_of)
    make: Callable[[Path, RuleBook, date], str | bytes] = _result_line if as_json else _evaluation_text
    errors = 0
    for path in files:
        found = made_from(path, partial(make, path, book, day))
        if not isinstance(found, CdsError):
            click.echo(found, nl=False)
            continue
        errors += 1
        if as_json:
            click.echo(_line(path, {"error": {"code": found.code, "text": str(found)}}), nl=False)
    sys.exit(1 if errors else 0)


def _result_line(path: Path, book: RuleBook, day: date) -> bytes:
    from cds.result import result_of  # noqa: PLC0415

    return _line(path, result_of(evaluate_file(path, book, day)))


def _evaluation_text(path: Path, book: RuleBook, day: date) -> str:
    from cds.screen.patients import evaluation_text  # noqa: PLC0415

    return evaluation_text(evaluate_file(path, book, day), text_of(path))


@click.command()
@click.argument("file", type=RECORD)
@click.option("--rule", default="", metavar="ID", help="Why this rule fired, or did not.")
@as_of_option
@rules_option
@json_option
def explain_command(file: Path, rule: str, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Show the why-tree of FILE: rules, findings, facts, thresholds, dates and resources."""
    book = opened(rules)
    if rule and rule not in book.rules:
        wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    make: Callable[[Path, str, RuleBook, date], str | bytes] = _explanation_line if as_json else _explanation_text
    _print(file, partial(make, file, rule, book, day_of(as_of)))


def _explanation_line(file: Path, rule: str, book: RuleBook, day: date) -> bytes:
    from cds.explanation import explanation_of  # noqa: PLC0415

    return _line(file, explanation_of(evaluate_file(file, book, day), rule))


def _explanation_text(file: Path, rule: str, book: RuleBook, day: date) -> str:
    from cds.explanation import explanation_of  # noqa: PLC0415
    from cds.screen.patients import explanation_text  # noqa: PLC0415

    return explanation_text(explanation_of(evaluate_file(file, book, day), rule))


@click.command()
@click.argument("file", type=RECORD)
@as_of_option
@rules_option
@json_option
def what_if_command(file: Path, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in FILE what would change the outcome, and which missing data would settle it."""
    make: Callable[[Path, RuleBook, date], str | bytes] = _what_if_line if as_json else _what_if_text
    _print(file, partial(make, file, opened(rules), day_of(as_of)))


def _what_if_line(file: Path, book: RuleBook, day: date) -> bytes:
    from cds.review.what_if import what_if, what_if_data  # noqa: PLC0415

    found = what_if(record_in(file, book, day), book, day)
    return _line(file, {"asOf": day.isoformat(), **what_if_data(found)})


def _what_if_text(file: Path, book: RuleBook, day: date) -> str:
    from cds.review.what_if import what_if  # noqa: PLC0415
    from cds.screen.patients import what_if_text  # noqa: PLC0415

    return what_if_text(what_if(record_in(file, book, day), book, day))


def _print(file: Path, make: Callable[[], str | bytes]) -> None:
    """What is made from a file; exit status 1, once it was said what is wrong with it, where nothing is."""
    found = made_from(file, make)
    if isinstance(found, CdsError):
        sys.exit(1)
    click.echo(found, nl=False)


def _line(path: Path, data: Mapping[str, object]) -> bytes:
    return orjson.dumps({"file": text_of(path), **data}, option=orjson.OPT_APPEND_NEWLINE)
