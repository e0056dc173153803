"""``cds``: the command line. Exit status 0: everything was done; 1: a file could not be; 2: wrong use."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer

from cds.bookshelf import open_rulebook, rules_folder
from cds.errors import CdsError, RecordError, RulebookError, nearest
from cds.one_file import evaluate_file
from cds.rulebook.model import RuleBook

app = typer.Typer(
    help="Clinical decision support for calcium supplements: FHIR R4 data in, CDS Hooks cards out.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="FHIR R4 JSON: one patient's data in each file.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="Evaluate as of this day (default: today).")
]  # fmt: skip
Rules = Annotated[
    Path | None, typer.Option("--rules", metavar="DIR", help="Rule files (default: CDS_RULES, else those of this installation).")
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per file, one per line.")]


@app.command()
def evaluate(files: Files, as_of: AsOf = None, rules: Rules = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Say for each patient what to do about the calcium supplement, and why."""
    book, day = _book(rules), _day(as_of)
    show = _json_line if as_json else _for_people
    raise typer.Exit(int(not all([show(path, book, day) for path in files])))


def _json_line(path: Path, book: RuleBook, day: date) -> bool:
    from cds.result import result_of  # noqa: PLC0415 - loaded by the commands that need it

    try:
        result = {"file": str(path), **result_of(evaluate_file(path, book, day))}
    except CdsError as error:
        result = {"file": str(path), "error": {"code": error.code, "text": str(error)}}
        _complain(path, error)
    sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE))
    return "error" not in result


def _for_people(path: Path, book: RuleBook, day: date) -> bool:
    from cds.screen import print_evaluation  # noqa: PLC0415

    try:
        evaluation = evaluate_file(path, book, day)
    except CdsError as error:
        _complain(path, error)
        return False
    print_evaluation(evaluation, path)
    return True


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="FHIR R4 JSON of one patient.")],
    rule: Annotated[str, typer.Option("--rule", metavar="ID", help="Why this rule fired, or did not.")] = "",
    as_of: AsOf = None, rules: Rules = None,
) -> None:  # fmt: skip
    """Show the why-tree: rules, findings, facts, thresholds, dates and resources."""
    from cds.screen import print_explanation  # noqa: PLC0415

    book = _book(rules)
    if rule and rule not in book.rules:
        _wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    try:
        evaluation = evaluate_file(file, book, _day(as_of))
    except CdsError as error:
        _complain(file, error)
        raise typer.Exit(1) from None
    print_explanation(evaluation, rule)


@app.command()
def schema(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the schema files.")]) -> None:
    """Write the JSON Schema of each kind of rule file, for editors that complete and check YAML."""
    from cds.rulebook.json_schema import write_schemas  # noqa: PLC0415

    for path in write_schemas(folder):
        typer.echo(path)


def _book(rules: Path | None) -> RuleBook:
    folder = rules_folder(rules)
    if not folder.is_dir():
        _wrong_use(f"there is no folder of rule files at '{folder}'. Name it with --rules or CDS_RULES.")
    try:
        return open_rulebook(folder)
    except RulebookError as error:
        typer.echo(str(error), err=True)
        typer.echo(f"The rule files in '{folder}' have {len(error.problems)} problems; nothing was evaluated.", err=True)
        raise typer.Exit(2) from None


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of is not None else date.today()  # noqa: DTZ011 - the day where the user is


def _complain(path: Path, error: CdsError) -> None:
    ending = "" if isinstance(error, RecordError) else f" [{error.code}]"
    typer.echo(f"{path}: {error}{ending}", err=True)


def _wrong_use(text: str) -> NoReturn:
    typer.echo(f"Error: {text}", err=True)
    raise typer.Exit(2)


def main() -> None:
    """The entry point."""
    app()
