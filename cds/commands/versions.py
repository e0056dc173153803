"""Two versions of the rules: ``cds diff``, and how commands open a version that a reference names."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import orjson

from cds.bookshelf import open_exactly, rules_folder
from cds.commands.options import (
    as_of_option,
    chosen_overlays,
    day_of,
    json_option,
    population_option,
    rules_option,
    say_what_was_read,
    wrong_use,
)
from cds.commands.populations import patients_only
from cds.errors import CdsError, RulebookError
from cds.review.difference import difference, difference_data
from cds.review.people import people_in, people_of_cases
from cds.rulebook.folder import OVERLAY_MARK
from cds.rulebook.model import RuleBook
from cds.rulebook.regions import layers_of, regions_of


@click.command()
@click.argument("old")
@click.argument("new")
@population_option
@as_of_option
@rules_option
@json_option
def diff_command(
    old: str, new: str, places: tuple[str, ...], as_of: date | None, rules: Path | None, *, as_json: bool
) -> None:
    """Say what changed from OLD to NEW, and which patients get another outcome or other advice.

    OLD and NEW are folders of rule files, git revisions of the rule files (of --rules), or overlays over them.
    --overlay is laid over both.
    """
    patients_only(places)
    folder = rules_folder(rules)
    before, after = _side(old, folder, "Old"), _side(new, folder, "New")
    try:
        people = people_in(places, day_of(as_of)) if places else people_of_cases(before, after)
        found = difference(before, after, people)
    except CdsError as error:
        wrong_use(str(error))
    if places and not found.patients and not found.unread:
        wrong_use("--population: these places hold no patient.")
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(difference_data(found), option=orjson.OPT_APPEND_NEWLINE))
    else:
        from cds.screen.rules import print_difference  # noqa: PLC0415 - what is not shown is not loaded

        print_difference(found, invented=not places)
    sys.exit(1 if found.unread else 0)


def _side(reference: str, folder: Path, title: str) -> RuleBook:
    """The rulebook of one side, which is said on the error stream; exit status 2 where there is none."""
    try:
        if reference not in regions_of(folder) and not (Path(reference) / OVERLAY_MARK).is_file():
            return version_at(reference, folder, title)
        overlays = layers_of(folder, [reference])
        book = open_exactly(folder, *overlays)
        say_what_was_read(title, folder, overlays, book)
        return book
    except RulebookError as error:
        problems = "\n".join(error.lines)
        wrong_use(f"the rules at '{reference}' cannot be read:\n{problems}")
    except CdsError as error:
        wrong_use(str(error))


def version_against(reference: str, folder: Path) -> RuleBook:
    """The rulebook that ``--against`` names; exit status 2 where there is none."""
    try:
        return version_at(reference, folder, "Against")
    except RulebookError as error:
        wrong_use(f"--against: the rules at '{reference}' cannot be read: {error.problems[0]}")
    except CdsError as error:
        wrong_use(f"--against: {error}")


def version_at(reference: str, folder: Path, title: str) -> RuleBook:
    """The rulebook of a git revision of a folder of rules, or of another folder; ``title`` begins the line about it.

    Raises:
        CdsError: the reference is neither.
        RulebookError: with every problem of every file.

    """
    overlays = chosen_overlays(folder)
    with rules_at(reference, folder) as place:
        book = open_exactly(place, *overlays)
    named = Path(reference)
    say_what_was_read(title, named if named.is_dir() else folder, overlays, book, "" if named.is_dir() else reference)
    return book


@contextmanager
def rules_at(reference: str, folder: Path) -> Iterator[Path]:
    """The rule files of a folder as they were at a git revision; or another folder, if the reference names one.

    Raises:
        CdsError: when the reference is neither.

    """
    if Path(reference).is_dir():
        yield Path(reference)
        return
    command = ["git", "-C", str(folder), "archive", "--format=tar", "--end-of-options", reference, "."]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a fixed command, no shell
    if done.returncode:
        raise CdsError(f"'{reference}' is neither a folder nor a git revision of '{folder}'.")
    with TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(place, filter="data")
        yield Path(place)
