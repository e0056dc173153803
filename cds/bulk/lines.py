"""The lines of an NDJSON text that comes in pieces."""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"


class Lines:
    """Counts. ``lines``: those that are not blank. ``bytes``: all. ``last``: where the last line begins."""

    def __init__(self) -> None:
        self.lines = self.bytes = self.last = 0
        self._blank, self._head = True, b""

    def add(self, piece: bytes) -> None:
        """Count a piece."""
        if len(self._head) <= len(BOM):
            self._head = (self._head + piece[:64]).lstrip()
        self.bytes += len(piece)
        *whole, rest = piece.split(b"\n")
        for line in whole:
            self.lines += bool(line.strip()) or not self._blank
            self._blank = True
        self._blank = self._blank and not rest.strip()
        if whole:
            self.last = self.bytes - len(rest)

    def end(self) -> bool:
        """Count the last line, if no line feed ended it; whether that was so."""
        unended, self._blank = not self._blank, True
        self.lines += unended
        return unended

    @property
    def is_ndjson(self) -> bool:
        """Whether the text begins with a JSON object, or holds nothing."""
        return self._head.removeprefix(BOM)[:1] in (b"", b"{")
