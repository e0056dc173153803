"""The ways in which a line of NDJSON gets damaged, each with what can still be known about the line.

The reference to the subject is left alone where a way does not say otherwise, so that a reader who looks for it in the
bytes finds it. A line that is about nobody has none to be found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

Change = Callable[[bytes, Random], bytes]
REFERENCE = re.compile(rb'"(?:subject|patient)":\{[^{}]*"reference":"((?:[^"]*/)?Patient/[^"/]+)[^{}]*\}')
VALUE = re.compile(rb'"value":-?[0-9][0-9.]*')


class Way(NamedTuple):
    """A way of damage. ``readable``: the line is JSON that ``cds`` reads; ``attributed``: its subject can be found."""

    change: Change
    readable: bool
    attributed: bool


WAYS: dict[str, Way] = {}


def way(name: str, *, readable: bool = False, attributed: bool = True) -> Callable[[Change], Change]:
    """Register a way by its name."""

    def registered(change: Change) -> Change:
        WAYS[name] = Way(change, readable, attributed)
        return change

    return registered


def subject_in(line: bytes) -> tuple[int, int]:
    """Where the subject begins and ends; in the middle of a line that has none."""
    found = REFERENCE.search(line)
    return found.span() if found else (len(line) // 2, len(line) // 2)


def place_of(line: bytes, chance: Random, piece: bytes) -> int:
    """One of the places at which some bytes stand outside the subject; the beginning of a line that has none."""
    begin, end = subject_in(line)
    places = [found.start() for found in re.finditer(re.escape(piece), line)]
    return chance.choice([place for place in places if not begin <= place < end] or [0])


def replaced(line: bytes, place: int, size: int, piece: bytes) -> bytes:
    """The line with another piece in place of so many bytes."""
    return line[:place] + piece + line[place + size :]


def with_value(line: bytes, value: bytes) -> bytes:
    """The line with another number as its first value; where it has none, with a member of this value."""
    if VALUE.search(line):
        return VALUE.sub(b'"value":' + value, line, count=1)
    return b'{"value":' + value + b"," + line[1:]


def in_a_text(line: bytes, piece: bytes) -> bytes:
    """The line with a piece inside a string that is not its subject."""
    return b'{"language":"en' + piece + b'",' + line[1:]
