"""``cds population run``."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import click

from cds.bookshelf import rules_folder
from cds.commands.options import (
    FILE,
    as_of_option,
    chosen_overlays,
    day_of,
    opened,
    remark,
    rules_option,
    wrong_use,
)
from cds.errors import CdsError
from cds.files.side_by_side import processors
from cds.garbage import collect_seldom
from cds.population.answers.question import ALL, FIRED, NONE, Question
from cds.population.engines.engine import ENGINES
from cds.population.lines.sources import Inputs, day_of_inputs, inputs_of
from cds.population.report.closing import REPORT
from cds.population.report.small_cells import LEAST, SHOW_ALL
from cds.population.run import Ordered, run_population
from cds.screen.populations import run_text
from cds.screen.steps import steps

VALIDATED = {"none": 0.0, "all": 100.0}
SAMPLE = "sample:"
LEASTS = {"suppress": LEAST, "show": SHOW_ALL}
COMPLETE = "complete"


def _validated(_: click.Context, __: click.Parameter, value: str) -> float:
    """How many of a hundred patients are validated."""
    if value in VALIDATED:
        return VALIDATED[value]
    number = value.removeprefix(SAMPLE)
    if value.startswith(SAMPLE) and number.replace(".", "", 1).isdigit() and 0 < float(number) <= 100:
        return float(number)
    raise click.BadParameter(f"'{value}' is none of: none, sample:5 (so many of a hundred patients), all.")


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", type=FILE, required=True, metavar="DIR", help="The folder of the run.")
@click.option("--engine", type=click.Choice(sorted(ENGINES)), default="duckdb", show_default=True, help="What groups.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes that answer (default: one per core).")
@as_of_option
@click.option("--resume", is_flag=True, help="Go on with a run that was killed.")
@click.option("--since", type=FILE, metavar="RUN", help="Answer anew only whose data changed, or whose day has come.")
@click.option(
    "--trace", type=click.Choice((NONE, FIRED, ALL)), default=NONE, show_default=True, help="Which why-trees to keep."
)
@click.option(
    "--validate",
    callback=_validated,
    default="all",
    show_default=True,
    metavar="none|sample:P|all",
    help="For how many of a hundred patients to look whether what was used is valid FHIR R4.",
)
@click.option(
    "--small-cells",
    type=click.Choice(("suppress", "show")),
    default="suppress",
    show_default=True,
    help="Counts of 1 to 10 patients in the summary and the report.",
)
@rules_option
def run_command(
    *,
    inputs: tuple[str, ...],
    out: Path,
    engine: str,
    workers: int | None,
    as_of: date | None,
    since: Path | None,
    trace: str,
    validate: float,
    small_cells: str,
    rules: Path | None,
    resume: bool,
) -> None:
    """Answer for everybody in the INPUTs, and keep books that balance.

    An INPUT is the folder of a Bulk Data export (with its manifest.json, or without), a folder of bundles, a file
    (.ndjson, .json, .parquet with a column of JSON, each also .gz), or the address of one in an object store (s3://,
    gs://). All INPUTs are one body of data: what they say of one patient belongs together. A Bundle with a Patient
    stands alone.

    As of: the day of the newest export, where a manifest says when that was, else today.
    """
    book, folder = opened(rules), rules_folder(rules)
    begun = time.monotonic()
    try:
        _not_within(out, inputs)
        found = inputs_of(inputs, remark)
        question = _question(found, folder, as_of, trace, validate)
        ordered = Ordered(out, found, question, book, engine, workers or processors(), since, LEASTS[small_cells])
        collect_seldom()
        with steps() as progress:
            summary = run_population(ordered, progress, resume=resume)
    except CdsError as error:
        wrong_use(str(error))
    except OSError as error:
        wrong_use(f"'{error.filename or out}' cannot be read or written: {error.strerror}.")
    click.echo(run_text(summary), nl=False)
    click.echo(f"{time.monotonic() - begun:.1f} s. Open {out / REPORT} in a browser; no network is needed.")
    sys.exit(0 if summary["status"] == COMPLETE else 1)


def _not_within(out: Path, inputs: tuple[str, ...]) -> None:
    """Refuse a run in a folder that it reads: it would read itself."""
    for place in inputs:
        if Path(place).is_dir() and out.resolve().is_relative_to(Path(place).resolve()):
            wrong_use(f"--out: '{out}' lies in an input; what is written would be read. Name another folder.")


def _question(inputs: Inputs, folder: Path, as_of: date | None, trace: str, validate: float) -> Question:
    overlays = tuple(str(place.resolve()) for place in chosen_overlays(folder))
    day = as_of or day_of_inputs(inputs) or day_of(None)
    click.echo(f"As of: {day.isoformat()}", err=True)
    return Question(
        str(folder.resolve()),
        overlays,
        day,
        trace,
        validate,
        files=tuple(source.file for source in inputs.files),
        exports=tuple(source.export for source in inputs.files),
        continued=frozenset(number for number, export in enumerate(inputs.exports) if export.is_increment),
    )
