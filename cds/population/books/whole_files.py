"""Files that are there whole or not at all, whoever is killed meanwhile."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

UNFINISHED = ".*.begun"
"""The names of files that a killed process left behind."""


def begun_name(path: Path) -> Path:
    """A name of its own for a file until it is whole: a process that was thought to be dead may still write."""
    return path.with_name(f".{path.name}.{uuid4().hex}.begun")


def keep(path: Path, raw: bytes) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = begun_name(path)
    begun.write_bytes(raw)
    begun.replace(path)
