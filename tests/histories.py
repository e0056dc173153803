"""A small population over time, for properties such as: what a later run reuses is what it would have worked out."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson
from invented.events import EVENTS, State
from invented.medicines import formulary
from invented.templates import Json

LINES_PER_FILE = 25
SMALL_STEPS = (0, 0, 1, 3, 14, 30, 61)


class Step(NamedTuple):
    """A day, and the complete content of the export on it: the lines of each file, without newlines."""

    day: date
    files: dict[str, list[bytes]]


def history(seed: int, people: int = 5, steps: int = 8) -> list[Step]:
    """A history of a few people, the same for a seed; days never go back. The first step is how it begins."""
    return [step for step, _ in told(seed, people, steps)]


def told(seed: int, people: int = 5, steps: int = 8) -> list[tuple[Step, list[str]]]:
    """A history with what happened before each step: names in ``EVENTS``."""
    state = State(seed, people, list(formulary()))
    found: list[tuple[Step, list[str]]] = [(_step(state), [])]
    for _ in range(steps - 1):
        names = state.chance.sample(list(EVENTS), state.chance.choice((1, 1, 2, 3)))
        names = ["nothing"] if "nothing" in names else names
        days = state.chance.randint(1, 400) if names == ["nothing"] else state.chance.choice(SMALL_STEPS)
        state.day += timedelta(days=days)
        for name in names:
            EVENTS[name](state)
        found.append((_step(state), names))
    return found


def _step(state: State) -> Step:
    by_type: dict[str, list[bytes]] = {}
    for one in state.resources:
        by_type.setdefault(one["resourceType"], []).append(orjson.dumps(one))
    return Step(state.day, {
        f"{1 + begin // LINES_PER_FILE}.{kind}.ndjson": lines[begin : begin + LINES_PER_FILE]
        for kind, lines in by_type.items() for begin in range(0, len(lines), LINES_PER_FILE)
    })  # fmt: skip


def write_step(step: Step, folder: Path) -> None:
    """Make a folder hold what the export holds in a step, with its manifest, and no other NDJSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.ndjson"):
        path.unlink()
    for name, lines in step.files.items():
        (folder / name).write_bytes(b"".join(line + b"\n" for line in lines))
    (folder / "manifest.json").write_bytes(orjson.dumps(_manifest(step)))


def _manifest(step: Step) -> Json:
    output = [
        {"type": name.split(".")[1], "url": f"https://ehr.example.org/bulk/{step.day}/{name}", "count": len(lines)}
        for name, lines in step.files.items()
    ]
    return {
        "transactionTime": f"{step.day}T23:59:00Z", "request": "https://ehr.example.org/bulk/$export",
        "requiresAccessToken": False, "output": output, "deleted": [], "error": [],
    }  # fmt: skip
