"""Ends of the log, noted outside of its database: one line each, with the time at which it was noted."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cds.errors import CdsError
from cds.records.chain.links import START, LogHead

_LINE = re.compile(r"\S+ (\d{1,18}):([0-9a-f]{64})", re.ASCII)


def note_head(path: Path, head: LogHead, time: str) -> None:
    """Append an end of the log to a file; on the disk when this returns.

    Raises:
        OSError: the file cannot be written.

    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb") as file:
        file.write(f"{time} {head.number}:{head.hash}\n".encode())  # one piece: lines of several processes do not mix
        file.flush()
        os.fsync(file.fileno())


def read_heads(path: Path) -> list[LogHead]:
    """The ends that a file holds; an empty log has none, and a last line that was torn off is none.

    Raises:
        CdsError: the file cannot be read, holds no end, or a line of it is none.

    """
    try:
        lines = path.read_text(encoding="ascii").splitlines(keepends=True)
    except (OSError, ValueError) as error:
        raise CdsError(f"'{path}' cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if parts := _LINE.fullmatch(line.rstrip("\n")):
            found.append(LogHead(int(parts[1]), parts[2]))
        elif number < len(lines) or line.endswith("\n"):
            raise CdsError(f"'{path}' line {number} is not of the form 'TIME NUMBER:SHA256'.")
    kept = [head for head in found if head.number or head.hash != START]
    if not kept:
        raise CdsError(f"'{path}' holds no end of a log.")
    return kept
