"""The files of a rulebook, and the hash that names their content."""

from __future__ import annotations

import hashlib
from pathlib import Path


def rule_files(folder: Path) -> list[Path]:
    """Every YAML file of the folder, in the order of their names; an overlay that is kept inside is no part of it."""
    overlays = {path.parent for path in folder.rglob("overlay.yaml")} - {folder}
    return sorted(path for path in folder.rglob("*.yaml") if path.is_file() and not overlays.intersection(path.parents))


def fingerprint(folder: Path, overlay: Path | None = None) -> str:
    """The SHA-256 of all rule files, names and contents; with an overlay, of both folders."""
    digest = hashlib.sha256()
    for path in rule_files(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    own = digest.hexdigest()
    return own if overlay is None else hashlib.sha256(f"{own}\0{fingerprint(overlay)}".encode()).hexdigest()
