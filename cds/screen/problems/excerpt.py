"""The line that a problem is about, with a mark under the word that is meant."""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.cells import cell_len

from cds.errors import Problem
from cds.screen.problems.sources import Sources

WIDTH = 100
"""How many columns of a line are shown; what is longer is cut around the mark."""
CUT = "…"
_QUOTED = re.compile(r"(?<!\w)'([^']+)'(?!\w)")


class Mark(NamedTuple):
    """The stretch of a line that is meant, in characters from 0; ``is_word`` where the message names it."""

    start: int
    end: int
    is_word: bool


def mark_of(problem: Problem, line: str) -> Mark:
    """The first word that the message names in quotes and the line has; else the whole line."""
    for word in _QUOTED.findall(f"{problem.what} {problem.place}"):
        if found := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line):
            return Mark(*found.span(), is_word=True)
    return Mark(len(line) - len(line.lstrip()), len(line.rstrip()), is_word=False)


def excerpt(problem: Problem, sources: Sources) -> list[str]:
    """Where the line is, the line, and the mark under it; nothing where there is no such line."""
    line = sources.line(problem.file, problem.line)
    if not line.strip():
        return []
    mark = mark_of(problem, line)
    shown, start, end = _cut(_printable(line), mark)
    left = " " * len(str(problem.line))
    marks = " " * cell_len(shown[:start]) + "^" * max(1, cell_len(shown[start:end]))
    return [
        f"  {left}--> {sources.path(problem.file)}:{problem.line}:{mark.start + 1}",
        f"  {problem.line} | {shown}",
        f"  {left} | {marks}",
    ]


def _printable(line: str) -> str:
    """The line with a blank for each tab and a question mark for what a terminal would obey."""
    return "".join(char if char.isprintable() else " " if char == "\t" else "?" for char in line)


def _cut(line: str, mark: Mark) -> tuple[str, int, int]:
    """As much of a line as is shown, and where the mark stands in it."""
    line = line.rstrip()
    room = WIDTH * len(line) // cell_len(line) if cell_len(line) > WIDTH else len(line)
    before = max(0, room - (mark.end - mark.start)) // 2
    first = max(0, min(mark.start - before, len(line) - room))
    last = min(len(line), first + room)
    head, tail = CUT * (first > 0), CUT * (last < len(line))
    shift = len(head) - first
    return f"{head}{line[first:last]}{tail}", mark.start + shift, min(mark.end, last) + shift
