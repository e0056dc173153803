"""One file of FHIR JSON -> its evaluation: the way of the data from end to end."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from gzip import BadGzipFile, GzipFile
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cds.errors import RecordError
from cds.evaluation import Evaluation, evaluate
from cds.intake.formats import GZIP, encoding_of
from cds.intake.reading import parse_json, read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.rulebook.model import RuleBook

if TYPE_CHECKING:
    from io import RawIOBase

LARGEST = 200 * 1024 * 1024
PIECE = 4 * 1024 * 1024
"""The most bytes of a file, and how many are read at once."""
STANDARD_INPUT = Path("-")


def evaluate_file(path: Path, book: RuleBook, as_of: date) -> Evaluation:
    """The evaluation of the patient in a file (``-``: standard input), as of a day; what was used is validated.

    Raises:
        RecordError: the file cannot be read as one patient's FHIR R4 data.
        DisagreementError, EngineError: no answer may be given.

    """
    record = record_in(path, book, as_of)
    report_invalid(record)
    return evaluate(record, book, as_of)


def record_in(path: Path, book: RuleBook, as_of: date) -> Record:
    """What a file says about one patient; its resources are not validated.

    Raises:
        RecordError: the file cannot be read as one patient's FHIR R4 data.

    """
    return read_record(parse_json(bytes_of(path)), book, as_of)


def bytes_of(path: Path) -> bytes:
    """The content of a file (``-``: standard input), of at most 200 MB.

    Raises:
        RecordError: it cannot be read, or is larger.

    """
    with opened_file(path) as file:
        raw = rest_of(file)
    if len(raw) > LARGEST:
        raise RecordError("unreadable-file", f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    return raw


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """The content of a file (``-``: standard input) to read from, unpacked where it is compressed, in UTF-8.

    Raises:
        RecordError: it cannot be opened, or not be read to its end.

    """
    if path == STANDARD_INPUT and sys.stdin is None:
        raise RecordError("unreadable-file", "There is no standard input. Name a file.")
    with guarded(), nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else path.open("rb") as file:
        yield unpacked(file)


@contextmanager
def guarded() -> Iterator[None]:
    """Inside it, what goes wrong with a file is a RecordError about it."""
    try:
        yield
    except (BadGzipFile, EOFError, zlib.error):
        raise RecordError("unreadable-file", "The compressed file is damaged, or cut short.") from None
    except IsADirectoryError:
        raise RecordError("unreadable-file", "This is a folder. Name a file in it.") from None
    except OSError as error:
        raise RecordError("unreadable-file", f"The file cannot be read: {error.strerror or error.errno}.") from None
    except ValueError:
        raise RecordError("unreadable-file", "The file cannot be read: no file can have this name.") from None


def rest_of(file: BinaryIO) -> bytes:
    """What is left of a file, of a too large one a byte more than is read of any; room is made as it is needed."""
    parts, left = [], LARGEST + 1
    while part := file.read(min(left, PIECE)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


class Converted(BytesIO):
    """Text that stood in another encoding, as UTF-8."""


def unpacked(file: BinaryIO) -> BinaryIO:
    """The content of a file, unpacked once where it is compressed, in UTF-8."""
    content = file if isinstance(file, BufferedReader) else BufferedReader(cast("RawIOBase", file))
    if content.peek(2).startswith(GZIP):
        content = BufferedReader(cast("RawIOBase", GzipFile(fileobj=content)))
    if encoding := encoding_of(content.peek(4)[:4]):
        return Converted(content.read(LARGEST).decode(encoding, "replace").encode())
    return content


def text_of(path: Path) -> str:
    """The name of a file as text that can be shown and sent: bytes in it that are no UTF-8 are written as escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode()
