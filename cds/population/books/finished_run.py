"""A run that is over: what its folder says of it, and where its answers stand. Nothing of the patients is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import orjson

from cds.about import PROGRAM
from cds.errors import CdsError
from cds.jsontypes import Json

RUN_FILE, LEDGER_FILE = "run.json", "ledger.json"
FORMAT = 1


class RunError(CdsError):
    """A run cannot begin, or not go on."""

    code = "run"


class NotARunError(CdsError):
    """The folder holds no run that can be read."""

    code = "not-a-run"


class FinishedRun(NamedTuple):
    """A run: its folder, its files of answers, what it was made with, and what is wrong with it.

    ``inputs`` are the hashes (SHA-256) of the files that were read, by the names under which they were given;
    ``patients`` is how many its ledger counts; ``problems`` are the sentences for which the run is incomplete, none
    where its books balance.
    """

    folder: Path
    as_of: date
    version: str
    sha256: str
    overlay: str
    program: str
    inputs: Mapping[str, str]
    patients: int
    problems: tuple[str, ...]
    parts: tuple[Path, ...]

    @property
    def rulebook(self) -> str:
        """The rulebook in words: version, start of the hash, and the overlay where it has one."""
        over = f" with the overlay {self.overlay}" if self.overlay else ""
        return f"{self.version}, sha256 {self.sha256[:12]}{over}"

    @property
    def identity(self) -> str:
        """A name for what is answered here: the same for the same data, rules, program and day, wherever they lay."""
        told = [self.as_of.isoformat(), self.sha256, self.program, *sorted(self.inputs.values())]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def is_run(place: Path) -> bool:
    """Whether a place is the folder of a run."""
    try:
        return (place / RUN_FILE).is_file()
    except (OSError, ValueError):
        return False


def finished_run(folder: Path) -> FinishedRun:
    """The run in a folder.

    Raises:
        NotARunError: a file of it is missing, cannot be read, or is of another format.

    """
    told, ledger = file_of_run(folder, RUN_FILE), file_of_run(folder, LEDGER_FILE)
    if told.get("format") != FORMAT:
        raise NotARunError(f"'{folder}' is a run of another format than {FORMAT}. Run it again with this version.")
    parts = tuple(sorted((folder / "results").glob("part-*.parquet")))
    try:
        found = _run_of(folder, told, ledger, parts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotARunError(f"'{folder / RUN_FILE}' does not say what a run says. Run it again.") from error
    if not parts:
        raise NotARunError(f"'{folder}' holds no results. Run it again.")
    return found


def _run_of(folder: Path, told: Json, ledger: Json, parts: tuple[Path, ...]) -> FinishedRun:
    book = told["rulebook"]
    return FinishedRun(
        folder,
        date.fromisoformat(told["asOf"]),
        book["version"],
        book["sha256"],
        book.get("overlay") or "",
        told["versions"][PROGRAM],
        {item["file"]: item["sha256"] for item in told["inputs"]},
        int(ledger["patients"]["in"]),
        tuple(ledger["problems"]),
        parts,
    )


def file_of_run(folder: Path, name: str) -> Json:
    """The data of one of the JSON files that a run writes.

    Raises:
        NotARunError: it cannot be opened, or is no JSON object.

    """
    try:
        data = orjson.loads((folder / name).read_bytes())
    except OSError as error:
        raise NotARunError(
            f"'{folder}' is no finished run: '{name}' cannot be read ({error.strerror}). Name the folder that "
            "'cds population run --out' wrote."
        ) from None
    except ValueError:
        raise NotARunError(f"'{folder / name}' is not JSON. Run it again.") from None
    if not isinstance(data, dict):
        raise NotARunError(f"'{folder / name}' is no JSON object. Run it again.")
    return data
