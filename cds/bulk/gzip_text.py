"""Bytes as they were before they were compressed for the way.

The decoders of HTTP libraries stop at the end of the first gzip member and do not notice one that is cut off: lines
would be lost without a word.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain

from cds.bulk.problems import ExportError, TransientError

MAGIC = b"\x1f\x8b"
"""No NDJSON begins so: a file that does is gzip, whether a header says it or not."""
GZIP = 16 + zlib.MAX_WBITS


def decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes that were encoded, piece by piece.

    Raises:
        ExportError: an encoding that was not asked for.
        TransientError: the gzip is broken or ends too early.

    """
    if encoding.strip().lower() not in ("", "identity", "gzip", "x-gzip"):
        raise ExportError("no-bulk-data", "The server answers with an encoding that was not asked for.")
    start = b""
    while len(start) < len(MAGIC) and (piece := next(pieces, None)) is not None:
        start += piece
    whole = chain([start], pieces)
    return _inflated(whole) if start.startswith(MAGIC) else whole


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(GZIP)
    try:
        for piece in pieces:
            rest = piece
            while rest.strip(b"\0" if member.eof else b""):
                if member.eof:
                    member = zlib.decompressobj(GZIP)
                yield member.decompress(rest)
                rest = member.unused_data
    except zlib.error:
        raise TransientError("file-truncated", "The gzip encoding is broken.") from None
    if not member.eof:
        raise TransientError("file-truncated", "The gzip encoding ends too early.")
