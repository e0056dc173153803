"""Where what follows from a rulebook is kept on disk: the files beside the one from which it was opened."""

from __future__ import annotations

from pathlib import Path

from cds.rulebook.model import RuleBook

MOST_BOOKS = 8
"""So many rulebooks are open in one process at most; the one that was asked for longest ago is forgotten first."""
_PLACES: dict[RuleBook, Path] = {}


def note_cache_file(book: RuleBook, place: Path) -> None:
    """Remember the cache file of a rulebook that was opened."""
    if len(_PLACES) >= MOST_BOOKS:
        _PLACES.pop(next(iter(_PLACES)), None)
    _PLACES[book] = place


def cache_file_of(book: RuleBook) -> Path | None:
    """The cache file of a rulebook; None for one that was not opened from a folder, such as a changed copy."""
    place = _PLACES.pop(book, None)
    if place is not None:
        _PLACES[book] = place
    return place
