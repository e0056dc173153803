"""``--watch``: a command that runs again whenever a rule file changes, until it is ended with Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias

import click

from cds.bookshelf import rules_folder
from cds.commands.options import chosen_overlays
from cds.rulebook.folder import SUFFIX

PAUSE = 0.3
"""The seconds between two looks; a change counts once two looks find the same, as editors write in several steps."""
Look: TypeAlias = "dict[Path, tuple[int, int]]"
"""The files, each with the time of its last change and its size."""
Command: TypeAlias = Callable[..., Any]


def watch_option(*naming_rules: str) -> Callable[[Command], Command]:
    """``--watch`` for a command of which one of the parameters of these names is the folder of the rules."""

    def decorate(command: Command) -> Command:
        @click.option("--watch", is_flag=True, help="Run again whenever a rule file changes, until Ctrl-C.")
        @wraps(command)
        def run(*, watch: bool, **given: Any) -> None:
            if not watch:
                command(**given)
                return
            folder = rules_folder(next(filter(None, map(given.get, naming_rules)), None))
            sys.exit(run_again((folder, *chosen_overlays(folder)), lambda: command(**given)))

        return run

    return decorate


def run_again(folders: Iterable[Path], command: Callable[[], None]) -> int:
    """Run a command now and after each change of the files in folders; the exit status of its last run, at Ctrl-C."""
    places, status = tuple(folders), 0
    try:
        while True:
            before = look_at(places)
            click.clear()
            status = _status_of(command)
            click.echo(f"Exit status {status}. Waiting for changes in {', '.join(map(str, places))}; Ctrl-C ends.")
            _wait(places, before)
    except (KeyboardInterrupt, click.Abort):
        return status


def look_at(folders: Iterable[Path]) -> Look:
    """The rule files of folders as they are now; one that goes away meanwhile is not among them."""
    found: Look = {}
    for folder in folders:
        for path in folder.rglob(f"*{SUFFIX}"):
            try:
                stat = path.stat()
            except OSError:
                continue
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def _wait(folders: tuple[Path, ...], before: Look) -> None:
    """Return once the files are others, and stay as they are between two looks."""
    while (now := look_at(folders)) == before:
        time.sleep(PAUSE)
    time.sleep(PAUSE)
    while (later := look_at(folders)) != now:
        now = later
        time.sleep(PAUSE)


def _status_of(command: Callable[[], None]) -> int:
    """The exit status with which a command ends, as its process would."""
    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
