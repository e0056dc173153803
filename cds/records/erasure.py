"""An erasure as the log keeps it: which records lost which part, and why, by their numbers alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Literal, NamedTuple

import orjson

Part = Literal["requests", "decisions", "feedback"]
"""What can be erased: requests alone; decisions with their requests and cards; feedback."""
Why = Literal["patient", "client", "age", "operator"]
PARTS: tuple[Part, ...] = ("requests", "decisions", "feedback")


class Range(NamedTuple):
    """Numbers from the first to the last one."""

    first: int
    last: int


class Erasure(NamedTuple):
    """An erasure: it never names a patient, not even by a pseudonym. A range is about the records of its part alone."""

    time: str
    why: Why
    ranges: dict[Part, tuple[Range, ...]]

    @property
    def content(self) -> bytes:
        """Its canonical JSON."""
        ranges = {part: [list(one) for one in found] for part, found in self.ranges.items() if found}
        return orjson.dumps({"time": self.time, "why": self.why, "ranges": ranges}, option=orjson.OPT_SORT_KEYS)


def erasure_of(content: bytes) -> Erasure:
    """The erasure of a canonical JSON.

    Raises:
        ValueError, KeyError, TypeError: it is none.

    """
    data = orjson.loads(content)
    ranges = {part: tuple(Range(first, last) for first, last in data["ranges"].get(part, ())) for part in PARTS}
    return Erasure(data["time"], data["why"], ranges)


class Named:
    """All that some erasures name, to be asked for a number."""

    def __init__(self, erasures: Iterable[Erasure] = ()) -> None:
        self._ranges: dict[Part, list[Range]] = {part: [] for part in PARTS}
        self.add(erasures)

    def add(self, erasures: Iterable[Erasure]) -> None:
        """Take further erasures in."""
        told = list(erasures)
        for part, known in self._ranges.items():
            if new := [one for erasure in told for one in erasure.ranges.get(part, ())]:
                self._ranges[part] = joined([*known, *new])

    def names(self, part: Part, number: int) -> bool:
        """Whether one of the erasures names this part of a record."""
        ranges = self._ranges[part]
        place = bisect_right(ranges, (number, float("inf"))) - 1
        return place >= 0 and number <= ranges[place].last


def joined(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers in as few ranges as possible, in order."""
    found: list[Range] = []
    for one in sorted(ranges):
        if found and one.first <= found[-1].last + 1:
            found[-1] = Range(found[-1].first, max(found[-1].last, one.last))
        else:
            found.append(one)
    return found


def ranges_of(numbers: Iterable[int], kept: Iterable[int] = ()) -> tuple[Range, ...]:
    """The ranges that hold all of some numbers, and none of those that are kept.

    What lies between two of them and is not kept is of another kind, or was erased before: a range may go over it, so
    that a log of a year is named by a few.
    """
    marks = sorted([(number, False) for number in numbers] + [(number, True) for number in kept])
    found: list[Range] = []
    open_ = False
    for number, stays in marks:
        if stays:
            open_ = False
        elif open_:
            found[-1] = Range(found[-1].first, number)
        else:
            found.append(Range(number, number))
            open_ = True
    return tuple(found)
