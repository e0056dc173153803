"""What several commands share: options, opening a rulebook, and saying what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from cds.bookshelf import is_installed, open_exactly, overlay_names, rules_folder
from cds.boundary import error_boundary
from cds.commands import completion
from cds.errors import CdsError, RulebookError, with_code
from cds.rulebook.folder import passed_over
from cds.rulebook.model import RuleBook
from cds.rulebook.regions import REGIONS, layers_of

FILE = click.Path(path_type=Path)
RECORD = click.Path(path_type=Path, readable=False)
"""A file about a patient: one that cannot be read is an error about that file, and no wrong use of the command."""
_OVERLAY = "cds.overlay"
"""Where the context of a command keeps the overlay that was named."""
C = TypeVar("C", bound=Callable[..., Any])
T = TypeVar("T")


def _keep_overlays(context: click.Context, _: click.Parameter, overlays: tuple[str, ...]) -> None:
    context.meta[_OVERLAY] = overlays


RULES_HELP = "Rule files (default: CDS_RULES, else 'rules' of the working directory, else the built-in ones)."
base_option = click.option("--rules", type=FILE, metavar="DIR", help=RULES_HELP)
bases_option = click.option("--rules", type=FILE, multiple=True, metavar="DIR", help=f"{RULES_HELP} May be repeated.")
overlay_option = click.option(
    "--overlay",
    multiple=True,
    metavar="NAME|DIR",
    expose_value=False,
    callback=_keep_overlays,
    shell_complete=completion.overlays,
    help=(
        "A region by its name, or a folder with what this hospital replaces, adds and switches off; may be repeated, "
        "a region and a folder (default: CDS_OVERLAY, else nothing)."
    ),
)


def rules_option(command: C) -> C:
    """``--rules``, which the command receives, and ``--overlay``, which ``opened`` asks for."""
    return base_option(overlay_option(command))


def rules_options(command: C) -> C:
    """The same for a command that works with several rulebooks; the overlay is that of the first."""
    return bases_option(overlay_option(command))


def named_overlays() -> tuple[str, ...]:
    """What the running command was told to lay over the rules."""
    context = click.get_current_context(silent=True)
    return tuple(context.meta.get(_OVERLAY, ())) if context else ()


def chosen_overlays(folder: Path, configured: Sequence[str] = ()) -> tuple[Path, ...]:
    """The folders laid over the rules of a folder.

    Those named to the running command, else those of a configuration, else those of ``CDS_OVERLAY``.
    """
    try:
        return layers_of(folder, overlay_names(named_overlays() or configured))
    except CdsError as error:
        wrong_use(f"{error} Name it with --overlay or CDS_OVERLAY.")


def _day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    """The calendar day that was written; wrong use when it is none."""
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if day.isoformat() != value:
        raise click.BadParameter(f"'{value}' is no day. Write it like 2026-11-22.")
    return day


def day_option(*names: str, says: str) -> Callable[[C], C]:
    """An option for a calendar day, which the command receives as a date or None."""
    return click.option(*names, callback=_day, metavar="DATE", help=says)


as_of_option = day_option("--as-of", says="Evaluate as of this day, like 2026-11-22 (default: today).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
population_option = click.option(
    "--population",
    "places",
    multiple=True,
    metavar="FILES",
    help="Patients: a FHIR JSON file, an NDJSON file of Bundles, a folder, or a pattern. May be repeated.",
)


def opened(rules: Path | None, title: str = "Rules") -> RuleBook:
    """The rulebook of a folder, which is said on the error stream in a line that begins with the title.

    Exit status 2, with every problem on the screen, where it has any.
    """
    folder = rules_folder(rules)
    return _opened(folder, chosen_overlays(folder), title)


def opened_plainly(folder: Path, overlays: tuple[Path, ...] = ()) -> RuleBook:
    """The rulebook of a folder with these overlays and no others, said and refused as ``opened`` does."""
    return _opened(folder, overlays, "Rules")


def _opened(folder: Path, overlays: tuple[Path, ...], title: str) -> RuleBook:
    if not folder.is_dir():
        wrong_use(f"there is no folder of rule files at '{folder}'. Name it with --rules or CDS_RULES.")
    try:
        book = open_exactly(folder, *overlays)
    except RulebookError as error:
        click.echo("\n".join(error.lines), err=True)
        places = " and ".join(f"'{place}'" for place in (folder, *overlays))
        count = "one problem" if len(error.problems) == 1 else f"{len(error.problems)} problems"
        click.echo(f"The rule files in {places} have {count}; nothing was evaluated.", err=True)
        sys.exit(2)
    except OSError as error:
        wrong_use(f"the rule file '{error.filename}' cannot be read: {error.strerror}. Nothing was evaluated.")
    say_what_was_read(title, folder, overlays, book)
    if is_installed(folder) and (reason := passed_over()):
        click.echo(f"Passed over: {reason}.", err=True)
    return book


def say_what_was_read(title: str, folder: Path, overlays: tuple[Path, ...], book: RuleBook, revision: str = "") -> None:
    """Say on the error stream where a rulebook was read, and which one it is: version and the start of its hash.

    Answers follow from the rules, and the rules from where a command was started: nobody should have to guess.
    """
    place = f"{folder.resolve()}{f' at {revision}' if revision else ' (installed)' if is_installed(folder) else ''}"
    over = "".join(f" with the {_called(folder, overlay)}" for overlay in overlays)
    click.echo(f"{title}: {place}{over}, version {book.version}, sha256 {book.sha256[:12]}", err=True)


def _called(folder: Path, overlay: Path) -> str:
    """What an overlay is called; of a region that a folder of the same name lies beside, how that is named."""
    if overlay.resolve().parent != (folder / REGIONS).resolve():
        return f"overlay {overlay.resolve()}"
    beside = Path(overlay.name)
    other = beside.is_dir() and beside.resolve() != overlay.resolve()
    return f"region {overlay.name}" + (f" (not the folder here: that is ./{overlay.name})" if other else "")


def day_of(as_of: date | None) -> date:
    """The day of evaluation: the one given, else today where the user is."""
    return as_of or date.today()  # noqa: DTZ011


def made_from(path: Path, make: Callable[[], T]) -> T | CdsError:
    """What is made from a file; else what is wrong with it, once that was said."""
    found = tried(make)
    if isinstance(found, CdsError):
        complain(path, found)
    return found


def tried(make: Callable[[], T]) -> T | CdsError:
    """What is made; else the error for which nothing is."""
    try:
        with error_boundary():
            return make()
    except CdsError as error:
        return error


def complain(path: Path, error: CdsError) -> None:
    """Say on the error stream, in one line, what is wrong with a file."""
    remark(path, with_code(error))


def remark(path: Path, text: str) -> None:
    """Say on the error stream, in one line, something about a file."""
    name = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(path))
    click.echo(f"{name}: {text}", err=True)


def wrong_use(text: str) -> NoReturn:
    """End with exit status 2."""
    click.echo(f"Error: {text}", err=True)
    sys.exit(2)
