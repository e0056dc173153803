"""``cds diff``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
import orjson

from cds.bookshelf import open_rulebook, rules_folder
from cds.commands.common import as_of_option, day_of, population_option, rules_option, say_what_was_read, wrong_use
from cds.commands.versions import version_at
from cds.errors import CdsError, RulebookError
from cds.review.difference import difference, difference_data
from cds.review.population import people_in, people_of_cases
from cds.rulebook.model import RuleBook


@click.command()
@click.argument("old")
@click.argument("new")
@population_option
@as_of_option
@rules_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    old: str, new: str, places: tuple[str, ...], as_of: date | None, rules: Path | None, *, as_json: bool
) -> None:
    """Say what changed from OLD to NEW, and which patients get another outcome or other advice.

    OLD and NEW are folders of rule files, git revisions of the rule files (of --rules), or overlays over them.
    --overlay is laid over both.
    """
    folder = rules_folder(rules)
    before, after = _opened(old, folder, "Old"), _opened(new, folder, "New")
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
        from cds.screen.difference import print_difference  # noqa: PLC0415 - what is not shown is not loaded

        print_difference(found, invented=not places)
    sys.exit(1 if found.unread else 0)


def _opened(reference: str, folder: Path, title: str) -> RuleBook:
    """The rulebook of one side, which is said on the error stream; exit status 2 where there is none."""
    overlay = Path(reference)
    try:
        if not (overlay / "overlay.yaml").is_file():
            return version_at(reference, folder, title)
        book = open_rulebook(folder, overlay)
        say_what_was_read(title, folder, overlay, book)
        return book
    except RulebookError as error:
        problems = "\n".join(error.lines)
        wrong_use(f"the rules at '{reference}' cannot be read:\n{problems}")
    except CdsError as error:
        wrong_use(str(error))
