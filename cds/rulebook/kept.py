"""Where what follows from a rulebook is kept on disk: the files beside the one from which it was opened."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cds.rulebook.model import RuleBook

MOST_BOOKS = 8
"""So many rulebooks are open in one process at most; the one that was asked for longest ago is forgotten first."""


class _Kept(NamedTuple):
    """The cache file of a rulebook, and the folder from which it was opened, where that is known."""

    place: Path
    folder: Path | None


_PLACES: dict[RuleBook, _Kept] = {}


def note_cache_file(book: RuleBook, place: Path, folder: Path | None = None) -> None:
    """Remember the cache file of a rulebook that was opened, and its folder."""
    if len(_PLACES) >= MOST_BOOKS:
        _PLACES.pop(next(iter(_PLACES)), None)
    _PLACES[book] = _Kept(place, folder)


def cache_file_of(book: RuleBook) -> Path | None:
    """The cache file of a rulebook; None for one that was not opened from a folder, such as a changed copy."""
    found = _PLACES.pop(book, None)
    if found is not None:
        _PLACES[book] = found
    return found and found.place


def folder_of(book: RuleBook) -> Path | None:
    """The folder from which a rulebook was opened, without its overlays; None for any other, such as a changed copy."""
    found = _PLACES.get(book)
    return found and found.folder
