"""What the terminal shows of a run over many patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cds.jsontypes import Json


@contextmanager
def steps() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each step on the error stream, with a forecast, while that is a terminal."""
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, *times, console=errors, disable=not errors.is_terminal) as bar:
        tasks: dict[str, int] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        yield tell


def run_text(ledger: Json, folder: Path, seconds: float) -> str:
    """The summary at the end of a run: whether it is complete, patients, lines by type."""
    problems, patients = ledger["problems"], ledger["patients"]
    lines = ["incomplete" if problems else "complete", *(f"  {problem}" for problem in problems)]
    refused = ", ".join(f"{number} {reason}" for reason, number in patients["refused"].items()) or "none refused"
    lines.append(f"{patients['in']} patients: {patients['answered']} answered, {refused}.")
    lines += [f"{count} lines name no patient of these data." for count in [_nobodys(ledger)] if count]
    dead = sum(row["deadLetter"] for row in ledger["rows"])
    lines += [f"{dead} lines cannot be read ({ledger['unattributed']} of unknown patients)."] if dead else []
    lines.append(f"{seconds:.1f} s. Everything is in {folder}.")
    return "\n".join([*lines, ""])


def _nobodys(ledger: Json) -> int:
    return sum(row["refused"].get("names-no-patient", 0) for row in ledger["rows"])
