"""``cds evaluate``: one patient on a screen; of several a line each, and a summary. Nobody's answer is kept.

What a command does not need is not loaded: who evaluates many files one by one waits for each start.
"""

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module
from itertools import chain
from pathlib import Path

import click

from cds.commands.answers import Asked, Said, Writer
from cds.commands.completion import outcomes
from cds.commands.options import RECORD, as_of_option, day_of, opened, remark, rules_option, wrong_use
from cds.errors import nearest
from cds.files.side_by_side import answers_in
from cds.garbage import collect_seldom
from cds.rulebook.model import RuleBook

WRITERS = {
    "text": ("text", "TextWriter"),
    "long": ("text", "LongWriter"),
    "json": ("data", "JsonWriter"),
    "csv": ("data", "CsvWriter"),
    "html": ("page", "PageWriter"),
}
"""How answers are written: the module of ``cds.commands.answers_as_...``, and the class in it."""
FORMATS = ("text", "json", "csv", "html")


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=RECORD, metavar="INPUT...")
@as_of_option
@rules_option
@click.option(
    "--only",
    multiple=True,
    metavar="OUTCOMES",
    shell_complete=outcomes,
    help="Show these alone, like hold,stop; all are counted.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to print the answers (default: text).")
@click.option(
    "--json", "as_json", is_flag=True, help="The same as --format json: one JSON object per patient, one per line."
)
@click.option("--long", "is_long", is_flag=True, help="As text: everything about each patient, not only a screen.")
def evaluate_command(
    *,
    inputs: tuple[Path, ...],
    as_of: date | None,
    rules: Path | None,
    only: tuple[str, ...],
    form: str | None,
    as_json: bool,
    is_long: bool,
) -> None:
    """Say for each patient in each INPUT what to do, and why.

    An INPUT is a file, a folder, or - for the standard input. A file holds JSON (a Bundle, a list of resources, one
    resource) or NDJSON, and may be compressed (.gz). In a folder and in those below it every .json, .ndjson and .jsonl
    file is read, also with .gz, in the order of their names.

    One patient is told on one screen, and --long says everything. Of several each gets a line, in the order of the
    data, and a summary stands at the end. A Bundle with a Patient stands alone; the lines of NDJSON files, and
    resources in files of their own, belong together within one INPUT, as a bulk export writes them, and are shared out
    by the patient that they name. What names nobody is used for nobody then, and that is said. Patients that are
    linked with each other are one person.

    What cannot be read is one line on the error stream, and the others are evaluated. Of a folder or an NDJSON file of
    which a part cannot be read, nobody's data count as whole.
    """
    named = _format(form, as_json=as_json, is_long=is_long)
    book = opened(rules)
    writer = _writer(named, Asked(book, day_of(as_of), _outcomes(only, book)))
    collect_seldom()
    for said in chain.from_iterable(answers_in(path, remark, writer.answer) for path in inputs):
        _tell(said)
        for text in writer.tell(said):
            click.echo(text, nl=False)
    for text in writer.end():
        click.echo(text, nl=False)
    _say_who_is_not_shown(writer, named)
    sys.exit(1 if writer.tally.refused else 0)


def _format(form: str | None, *, as_json: bool, is_long: bool) -> str:
    """The writer that is asked for; wrong use where two are."""
    if as_json and form not in (None, "json"):
        wrong_use(f"--json means --format json, and --format {form} was given too. Leave one of them out.")
    named = "json" if as_json else form or "text"
    if is_long and named != "text":
        wrong_use(f"--long is about text, and --format {named} says what it says. Leave one of them out.")
    return "long" if is_long else named


def _writer(name: str, asked: Asked) -> Writer:
    module, kind = WRITERS[name]
    made = getattr(import_module(f"cds.commands.answers_as_{module}"), kind)(asked)
    assert isinstance(made, Writer)  # noqa: S101
    return made


def _say_who_is_not_shown(writer: Writer, name: str) -> None:
    """Where no summary says it, say on the error stream how many patients --only left out."""
    others = writer.tally.answered - writer.tally.shown
    if others and name in ("json", "csv"):
        click.echo(f"--only: {writer.tally.shown} patients are shown, and {others} are not.", err=True)


def _tell(said: Said) -> None:
    """Say on the error stream what has no answer."""
    if said.error:
        remark(said.path, said.error)


def _outcomes(only: tuple[str, ...], book: RuleBook) -> frozenset[str]:
    """The outcomes that were named; wrong use where the rulebook has none of the name."""
    names = [name.strip() for part in only for name in part.split(",") if name.strip()]
    for name in names:
        if name not in book.outcomes:
            known = ", ".join(book.outcomes)
            wrong_use(f"--only: there is no outcome '{name}'. {nearest(name, book.outcomes)} Known: {known}.")
    if only and not names:
        wrong_use(f"--only: no outcome is named. Known: {', '.join(book.outcomes)}.")
    return frozenset(names)
