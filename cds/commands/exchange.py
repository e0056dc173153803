"""The commands that exchange rules and codes: ``cds export``, ``cds import-value-set``, ``cds import-products``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from cds.bookshelf import rules_folder
from cds.commands.options import FILE, chosen_overlays, complain, day_option, opened, rules_option, wrong_use
from cds.errors import CdsError
from cds.exchange.adoption import adopt
from cds.exchange.export import as_bytes, files_of, resources_of, transaction_of, write_files
from cds.exchange.hospital_codes import ValueSetError, hospital_codes
from cds.exchange.hospital_products import ProductTableError, products_of_table
from cds.intake.reading import parse_json


@click.command()
@click.option("--out", type=FILE, metavar="DIR", help="Write one JSON file for each resource.")
@click.option("--bundle", type=FILE, metavar="FILE", help="Write one transaction Bundle (default: to the screen).")
@day_option("--date", "published", says="The day of publication that the resources carry (default: none).")
@rules_option
def export_command(out: Path | None, bundle: Path | None, published: date | None, rules: Path | None) -> None:
    """Write the rulebook as FHIR R4 resources: PlanDefinition, ActivityDefinition, Library and ValueSet.

    Conditions are in words, not in CQL: other systems can show, search and cite the rules, not run them.
    """
    if out and bundle:
        wrong_use("--out and --bundle exclude each other. Give one of the two.")
    book = opened(rules)
    try:
        resources = resources_of(
            book, files_of(rules_folder(rules), book, *chosen_overlays(rules_folder(rules))), published
        )
        if out:
            _report(len(resources), out, write_files(resources, out))
        elif bundle:
            bundle.write_bytes(as_bytes(transaction_of(resources)))
            click.echo(f"{len(resources)} resources in {bundle}", err=True)
        else:
            sys.stdout.buffer.write(as_bytes(transaction_of(resources)))
    except OSError as error:
        wrong_use(f"'{out or bundle}' cannot be written: {error.strerror}.")
    except CdsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


def _report(count: int, folder: Path, others: list[Path]) -> None:
    click.echo(f"{count} resources in {folder}", err=True)
    if others:
        names = ", ".join(path.name for path in others)
        click.echo(f"Not of this export, and left alone: {names}", err=True)


_LARGEST = 50 * 1024 * 1024


@click.command()
@click.argument("file", type=FILE)
@click.option("--term", required=True, metavar="NAME", help="The term of the rules that the codes are for.")
@click.option("--out", type=FILE, metavar="FILE", help="The overlay file to write (default: to the screen).")
@click.option("--own-system", "own_systems", multiple=True, metavar="URL", help="A code system of the hospital itself.")
@rules_option
def import_value_set_command(
    file: Path, term: str, out: Path | None, own_systems: tuple[str, ...], rules: Path | None
) -> None:
    """Write the codes of the FHIR ValueSet in FILE as additional codes of a term, for an overlay of the rules."""
    book = opened(rules)
    adoption = _made_of(file, lambda data: adopt(book, term, hospital_codes(parse_json(data)), own_systems))
    if adoption.text:
        _write(adoption.text, out)
    said = f"{_counted(adoption.new)} for '{term}' in {out or 'the text above'}" if adoption.new else "nothing to write"
    click.echo(f"{said}; {_counted(adoption.known)} there already.", err=True)


@click.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, metavar="FILE", help="OVERLAY/terms/products-....yaml (default: to the screen).")
@rules_option
def import_products_command(file: Path, out: Path | None, rules: Path | None) -> None:
    """Write the products of the CSV table in FILE as a file of products for an overlay of the rules.

    Columns: system, code, name, salt, strength, intent, measure, and one for each nutrient, with its unit.
    """
    book = opened(rules)
    table = _made_of(file, lambda data: products_of_table(data, book))
    if table.text:
        _write(table.text, out)
    said = f"{table.new} new in {out or 'the text above'}" if table.new else "nothing to write"
    click.echo(f"{said}; {table.known} there already.", err=True)


Made = TypeVar("Made")


def _made_of(file: Path, make: Callable[[bytes], Made]) -> Made:
    """What is made of the content of a file; else everything that is wrong with it is said, and the command ends."""
    try:
        return make(_bytes(file))
    except ValueSetError as error:
        _refuse(f"{file}: ", error.troubles)
    except ProductTableError as error:
        _refuse(f"{file}:", error.troubles)
    except CdsError as error:
        complain(file, error)
        sys.exit(1)


def _refuse(file: str, troubles: Collection[object]) -> NoReturn:
    """Say everything that is wrong with a file, and end."""
    for trouble in troubles:
        click.echo(f"{file}{trouble}", err=True)
    count = len(troubles)
    click.echo(f"{count} {'problem' if count == 1 else 'problems'}; nothing was written.", err=True)
    sys.exit(1)


def _counted(number: int) -> str:
    return f"{number} code" if number == 1 else f"{number} codes"


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST:
            raise CdsError(f"the file is larger than {_LARGEST // 1024 // 1024} MB. Split it.")
        return file.read_bytes()
    except OSError as error:
        raise CdsError(f"the file cannot be read: {error.strerror}.") from None


def _write(text: str, out: Path | None) -> None:
    """Write a new file; one that is there stays as it is."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        wrong_use(f"'{out}' is there already and was left as it is. Name a new file; an overlay may have several.")
    except OSError as error:
        wrong_use(f"'{out}' cannot be written: {error.strerror}.")
