"""Small cells of published tables: a count of one to ten patients may tell who they are, and is not shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 11
"""The smallest count that is published (the rule of CMS for cell sizes)."""
SMALL = f"<{LEAST}"


def is_small(count: int) -> bool:
    """Whether a count is one that may tell who is counted."""
    return 0 < count < LEAST


def shown(count: int) -> str:
    """A count as it is published: ``<11`` in place of 1 to 10; none stays 0."""
    return SMALL if is_small(count) else str(count)


def hidden_in(cells: Mapping[str, int]) -> frozenset[str]:
    """The cells that are not shown of those that share out a known total.

    These are the small ones; and the next smallest after them, as long as what is hidden could be worked out from the
    total: one cell alone, or fewer than 11 patients together.
    """
    hidden: list[str] = []
    for name, count in sorted(cells.items(), key=lambda cell: (cell[1], cell[0])):
        small_alone = bool(hidden) and (len(hidden) < 2 or sum(cells[name] for name in hidden) < LEAST)
        if count and (count < LEAST or small_alone):
            hidden.append(name)
    return frozenset(hidden)
