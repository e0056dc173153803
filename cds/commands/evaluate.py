"""``cds evaluate``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
import orjson

from cds.commands.common import FILE, as_of_option, complain, day_of, opened, rules_option
from cds.errors import CdsError
from cds.one_file import evaluate_file
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file, one per line.")
def command(files: tuple[Path, ...], as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in each FILE (- for standard input) what to do about the calcium supplement, and why."""
    book, day = opened(rules), day_of(as_of)
    show = _json_line if as_json else _for_people
    done = [show(path, book, day) for path in files]
    sys.exit(0 if all(done) else 1)


def _json_line(path: Path, book: RuleBook, day: date) -> bool:
    from cds.result import result_of  # noqa: PLC0415 - what is not shown is not loaded

    try:
        result = {"file": str(path), **result_of(evaluate_file(path, book, day))}
    except CdsError as error:
        result = {"file": str(path), "error": {"code": error.code, "text": str(error)}}
        complain(path, error)
    sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE))
    return "error" not in result


def _for_people(path: Path, book: RuleBook, day: date) -> bool:
    from cds.screen.answers import print_evaluation  # noqa: PLC0415

    try:
        evaluation = evaluate_file(path, book, day)
    except CdsError as error:
        complain(path, error)
        return False
    print_evaluation(evaluation, path)
    return True
