"""Results of ``cds check`` in a terminal or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from cds.review.changes import Change
from cds.review.check import Checked


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the error stream, while it is a terminal."""
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_check(result: Checked, *, as_json: bool) -> None:
    """Every problem, and the figures."""
    figures = {
        "rules": result.rules, "cases": result.cases, "changes tried": result.mutants,
        "noticed": None if result.caught is None else round(result.caught, 1), "accepted": result.accepted,
        "problems": len(result.problems), "overridden": len(result.notes), "held back": result.held_back,
    }  # fmt: skip
    if as_json:
        for note in result.notes:
            print(json.dumps({**note._asdict(), "note": True}))
        for problem in result.problems:
            print(json.dumps(problem._asdict()))
        print(json.dumps(figures))
        return
    for note in result.notes:
        print(f"note: {note}")
    for problem in result.problems:
        print(problem)
    print(f"{result.rules} rules, {result.cases} cases, {_changes(result)} {_problems(result)}")


def _changes(result: Checked) -> str:
    """What the small changes show; while a case fails they were not tried, as it would seem to notice each of them."""
    if result.caught is None:
        waiting = f" {result.held_back} wait until every case holds" if result.held_back else " there are none"
        return f"no small change tried:{waiting}."
    said = f"{result.mutants} small changes tried: {result.caught:.1f} % noticed, {result.accepted} accepted."
    back = "until every rule has its cases and every finding is read"
    return f"{said} {result.held_back} that were not noticed are held back {back}." if result.held_back else said


def _problems(result: Checked) -> str:
    notes = f" {len(result.notes)} things of the base are overridden by the overlay." if result.notes else ""
    return f"{len(result.problems)} problems.{notes}"


def print_changes(found: list[Change], old: str, proposed: str, *, as_json: bool) -> None:
    """What changed between two versions, and the version it calls for."""
    if as_json:
        print(json.dumps({"old": old, "proposed": proposed, "changes": [change._asdict() for change in found]}))
        return
    for change in found:
        print(f"[{change.level}] {change.what}")
    print(f"{len(found)} changes since {old}; this calls for version {proposed}.")
