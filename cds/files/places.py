"""The files of a folder that can hold records, in a stable order; what is passed over is said."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from cds.errors import RecordError

ENDINGS = (".json", ".ndjson", ".jsonl")
"""How the names of files end that are read in a folder; each may have ``.gz`` after it."""
OF_LINES = (".ndjson", ".jsonl")
"""How the names of files end of which each line is a resource or a Bundle."""
Say: TypeAlias = Callable[[Path, str], None]
"""Says something about a file that is no error."""


def is_of_lines(path: Path) -> bool:
    """Whether the name of a file says that each line of it is a resource."""
    return path.name.lower().removesuffix(".gz").endswith(OF_LINES)


def files_in(folder: Path, say: Say) -> tuple[list[Path], list[tuple[Path, RecordError]]]:
    """The files of a folder and of those in it, by their names; and the folders in it that cannot be listed.

    Hidden files and folders, and files with other endings, are passed over.
    """
    found: list[Path] = []
    closed: list[OSError] = []
    others: Counter[str] = Counter()
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = [name for name in folders if not _is_hidden(Path(place, name), say)]
        for name in names:
            path = Path(place, name)
            if not name.lower().removesuffix(".gz").endswith(ENDINGS):
                others[path.suffix or name] += 1
            elif not _is_hidden(path, say):
                found.append(path)
    if others:
        kinds = ", ".join(sorted(others))
        say(folder, f"{others.total()} files that do not end in {', '.join(ENDINGS)} were passed over ({kinds}).")
    return sorted(found), [(Path(error.filename), _not_listed(error)) for error in closed]


def _is_hidden(path: Path, say: Say) -> bool:
    if path.name.startswith("."):
        say(path, "It is hidden, and was passed over.")
        return True
    return False


def _not_listed(error: OSError) -> RecordError:
    return RecordError("unreadable-file", f"The folder cannot be listed: {error.strerror or error.errno}.")
