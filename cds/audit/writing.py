"""The audit book as a folder of files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cds.audit.contents import Press
from cds.audit.matter import Matter
from cds.audit.whole import Page
from cds.errors import CdsError

LIST = "pages.txt"
"""The file that names every page of the book, so that a newer one replaces it whole."""


class FolderInUseError(CdsError):
    """The folder holds something that is no audit book."""

    code = "folder-in-use"


def write_book(matter: Matter, folder: Path) -> list[Path]:
    """Write the book to a folder, in place of an older one; the files written.

    Raises:
        FolderInUseError: the folder holds other files; nothing was written.
        OSError: a file cannot be written.

    """
    older = _older(folder)
    return _write(Press(matter).pages(), folder, older)


def _older(folder: Path) -> set[str]:
    """The pages of the book that the folder holds already."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    listed = folder / LIST
    if not listed.is_file():
        raise FolderInUseError(f"'{folder}' is not empty and holds no audit book. Name another folder with --out.")
    return {name for name in listed.read_text(encoding="utf-8").splitlines() if name and Path(name).name == name}


def _write(pages: Iterable[Page], folder: Path, older: set[str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for page in pages:
        path = folder / page.name
        path.write_text(page.html, encoding="utf-8", newline="\n")
        written.append(path)
    for name in older - {path.name for path in written}:
        (folder / name).unlink(missing_ok=True)
    (folder / LIST).write_text("".join(f"{path.name}\n" for path in written), encoding="utf-8", newline="\n")
    return written
