"""Files on this machine, and in an object store where its address is given: opened, listed, measured.

The addresses are those that Arrow's file systems know: s3://, gs://, abfss://, hdfs://, file://.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from pyarrow import fs

from cds.errors import RecordError
from cds.intake.formats import GZIP, encoding_of
from cds.one_file import guarded, opened_file, unpacked

URL = re.compile(r"[a-z][a-z0-9]+://")


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """The content of a file, unpacked where it is compressed, in UTF-8.

    Raises:
        RecordError: it cannot be opened, or not be read to its end.

    """
    if not URL.match(file):
        with opened_file(Path(file)) as content:
            yield content
        return
    with guarded():
        system, path = _at(file)
        with system.open_input_file(path) as stream:
            yield unpacked(BufferedReader(cast("BinaryIO", stream)))  # type: ignore[type-var]


def files_at(address: str) -> list[str]:
    """The addresses of the files at an address and below, in the order of their names.

    Raises:
        RecordError: nothing is there, or it cannot be reached.

    """
    with guarded():
        system, path = _at(address)
        found = system.get_file_info(path)
        if found.type == fs.FileType.File:
            return [address]
        below = system.get_file_info(fs.FileSelector(path, recursive=True))
        begin = address.rstrip("/")
        return sorted(f"{begin}{item.path[len(found.path) :]}" for item in below if item.type == fs.FileType.File)


def size_of(file: str) -> int:
    """The bytes of a file, as it lies there; 0 where it cannot be asked."""
    try:
        if URL.match(file):
            system, path = _at(file)
            return int(system.get_file_info(path).size or 0)
        return Path(file).stat().st_size
    except (OSError, ValueError):
        return 0


def is_compressed(file: str) -> bool:
    """Whether a file cannot be read from the middle: it is compressed, or in another encoding than UTF-8."""
    try:
        if URL.match(file):
            system, path = _at(file)
            with system.open_input_file(path) as stream:
                begin = stream.read(4)
        else:
            with Path(file).open("rb") as content:
                begin = content.read(4)
    except (OSError, ValueError):
        return True
    return begin.startswith(GZIP) or bool(encoding_of(begin))


def _at(address: str) -> tuple[fs.FileSystem, str]:
    try:
        system, path = fs.FileSystem.from_uri(address)
    except (ValueError, OSError) as error:
        raise RecordError("unreadable-file", f"No file system is known for {address}: {str(error)[:120]}.") from None
    return system, path
