"""The rule files behind problems: where they are for the reader, and their lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from cds.rulebook.folder import place_of, rule_files

_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where lines end for YAML, by which problems count them."""


class Sources:
    """The files of a folder of rules and of what is laid over it, by the names that problems give them."""

    def __init__(self, folder: Path, overlays: Iterable[Path] = ()) -> None:
        self._folders = {place_of(folder, overlay): overlay for overlay in overlays} | {"": folder}
        self._lines: dict[str, list[str]] = {}

    def _real(self, file: str) -> Path:
        beginning = next(place for place in self._folders if file.startswith(place))
        return self._folders[beginning] / file.removeprefix(beginning)

    def path(self, file: str) -> str:
        """Where a file is, from the working directory; the whole path of one that is not below it."""
        real = Path(os.path.normpath(Path.cwd() / self._real(file)))
        return (real.relative_to(Path.cwd()) if real.is_relative_to(Path.cwd()) else real).as_posix()

    def line(self, file: str, number: int) -> str:
        """A line of a file, counted from 1; empty where there is none, or the file cannot be read."""
        if file not in self._lines:
            try:
                self._lines[file] = _ENDS.split(self._real(file).read_bytes().decode(errors="replace"))
            except OSError:
                self._lines[file] = []
        lines = self._lines[file]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def files(self) -> list[str]:
        """Every rule file, by the name that a problem gives it."""
        return [
            place + path.relative_to(folder).as_posix()
            for place, folder in reversed(self._folders.items())
            for path in rule_files(folder)
        ]
