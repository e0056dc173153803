"""``cds``: the command line. Exit status 0: everything was done; 1: a file could not be; 2: wrong use."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import orjson

from cds.bookshelf import open_rulebook, rules_folder
from cds.errors import CdsError, RecordError, RulebookError, nearest
from cds.one_file import evaluate_file
from cds.rulebook.model import RuleBook

FILE = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="calcium-cds")
def app() -> None:
    """Clinical decision support for calcium supplements: FHIR R4 data in, CDS Hooks cards out."""


_rules = click.option(
    "--rules", type=FILE, metavar="DIR", help="Rule files (default: CDS_RULES, else the built-in ones)."
)


_as_of = click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="Evaluate as of this day (default: today).",
)


@app.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@_as_of
@_rules
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per file, one per line.")
def evaluate(files: tuple[Path, ...], as_of: datetime | None, rules: Path | None, *, as_json: bool) -> None:
    """Say for the patient in each FILE what to do about the calcium supplement, and why."""
    book, day = _book(rules), _day(as_of)
    show = _json_line if as_json else _for_people
    done = [show(path, book, day) for path in files]
    sys.exit(0 if all(done) else 1)


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
    from cds.screen.answers import print_evaluation  # noqa: PLC0415

    try:
        evaluation = evaluate_file(path, book, day)
    except CdsError as error:
        _complain(path, error)
        return False
    print_evaluation(evaluation, path)
    return True


@app.command()
@click.argument("file", type=FILE)
@click.option("--rule", default="", metavar="ID", help="Why this rule fired, or did not.")
@_as_of
@_rules
def explain(file: Path, rule: str, as_of: datetime | None, rules: Path | None) -> None:
    """Show the why-tree of FILE: rules, findings, facts, thresholds, dates and resources."""
    from cds.screen.reasons import print_explanation  # noqa: PLC0415

    book = _book(rules)
    if rule and rule not in book.rules:
        _wrong_use(f"--rule: there is no rule '{rule}'. {nearest(rule, book.rules)}")
    try:
        evaluation = evaluate_file(file, book, _day(as_of))
    except CdsError as error:
        _complain(file, error)
        sys.exit(1)
    print_explanation(evaluation, rule)


@app.command()
@click.argument("folder", type=FILE)
def schema(folder: Path) -> None:
    """Write the JSON Schema of each kind of rule file to FOLDER, for editors that complete and check YAML."""
    from cds.rulebook.json_schema import write_schemas  # noqa: PLC0415

    for path in write_schemas(folder):
        click.echo(path)


@app.command()
@click.argument("folder", type=FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per problem, and one with the figures.")
@click.option("--against", metavar="REF", help="Say what changed since a git revision, or against another folder.")
def check(folder: Path | None, against: str | None, *, as_json: bool) -> None:
    """Check the rule files in FOLDER: names, texts, cases, and whether each small change would be noticed."""
    from cds.review.check import check as checked  # noqa: PLC0415
    from cds.screen.review import print_changes, print_check, progress  # noqa: PLC0415

    book = _book(folder)
    if against is not None:
        print_changes(*_compared(book, rules_folder(folder), against), as_json=as_json)
        return
    with progress("Trying small changes") as step:
        result = checked(book, _day(None), step)
    print_check(result, as_json=as_json)
    sys.exit(1 if result.problems else 0)


def _compared(book: RuleBook, folder: Path, against: str) -> tuple[list[Any], str, str]:
    from cds.review.changes import changes, proposed_version, rules_at  # noqa: PLC0415

    try:
        with rules_at(against, folder) as place:
            old = open_rulebook(place)
    except RulebookError as error:
        _wrong_use(f"--against: the rules at '{against}' cannot be read: {error.problems[0]}")
    except CdsError as error:
        _wrong_use(f"--against: {error}")
    found = changes(old, book)
    return found, old.version, proposed_version(old, found)


@app.command()
@_rules
def claims(rules: Path | None) -> None:
    """Print what became of the claims of the articles behind this project, as a Markdown table."""
    from cds.review.claims import claim_table  # noqa: PLC0415

    click.echo(claim_table(_book(rules)))


@app.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A browser client that may call (CORS).")
@click.option("--feedback", type=FILE, metavar="FILE", help="Append feedback entries to this file, as JSON lines.")
@click.option("--without-authentication", is_flag=True, help="Listen beyond the loopback address all the same.")
@_rules
def serve(
    host: str,
    port: int,
    origins: tuple[str, ...],
    feedback: Path | None,
    rules: Path | None,
    *,
    without_authentication: bool,
) -> None:
    """Serve CDS Hooks 2.0 at http://ADDRESS:PORT/cds-services (patient-view, order-select, order-sign)."""
    from cds.hooks import server  # noqa: PLC0415

    book = _book(rules)
    try:
        server.check_address(host, open_to_all=without_authentication)
    except CdsError as error:
        _wrong_use(str(error))
    click.echo(f"CDS Hooks services of rulebook {book.version}: http://{host}:{port}/cds-services", err=True)
    click.echo(server.WARNING, err=True)
    server.serve(book, host, port, origins, feedback)


@app.group()
def new() -> None:
    """Begin something new."""


@new.command("rule")
@click.argument("rule", metavar="ID")
@click.option("--chapter", required=True, metavar="NAME", help="The folder of the chapter, such as serum-calcium.")
@_rules
def new_rule(rule: str, chapter: str, rules: Path | None) -> None:
    """Write a file for the rule ID (such as CA-06), to be filled in."""
    from cds.review.new_rule import write_new_rule  # noqa: PLC0415

    book = _book(rules)
    try:
        path = write_new_rule(book, rules_folder(rules), rule, chapter, _day(None))
    except CdsError as error:
        _wrong_use(str(error))
    click.echo(f"{path}: fill in every TODO, then run 'cds check'.")


def _book(rules: Path | None) -> RuleBook:
    folder = rules_folder(rules)
    if not folder.is_dir():
        _wrong_use(f"there is no folder of rule files at '{folder}'. Name it with --rules or CDS_RULES.")
    try:
        return open_rulebook(folder)
    except RulebookError as error:
        click.echo(str(error), err=True)
        click.echo(
            f"The rule files in '{folder}' have {len(error.problems)} problems; nothing was evaluated.", err=True
        )
        sys.exit(2)


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of is not None else date.today()  # noqa: DTZ011 - the day where the user is


def _complain(path: Path, error: CdsError) -> None:
    ending = "" if isinstance(error, RecordError) else f" [{error.code}]"
    click.echo(f"{path}: {error}{ending}", err=True)


def _wrong_use(text: str) -> NoReturn:
    click.echo(f"Error: {text}", err=True)
    sys.exit(2)


def main() -> None:
    """The entry point."""
    app()
