"""What ``--population`` names: patients who are counted one by one, or the folder of a run, which counted them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cds.about import PROGRAM
from cds.audit.patients import Population, counted
from cds.commands.options import wrong_use
from cds.population.books.finished_run import FinishedRun, finished_run, is_run
from cds.review.people import people_in
from cds.rulebook.model import RuleBook
from cds.screen.rules import progress


def population_in(book: RuleBook, places: tuple[str, ...], day: date) -> Population:
    """The counts of these places; of a run those as of its own day, and what is wrong with it is said.

    Raises:
        CdsError: a place is not there, or the run cannot be read.

    """
    run = run_in(places)
    if run is not None:
        return _counted_in(run, book)
    with progress("Counting the population") as step:
        return counted(book, people_in(places, day), day, step)


def run_in(places: tuple[str, ...]) -> FinishedRun | None:
    """The run that is named; None where patients are. Exit status 2 where it does not stand alone."""
    named = next((Path(place) for place in places if is_run(Path(place))), None)
    if named is not None and len(places) > 1:
        wrong_use(f"--population: '{named}' is a run, and stands alone. Leave the other places out.")
    return finished_run(named) if named is not None else None


def patients_only(places: tuple[str, ...]) -> None:
    """Exit status 2 where a run is named to a command that reads the patients."""
    if any(is_run(Path(place)) for place in places):
        wrong_use(
            "--population: that is a run, and its patients are not read again. Name their files; "
            "'cds population compare' says what changed between two runs."
        )


def _counted_in(run: FinishedRun, book: RuleBook) -> Population:
    try:
        from cds.population.report.firing import population_of  # noqa: PLC0415 - the extra may not be installed
    except ModuleNotFoundError as error:
        wrong_use(f"{error.name} is not installed. Install it with: pip install '{PROGRAM}[population]'")
    people = population_of(run, book)
    if run.sha256 != book.sha256:
        click.echo(f"The run was made with another rulebook: {run.rulebook}. The book says so.", err=True)
    if run.problems:
        click.echo(f"The run is incomplete (problems in its ledger: {len(run.problems)}). The book says so.", err=True)
    return people
