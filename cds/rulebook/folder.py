"""The folder of a rulebook: where it is, its files, and the hash that names their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

MARK = "rulebook.yaml"
"""The file without which a folder is no rulebook."""
OVERLAY_MARK = "overlay.yaml"
"""The file that makes a folder an overlay."""
SUFFIX = ".yaml"
"""How the name of a rule file ends."""


def working_rules() -> Path | None:
    """The rulebook of the working directory: its folder ``rules``, or the directory itself; None where it has none.

    Inside a clone the directories above it count as well, up to the one that git keeps. Whoever can write into a
    directory above, or put a folder into a shared one, must not choose the rules of somebody else: only what belongs
    to the owner of the working directory is taken.
    """
    try:
        here = Path.cwd()
        places = (folder for place in _up_to_git(here) for folder in (place / "rules", place))
        return next((folder for folder in places if _belongs(folder, here)), None)
    except OSError:
        return None


def passed_over() -> str:
    """Why the folder ``rules`` of the working directory is not its rulebook; empty where it is, or is not there."""
    try:
        here = Path.cwd()
        folder = here / "rules"
        if not folder.is_dir() or _belongs(folder, here):
            return ""
        return f"{folder} " + ("belongs to somebody else" if (folder / MARK).is_file() else f"has no {MARK}")
    except OSError:
        return ""


def _up_to_git(here: Path) -> Iterator[Path]:
    yield here
    above = (here, *here.parents)
    root = next((number for number, place in enumerate(above) if (place / ".git").exists()), 0)
    yield from above[1 : root + 1]


def _belongs(folder: Path, here: Path) -> bool:
    mark, owner = folder / MARK, here.stat().st_uid
    return mark.is_file() and mark.stat().st_uid == owner == folder.stat().st_uid


def rule_files(folder: Path) -> list[Path]:
    """Every YAML file of the folder, in the order of their names; an overlay that is kept inside is no part of it.

    One whose name ends in ``.yml`` or ``.YAML`` is among them: its author believes that it is read.
    """
    overlays = {path.parent for path in folder.rglob(OVERLAY_MARK)} - {folder}
    files = (path for path in folder.rglob("*.*") if path.suffix.lower() in (SUFFIX, ".yml") and path.is_file())
    return sorted(path for path in files if not overlays.intersection(path.parents))


def place_of(folder: Path, overlay: Path) -> str:
    """With what the names of the files of an overlay begin: one that is kept inside the rules has its place there."""
    place, rules = overlay.resolve(), folder.resolve()
    if place.is_relative_to(rules):
        return f"{place.relative_to(rules).as_posix()}/"
    return f"{place.name} (overlay)/" if (folder / place.name).exists() else f"{place.name}/"


def fingerprint(folder: Path, *overlays: Path) -> str:
    """The SHA-256 of all rule files, names and contents; with overlays, of all folders in their order."""
    digest = hashlib.sha256()
    for path in rule_files(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    found = digest.hexdigest()
    for overlay in overlays:
        found = hashlib.sha256(f"{found}\0{fingerprint(overlay)}".encode()).hexdigest()
    return found
