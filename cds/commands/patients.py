"""The commands about one patient: ``cds explain``, ``cds what-if``.

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

from cds.commands.completion import rule_ids
from cds.commands.options import (
    RECORD,
    as_of_option,
    day_of,
    json_option,
    made_from,
    opened,
    remark,
    rules_option,
    wrong_use,
)
from cds.errors import CdsError, nearest
from cds.files.people import Found, one_of
from cds.one_file import text_of
from cds.population.books.finished_run import is_run
from cds.rulebook.model import RuleBook

patient_option = click.option(
    "--patient", default="", metavar="ID", help="Which patient, where FILE holds several: Patient/7, or 7."
)


@click.command()
@click.argument("file", type=RECORD)
@click.option("--rule", default="", metavar="ID", shell_complete=rule_ids, help="Why this rule fired, or did not.")
@patient_option
@as_of_option
@rules_option
@json_option
def explain_command(
    file: Path, rule: str, patient: str, as_of: date | None, rules: Path | None, *, as_json: bool
) -> None:
    """Show the why-tree of the patient in FILE: rules, findings, facts, thresholds, dates and resources.

    FILE is what `cds evaluate` takes; where it holds several patients, --patient says which one. The folder of a run of
    `cds population run` is one, too: the lines of the patient are read again, as of the day of the run.
    """
    book = opened(rules)
    as_of = as_of or _day_of_run(file)
    if rule and rule not in book.rules:
        wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    make: Callable[[Path, str, str, RuleBook, date], str | bytes] = _explanation_line if as_json else _explanation_text
    _print(file, partial(make, file, patient, rule, book, day_of(as_of)))


def _day_of_run(place: Path) -> date | None:
    """The day of the run in a folder; None where it holds none."""
    if not is_run(place):
        return None
    from cds.population.books.finished_run import finished_run  # noqa: PLC0415

    run = made_from(place, lambda: finished_run(place))
    return None if isinstance(run, CdsError) else run.as_of


def _found(place: Path, patient: str) -> Found:
    """The patient in a file, a folder, or a finished run."""
    if not is_run(place):
        return one_of(place, patient, remark)
    from cds.population.looked_up import patient_of_run  # noqa: PLC0415

    return patient_of_run(place, patient)


def _explanation_line(file: Path, patient: str, rule: str, book: RuleBook, day: date) -> bytes:
    from cds.explanation import explanation_of  # noqa: PLC0415

    return _line(file, explanation_of(_found(file, patient).evaluation(book, day), rule))


def _explanation_text(file: Path, patient: str, rule: str, book: RuleBook, day: date) -> str:
    from cds.explanation import explanation_of  # noqa: PLC0415
    from cds.screen.patients import explanation_text  # noqa: PLC0415

    return explanation_text(explanation_of(_found(file, patient).evaluation(book, day), rule))


@click.command()
@click.argument("file", type=RECORD)
@patient_option
@as_of_option
@rules_option
@json_option
def what_if_command(file: Path, patient: str, as_of: date | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in FILE what would change the outcome, and which missing data would settle it.

    FILE is what `cds evaluate` takes; where it holds several patients, --patient says which one.
    """
    make: Callable[[Path, str, RuleBook, date], str | bytes] = _what_if_line if as_json else _what_if_text
    _print(file, partial(make, file, patient, opened(rules), day_of(as_of)))


def _what_if_line(file: Path, patient: str, book: RuleBook, day: date) -> bytes:
    from cds.review.what_if import what_if, what_if_data  # noqa: PLC0415

    found = what_if(one_of(file, patient, remark).record(book, day), book, day)
    return _line(file, {"asOf": day.isoformat(), **what_if_data(found)})


def _what_if_text(file: Path, patient: str, book: RuleBook, day: date) -> str:
    from cds.review.what_if import what_if  # noqa: PLC0415
    from cds.screen.patients import what_if_text  # noqa: PLC0415

    return what_if_text(what_if(one_of(file, patient, remark).record(book, day), book, day))


def _print(file: Path, make: Callable[[], str | bytes]) -> None:
    """What is made from a file; exit status 1, once it was said what is wrong with it, where nothing is."""
    found = made_from(file, make)
    if isinstance(found, CdsError):
        sys.exit(1)
    click.echo(found, nl=False)


def _line(path: Path, data: Mapping[str, object]) -> bytes:
    return orjson.dumps({"file": text_of(path), **data}, option=orjson.OPT_APPEND_NEWLINE)
