"""``cds second-reading``: whether a rule says for every patient what its sentence says to somebody else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds.about import PROGRAM
from cds.commands.completion import rule_ids
from cds.commands.options import FILE, opened, rules_option, wrong_use
from cds.errors import RulebookError, nearest
from cds.rulebook.model import RuleBook
from cds.rulebook.second_reading import ReadTwice, form_for, read_twice

if TYPE_CHECKING:
    from cds.proof.second_reading import Parting


@click.command()
@click.argument("rule", metavar="RULE", shell_complete=rule_ids)
@click.option("--reading", type=FILE, metavar="FILE", help="What the second reader wrote; without it, print the form.")
@click.option("--witnesses", type=FILE, metavar="DIR", help="Write the patients about whom the readings part there.")
@rules_option
def second_reading_command(rule: str, reading: Path | None, witnesses: Path | None, rules: Path | None) -> None:
    """Compare RULE with what somebody else makes of its sentence, for every possible patient.

    First print the form (cds second-reading RULE > FILE), give it to somebody who has not seen the rule's conditions,
    then compare: cds second-reading RULE --reading FILE.
    """
    book = opened(rules)
    if rule not in book.rules:
        wrong_use(f"there is no rule '{rule}'. {nearest(rule, book.rules)}")
    if reading is None:
        click.echo(form_for(book, rule), nl=False)
        return
    if find_spec("z3") is None:
        wrong_use(f"the solver z3 is not installed. Install it with: pip install '{PROGRAM}[prove]'")
    sys.exit(_compare(_read(reading, rule, book), witnesses))


def _read(path: Path, rule: str, book: RuleBook) -> ReadTwice:
    try:
        read = read_twice(path, book, book.topic.scales)
    except RulebookError as error:
        click.echo("\n".join(error.lines), err=True)
        sys.exit(2)
    except OSError as error:
        wrong_use(f"'{path}' cannot be read: {error.strerror}.")
    if read.rule != rule:
        wrong_use(f"'{path}' is a reading of {read.rule}, not of {rule}.")
    return read


def _compare(read: ReadTwice, folder: Path | None) -> int:
    from cds.proof.second_reading import partings  # noqa: PLC0415 - the solver is an extra

    found = partings(read)
    for parting in found:
        if parting.exists is False:
            continue
        click.echo(f"They part: {parting.says}." if parting.exists else f"Not settled: whether {parting.says}.")
        for line in parting.words:
            click.echo(f"  {line}")
    if folder is not None:
        _write(found, read.rule, folder)
    if any(parting.exists is not False for parting in found):
        return 1
    click.echo(f"{read.rule} and the reading of {read.reader} are the same for every possible patient.")
    return 0


def _write(found: Iterable[Parting], rule: str, folder: Path) -> None:
    """Write the patients; those of an earlier reading of the same rule go."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, parting in enumerate(found, 1):
        path = folder / f"{rule}-{number}.json"
        path.unlink(missing_ok=True)
        if parting.bundle is not None:
            path.write_text(json.dumps(parting.bundle, indent=1), "utf-8")
