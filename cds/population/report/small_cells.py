"""Small cells are not shown: a count of 1 to 10 patients could lead to one of them.

The rule is the cell size suppression policy of the Centers for Medicare & Medicaid Services (CMS, version of 26 January
2024, https://resdac.org/articles/cms-cell-size-suppression-policy): no cell that holds 1 to 10 may be reported, zero
may; nor may one be reported, percentages included, from which such a cell can be worked out; and it holds for excluded
cases as well. What is done is what the policy offers: cells are suppressed, the next smallest with them where the total
would give them away, or joined where they have an order.

It holds within each table of one report, and between outcomes and the rules that decide them. It does not hold against
somebody who compares two reports, or knows that two tables count the same people (an advice that one outcome always
brings).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import floor, log10
from typing import NamedTuple, TypeAlias, TypeVar

LEAST = 11
"""The smallest count that is shown."""
SHOW_ALL = 1
"""In place of LEAST: every count is shown."""
SUPPRESSED = "suppressed"
"""What stands for a count that is large enough, and would give a small one away."""
Cell: TypeAlias = "int | str"
"""A count; ``<11`` for a small one; or SUPPRESSED."""
Key = TypeVar("Key", bound=Hashable)


def rank(cell: Cell) -> tuple[int, int]:
    """The place of a cell in a list: counts from the highest, then what is not shown, then none."""
    return (1, 0) if isinstance(cell, str) else (0, -cell) if cell else (2, 0)


class SmallCells(NamedTuple):
    """How counts are shown; ``least`` is the smallest that is."""

    least: int = LEAST

    @property
    def few(self) -> str:
        """What stands for a small count."""
        return f"<{self.least}"

    def is_small(self, count: int) -> bool:
        """Whether a count may not be shown."""
        return 0 < count < self.least

    def cell(self, count: int) -> Cell:
        """A count that no shown total holds."""
        return self.few if self.is_small(count) else count

    def hidden(self, count: int) -> Cell:
        """A count of a whole that is not shown."""
        return self.cell(count) if self.is_small(count) or not count else SUPPRESSED

    def part(self, count: int, whole: Cell) -> Cell:
        """A count of some within a whole that is shown beside it: also the others must not be few."""
        return self.hidden(count) if isinstance(whole, str) or self.is_small(whole - count) else self.cell(count)

    def partition(self, counts: Mapping[Key, int]) -> dict[Key, Cell]:
        """Counts of which the sum is known: with a small one the next smallest are suppressed until none follows.

        Nothing small follows when what is hidden is together not small, and each small one may be two numbers at least.
        """
        shown = {key: self.cell(count) for key, count in counts.items()}
        while self._tells(counts, shown):
            left = [key for key, count in counts.items() if count and not isinstance(shown[key], str)]
            if not left:  # too few patients for any: nobody is told which of the cells are the small ones
                return {key: SUPPRESSED if count else 0 for key, count in counts.items()}
            shown[min(left, key=counts.__getitem__)] = SUPPRESSED
        return shown

    def _tells(self, counts: Mapping[Key, int], shown: Mapping[Key, Cell]) -> bool:
        """Whether a small count, or a small sum of counts, follows from what is shown."""
        small = sum(cell == self.few for cell in shown.values())
        others = sum(cell == SUPPRESSED for cell in shown.values())
        if not small:
            return False
        together = sum(counts[key] for key, cell in shown.items() if isinstance(cell, str))
        most = min((cell for cell in shown.values() if isinstance(cell, int) and cell), default=together)
        lowest = max(1, together - (small - 1) * (self.least - 1) - others * most)
        highest = min(self.least - 1, together - (small - 1) - others * self.least)
        return self.is_small(together) or highest <= lowest

    def joined(self, counts: Sequence[int]) -> list[slice]:
        """Neighbours joined until none is small: the places of each group; one group where all are few together."""
        groups = [[n, n + 1, count] for n, count in enumerate(counts)]
        while len(groups) > 1 and (small := [group for group in groups if self.is_small(group[2])]):
            at = groups.index(min(small, key=lambda group: (group[2], -group[0])))
            beside = [n for n in (at - 1, at + 1) if 0 <= n < len(groups)]
            first = min(at, min(beside, key=lambda n: (groups[n][2], n)))
            one, other = groups[first : first + 2]
            groups[first : first + 2] = [[one[0], other[1], one[2] + other[2]]]
        return [slice(first, end) for first, end, _ in groups]

    def per_100(self, cell: Cell, whole: Cell) -> float | None:
        """How many of a hundred of a whole; None where one of the two is not shown."""
        if isinstance(cell, str) or isinstance(whole, str) or not whole:
            return None
        return round(100 * cell / whole, 1)

    def rate(self, count: int, whole: int) -> float | None:
        """How many things there are for a hundred patients; None where the patients are few.

        Two digits: the exact sum would tell how the patients within a joined cell are spread.
        """
        if not whole or self.is_small(whole):
            return None
        found = 100 * count / whole
        return round(found, 1) if self.least == SHOW_ALL or not found else round(found, 1 - floor(log10(found)))


SMALL = f"<{LEAST}"
"""What stands for a small count, as text."""


def is_small(count: int) -> bool:
    """Whether a count is one that may tell who is counted."""
    return SmallCells().is_small(count)


def shown(count: int) -> str:
    """A count as it is published: ``<11`` in place of 1 to 10; none stays 0."""
    return str(SmallCells().cell(count))


def hidden_in(cells: Mapping[Key, int]) -> frozenset[Key]:
    """The cells that are not shown of those that share out a known total."""
    return frozenset(key for key, cell in SmallCells().partition(cells).items() if isinstance(cell, str))
