"""``cds what-if``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
import orjson

from cds.commands.common import FILE, as_of_option, complain, day_of, opened, rules_option
from cds.errors import CdsError
from cds.one_file import record_in
from cds.review.what_if import what_if, what_if_data


@click.command()
@click.argument("file", type=FILE)
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: Path, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in FILE what would change the outcome, and which missing data would settle it."""
    book, day = opened(rules), day_of(as_of)
    try:
        found = what_if(record_in(file, book, day), book, day)
    except CdsError as error:
        complain(file, error)
        sys.exit(1)
    if as_json:
        result = {"file": str(file), "asOf": day.isoformat(), **what_if_data(found)}
        sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE))
    else:
        from cds.screen.what_if import print_what_if  # noqa: PLC0415 - what is not shown is not loaded

        print_what_if(found)
