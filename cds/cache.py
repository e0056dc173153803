"""What takes long to work out, kept in files that are named by the content it rests on and by the code that made it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cds.about import PROGRAM

HERE = Path(__file__).resolve().parent


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


def keep(path: Path, content: bytes) -> None:
    """Write a file for this user alone, whole or not at all; a folder that cannot be written is no error."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError:
        return
