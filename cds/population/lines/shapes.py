"""Whether each line of a file is read by itself: by its name, or by how it begins where that says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from cds.errors import RecordError
from cds.files.places import is_of_lines
from cds.files.shapes import is_spread, looks_like_lines
from cds.intake.formats import BEGINNING
from cds.intake.reading import parse_json
from cds.one_file import PIECE, rest_of
from cds.population.lines.opening import opened


def holds_lines(file: str) -> bool:
    """Whether each line of a file is a resource or a Bundle; of one that cannot be opened, what its name says."""
    by_name = is_of_lines(Path(file))
    try:
        with opened(file) as content:
            first = _first_line(content)
            if by_name:
                return not is_spread(first) or not _is_json(first + rest_of(content))
            return looks_like_lines(first + content.read(BEGINNING))
    except RecordError:
        return by_name


def _is_json(raw: bytes) -> bool:
    try:
        parse_json(raw)
    except RecordError:
        return False
    return True


def _first_line(content: BinaryIO) -> bytes:
    """The first line that is not empty, or the beginning of a long one."""
    while (line := content.readline(PIECE)) and not line.strip():
        pass
    return line
