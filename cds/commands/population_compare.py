"""``cds population compare``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from cds.about import PROGRAM
from cds.commands.options import FILE, json_option, wrong_use
from cds.errors import CdsError, with_code
from cds.population.books.finished_run import finished_run


@click.command()
@click.argument("a", type=FILE)
@click.argument("b", type=FILE)
@click.option(
    "--examples",
    "most",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    metavar="N",
    help="Name so many patients of each change.",
)
@json_option
def compare_command(a: Path, b: Path, most: int, *, as_json: bool) -> None:
    """Say what changed from the run in folder A to that in folder B: answers, rules, and who is in one only.

    Counts are full, and N patients are named as examples of each change: it is for those who may see the data, and no
    report to be published.
    """
    try:
        from cds.population.compared.compare import compared  # noqa: PLC0415 - the extra may not be installed
        from cds.population.compared.data import comparison_data  # noqa: PLC0415
        from cds.population.compared.text import comparison_text, incomplete_text  # noqa: PLC0415
    except ModuleNotFoundError as error:
        wrong_use(f"{error.name} is not installed. Install it with: pip install '{PROGRAM}[population]'")
    try:
        found = compared(finished_run(a), finished_run(b), most)
    except CdsError as error:
        wrong_use(with_code(error))
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(comparison_data(found), option=orjson.OPT_APPEND_NEWLINE))
    else:
        click.echo(comparison_text(found), nl=False)
    incomplete = [run for run in (found.a, found.b) if run.problems]
    for run in incomplete:
        click.echo(incomplete_text(run), err=True)
    sys.exit(1 if incomplete else 0)
