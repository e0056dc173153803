"""What takes long to work out, kept in files that are named by the content it rests on and by the code that made it."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from cds.about import PROGRAM

DAYS_KEPT = 30
"""What was kept so many days ago is worked out again when it is asked for."""
NAMED_BY_KEY = re.compile("[0-9a-f]{64}")
HERE = Path(__file__).resolve().parent
READING = ("code_systems.py", "errors.py", "jsontypes.py", "quantity.py", "rulebook", "forms", "facts", "topics")
"""The code that a rulebook is read and compiled by."""
DECIDING = (*READING, "about.py", "evaluation.py", "intake", "reasoning")
"""The code that an answer rests on."""


def cache_folder() -> Path:
    """Where such files are: ``$XDG_CACHE_HOME/calcium-cds``, else ``~/.cache/calcium-cds``."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(home) / PROGRAM


def key_of(content: object, sources: Iterable[str]) -> str:
    """A name for what follows from a content (by its ``repr``) and from code: modules and folders of this package."""
    digest = hashlib.sha256(repr(content).encode())
    for path in _modules(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _modules(sources: Iterable[str]) -> Iterator[Path]:
    for name in sources:
        place = HERE / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def read_own(path: Path) -> bytes:
    """The content of a file that this user wrote and nobody else can have written.

    Raises:
        OSError: there is none, or it or its folder belongs to somebody else, or others can write there.

    """
    with path.open("rb") as file:
        for found in (os.fstat(file.fileno()), path.parent.stat()):
            if found.st_mode & 0o022 or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
                raise PermissionError(f"{path.name} can be written by others")
        return file.read()


def keep(path: Path, content: bytes) -> None:
    """Write a file for this user alone, whole or not at all; a folder that cannot be written is no error."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.replace(path)
        _forget_old(path.parent)
    except OSError:
        return


def _forget_old(folder: Path) -> None:
    """Remove what ``key_of`` named long ago: whoever edits rules leaves a rulebook behind with each change."""
    oldest = time.time() - DAYS_KEPT * 24 * 60 * 60
    for path in folder.iterdir():
        if NAMED_BY_KEY.fullmatch(path.stem) and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
