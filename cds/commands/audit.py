"""``cds audit``."""

from __future__ import annotations

import sys
from datetime import date, datetime
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import click

from cds.audit.audit_data import AuditData, Since, history_of
from cds.audit.examples import surviving
from cds.audit.pages import write_book
from cds.audit.patients import Population, samples_of
from cds.audit.site import Site
from cds.bookshelf import rules_folder, samples_folder
from cds.commands.options import (
    FILE,
    as_of_option,
    chosen_overlays,
    complain,
    day_of,
    opened,
    population_option,
    rules_option,
    wrong_use,
)
from cds.commands.populations import population_in, run_in
from cds.commands.prove import proofs_of
from cds.commands.versions import version_against
from cds.errors import CdsError
from cds.proof.report import cached_proofs
from cds.review.difference import difference
from cds.review.people import people_in, people_of_cases
from cds.rulebook.model import Frozen, RuleBook
from cds.screen.rules import progress

OUT = Path("audit-book")


@click.command()
@click.option("--out", type=FILE, default=OUT, show_default=True, metavar="DIR", help="Where to write it.")
@population_option
@click.option("--against", metavar="REF", help="Add what changed since a git revision, or against another folder.")
@click.option("--prove", "run_proofs", is_flag=True, help="Run the proofs that are not kept already: minutes.")
@as_of_option
@rules_option
def audit_command(
    *,
    out: Path,
    places: tuple[str, ...],
    against: str | None,
    run_proofs: bool,
    as_of: datetime | None,
    rules: Path | None,
) -> None:
    """Write the audit book: the whole rulebook as pages of HTML, with evidence, ladders, cases and proofs.

    Of the patients of --population only counts are kept. It may be the folder of a run of 'cds population': then its
    counts are taken, as of its day, and nobody is read again. Without --prove the proofs stand in the book that
    'cds prove' made for exactly these rules, and all others as not run, with the command.
    """
    book, day = opened(rules), day_of(as_of)
    folder = rules_folder(rules)
    try:
        people = _counted(book, places, day) if places else None
        with progress("Trying small changes") as step:
            alive = surviving(book, step)
        if alive is None:
            click.echo("A case fails, so no small change was tried. 'cds check' names the case.", err=True)
        samples = samples_of(book, samples_folder(folder))
        since = _compared(against, version_against(against, folder), book, places, day) if against else None
        adapted = _compared("base", book.overlay.base, book, places, day) if book.overlay else None
        histories = history_of(folder, chosen_overlays(folder), book)
        proofs = proofs_of(book) if run_proofs else cached_proofs(book)
        audit = AuditData(book, day, histories, samples, people, alive, since, adapted, proofs, _known(book))
        site = Site(audit)
        written = write_book(chain(site.pages(), site.assets()), out)
    except CdsError as error:
        wrong_use(str(error))
    except OSError as error:
        wrong_use(f"'{error.filename or out}' cannot be read or written: {error.strerror}.")
    pages = sum(path.suffix == ".html" for path in written)
    click.echo(f"{pages} pages. Open {out / 'index.html'} in a browser; no network is needed.")
    sys.exit(1 if people is not None and (people.unread or (people.run and people.run.problems)) else 0)


def _counted(book: RuleBook, places: tuple[str, ...], day: date) -> Population:
    people = population_in(book, places, day)
    if not people.patients and not people.unread:
        wrong_use("--population: these places hold no patient.")
    for item in () if people.run else people.unread:
        complain(Path(item.name), item.error)
    return people


def _known(book: RuleBook) -> Frozen[str, str]:
    """The properties that can be proved, with what each says; none where the solver is not installed."""
    if find_spec("z3") is None:
        return Frozen()
    from cds.proof.prove import properties_of  # noqa: PLC0415 - the solver is an extra

    return Frozen({name: item.says for name, item in properties_of(book).items()})


def _compared(reference: str, old: RuleBook, new: RuleBook, places: tuple[str, ...], day: date) -> Since:
    invented = not places or run_in(places) is not None
    people = people_of_cases(old, new) if invented else people_in(places, day)
    return Since(reference, difference(old, new, people), invented)
