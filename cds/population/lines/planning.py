"""What a run does, worked out from its inputs alone: what is read together, and into how many parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.population.lines.reading import Piece, Task
from cds.population.lines.sources import Source

BYTES_OF_TASK = 32 * 1024 * 1024
BYTES_OF_PART = 24 * 1024 * 1024
MOST_PARTS = 512
MOST_TASKS = 512
"""How much is read, and answered, at once; above so many tasks and parts each has more."""


class Plan(NamedTuple):
    """What a run does, worked out from its inputs alone: the tasks, and how many parts there are."""

    tasks: list[Task]
    parts: int


def plan_of(files: list[Source]) -> Plan:
    """The plan for files.

    The number of parts is a power of two that follows from their size: the part of a patient in a run of another size
    follows from that in this one.
    """
    size = sum(source.size for source in files)
    number = min(MOST_PARTS, 1 << (size // BYTES_OF_PART).bit_length())
    most = max(BYTES_OF_TASK, size // MOST_TASKS)
    return Plan([Task(n, pieces, number) for n, pieces in enumerate(_gathered(files, most))], number)


def _gathered(files: list[Source], most: int) -> Iterator[tuple[Piece, ...]]:
    """The pieces of files, gathered until they are large enough for a task."""
    waiting: list[Piece] = []
    size = 0
    for piece in (piece for source in files for piece in _pieces(source, most)):
        waiting.append(piece)
        size += (piece.source.size if piece.end is None else piece.end) - piece.start
        if size >= most:
            yield tuple(waiting)
            waiting, size = [], 0
    if waiting:
        yield tuple(waiting)


def _pieces(source: Source, most: int) -> Iterator[Piece]:
    if not source.splits or source.size <= most:
        yield Piece(source)
        return
    starts = range(0, source.size, most)
    for start in starts:
        yield Piece(source, start, min(start + most, source.size))
