"""``cds audit``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from cds.audit.matter import Matter, history_of
from cds.audit.population import Population, counted, files_of
from cds.audit.samples import samples_folder, samples_of
from cds.audit.scores import surviving
from cds.audit.writing import write_book
from cds.bookshelf import rules_folder
from cds.commands.common import FILE, as_of_option, day_of, opened, rules_option, wrong_use
from cds.errors import CdsError
from cds.rulebook.model import RuleBook
from cds.screen.review import progress


@click.command()
@click.option(
    "--out", type=FILE, default=Path("audit-book"), show_default=True, metavar="DIR", help="Where to write it."
)
@click.option(
    "--population", type=FILE, multiple=True, metavar="FILES",
    help="Count how often each rule fires in these patients: files, or folders of .json files.",
)  # fmt: skip
@click.argument("more", nargs=-1, type=FILE, metavar="")
@as_of_option
@rules_option
def command(
    out: Path, population: tuple[Path, ...], more: tuple[Path, ...], as_of: datetime | None, rules: Path | None
) -> None:
    """Write the audit book: the whole rulebook as pages of HTML, with evidence, ladders, cases and proofs."""
    if more and not population:
        wrong_use(f"'{more[0]}' belongs to nothing. Files of patients stand after --population.")
    book, day = opened(rules), day_of(as_of)
    people = _counted(book, (*population, *more), day) if population else None
    with progress("Trying small changes") as step:
        alive = surviving(book, step)
    try:
        samples = samples_of(book, samples_folder())
        matter = Matter(book, day, history_of(rules_folder(rules), book), samples, people, alive)
        written = write_book(matter, out)
    except CdsError as error:
        wrong_use(f"{error} [{error.code}]")
    except OSError as error:
        wrong_use(f"the book cannot be written: {error}.")
    click.echo(f"{len(written)} pages. Open {out / 'index.html'} in a browser; no network is needed.")


def _counted(book: RuleBook, paths: tuple[Path, ...], day: date) -> Population:
    files = files_of(paths)
    if not files:
        wrong_use("--population: there is no .json file in these folders.")
    with progress("Counting the population") as step:
        people = counted(book, files, day, step)
    if people.unread:
        click.echo(f"{len(people.unread)} of {len(files)} files could not be evaluated; the book lists them.", err=True)
    return people
