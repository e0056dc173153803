"""The line of a rule file that does not fit, found among its neighbours: YAML notices it at a line further below."""

from __future__ import annotations

import re

STEP = 2
"""By so many spaces what belongs to a key is indented in a rule file."""
_KEY = re.compile(r"(?:[^\s:'\"#-][^:'\"]*):(?= |$)")
_BARE_KEY = re.compile(r"[^\s:'\"#-][^:'\"]*:\s*$")
_BLOCK_TEXT = re.compile(r": [|>][-+]?\s*$")


def _column(line: str) -> int:
    """Where a line begins, behind the dash of a list."""
    found = re.match(r"\s*(?:- +)*", line)
    return found.end() if found else 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_written(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _above(lines: list[str], number: int) -> int | None:
    """The number of the next line above in which something stands."""
    return next((at for at in range(number - 1, -1, -1) if _is_written(lines[at])), None)


def first_key_without_colon(lines: list[str], noticed: int) -> int | None:
    """The line above, where it is the first below a key and has no colon; else None.

    YAML takes it for a text that goes on in the line in which a colon is noticed.
    """
    at = _above(lines, noticed)
    before = None if at is None else _above(lines, at)
    if at is None or before is None or _column(lines[at]) != _column(lines[noticed]) or _KEY.search(lines[at]):
        return None
    first = _indent(lines[at]) < _column(lines[at]) or (
        _indent(lines[before]) < _indent(lines[at]) and bool(_BARE_KEY.search(lines[before]))
    )
    return at if first and _KEY.search(lines[noticed]) else None


def moved_line(lines: list[str], noticed: int) -> tuple[int, int] | None:
    """The line that was moved so that the noticed one fits nowhere, and how far it should be indented; else None."""
    depth = _indent(lines[noticed])
    outer = next((at for at in range(noticed - 1, -1, -1) if _is_written(lines[at]) and _indent(lines[at]) < depth), 0)
    first = next((at for at in range(outer + 1, noticed) if _is_written(lines[at])), noticed)
    if lines[noticed].lstrip().startswith("-") or depth != _indent(lines[outer]) + STEP:
        return None
    if _belongs_above(lines, outer, noticed):
        return outer, depth
    is_odd = _indent(lines[first]) > depth and (_indent(lines[first]) - depth) % STEP == 1
    return (first, depth) if is_odd else None


def _belongs_above(lines: list[str], outer: int, noticed: int) -> bool:
    """Whether the part above is of such lines as the outer one and the noticed one: entries, or keys after a text."""
    depth, start = _indent(lines[noticed]), outer
    while (at := _above(lines, start)) is not None and _indent(lines[at]) >= depth:
        start = at
    entries = [line for line in lines[start:outer] if _is_written(line) and _indent(line) == depth]
    if not entries or any(not _KEY.search(line) for line in entries):
        return False
    if _BLOCK_TEXT.search(lines[outer]):
        return True
    return all(_BARE_KEY.search(line) for line in (*entries, lines[outer], lines[noticed]))
