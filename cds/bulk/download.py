"""One file of an export: streamed to a part file, counted, and renamed once it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson

from cds.bulk.lines import Lines
from cds.bulk.manifest import ManifestFile
from cds.bulk.polling import ANEW, GONE
from cds.bulk.problems import ExportError, TransientError
from cds.bulk.requests import Answer
from cds.bulk.server import NDJSON, BulkServer, Call

PIECE = 1024 * 1024


class Fetched(NamedTuple):
    """How much a file holds here."""

    lines: int
    bytes: int


def fetch(server: BulkServer, file: ManifestFile, path: Path, token: bool, arrived: Callable[[int], None]) -> Fetched:
    """Fetch a file to a path; ``arrived`` is told the bytes of each piece, and may raise.

    Raises:
        ExportError: the server does not give it, it is no NDJSON, or cannot be written.
        TransientError: it did not arrive whole.

    """
    answer = server.answer(Call("GET", file.url, {"Accept": NDJSON}, token=token))
    if answer.status != 200:
        raise _refusal(server, answer)
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lines = _written(answer, part, arrived)
        _check(part, lines)
        part.replace(path)
    except OSError as error:
        raise ExportError("disk", f"It cannot be written: {error.strerror}. Then the same command goes on.") from None
    finally:
        answer.close()
    return Fetched(lines.lines, lines.bytes)


def counted(path: Path) -> Fetched:
    """How much a file holds that was fetched before."""
    lines = Lines()
    with path.open("rb") as text:
        while piece := text.read(PIECE):
            lines.add(piece)
    lines.end()
    return Fetched(lines.lines, lines.bytes)


def _written(answer: Answer, part: Path, arrived: Callable[[int], None]) -> Lines:
    lines = Lines()
    with part.open("wb") as out:
        for piece in answer.pieces():
            out.write(piece)
            lines.add(piece)
            arrived(len(piece))
        out.flush()
        os.fsync(out.fileno())
    return lines


def _check(part: Path, lines: Lines) -> None:
    if not lines.is_ndjson:
        raise ExportError("no-ndjson", "The server sends something that is not NDJSON.")
    if lines.end() and not _is_json(part, lines.last):
        raise TransientError("file-truncated", "It ends in the middle of a line.")


def _is_json(part: Path, start: int) -> bool:
    with part.open("rb") as text:
        text.seek(start)
        try:
            orjson.loads(text.read())
        except orjson.JSONDecodeError:
            return False
    return True


def _refusal(server: BulkServer, answer: Answer) -> ExportError:
    found = server.said(answer)
    # The reason is left out: one that speaks of the data of patients has no place in a message.
    if found.status in GONE:
        return ExportError("export-expired", f"The server has it no more (status {found.status}). {ANEW}")
    text = f"The server does not give it (status {found.status})."
    if found.passes:
        return TransientError("file-refused", text, found.again)
    return ExportError("file-refused", f"{text} Its link may have expired, or it may need other rights. {ANEW}")
