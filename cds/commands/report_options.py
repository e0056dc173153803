"""In which format a command says what is wrong with rule files, and the report about those that do not load."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click

from cds.screen.problems.formats import FORMATS
from cds.screen.problems.report import Report

C = TypeVar("C", bound=Callable[..., Any])
_format = click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="text for people, json one object per line, sarif and junit for CI servers, github for its workflows.",
)
_json = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")


def format_option(command: C) -> C:
    """``--format``, and ``--json`` beside it; ``chosen`` says which it is."""
    return _format(_json(command))


def chosen(form: str, *, as_json: bool) -> str:
    """The name of the format that was asked for."""
    return "json" if as_json else form


def write_report(report: Report, form: str) -> None:
    """Print a report on the output stream; formats for machines are UTF-8 whatever the terminal is."""
    written = FORMATS[form](report)
    click.echo(written if form == "text" else written.encode(), nl=False)


def refusing(form: str) -> Callable[[Report], NoReturn] | None:
    """What to do with rule files that do not load, for ``opened``: None for people, who read it as ever."""
    if form == "text":
        return None

    def refuse(report: Report) -> NoReturn:
        write_report(report, form)
        sys.exit(2)

    return refuse
