"""The rulebooks that passed, in a folder that the workers of one host read and their supervisor writes.

So the folder of rule files is checked once for all workers, by a process that answers no calls, and a worker that
starts later never takes rules that were refused.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from cds.bookshelf import kept_rulebook, packed
from cds.errors import CdsError
from cds.rulebook.model import RuleBook


class AcceptedRulebook(NamedTuple):
    """The hash of a rulebook to be in use, and how many problems the changed files have that were refused since."""

    sha256: str
    refused: int = 0


class AcceptedRules:
    """What is to be in use, for each rulebook of a service in its order."""

    def __init__(self, folder: Path) -> None:
        """``folder`` belongs to this user alone."""
        self._folder = folder
        self._list = folder / "accepted.json"

    def put(self, books: Sequence[RuleBook], refused: Sequence[int] = ()) -> None:
        """Let these be in use, from now on; ``refused`` are the numbers of problems of each."""
        before = {one.sha256 for one in self.listed()} if self._list.exists() else set()
        for book in books:
            if not self._file(book.sha256).exists():
                _write(self._file(book.sha256), packed(book))
        counts = refused or [0] * len(books)
        told = [AcceptedRulebook(book.sha256, count) for book, count in zip(books, counts, strict=True)]
        _write(self._list, orjson.dumps([one._asdict() for one in told]))
        self._forget_but(before | {one.sha256 for one in told})

    def listed(self) -> list[AcceptedRulebook]:
        """What is to be in use now."""
        return [AcceptedRulebook(**one) for one in orjson.loads(self._list.read_bytes())]

    def book(self, sha256: str) -> RuleBook:
        """The rulebook of a hash.

        Raises:
            CdsError: it cannot be read.

        """
        found = kept_rulebook(self._file(sha256))
        if found is None:
            raise CdsError(f"the rulebook {sha256[:12]} in '{self._folder}' cannot be read.")
        return found

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn: of the workers of this host, one at a time prepares a rulebook for use."""
        with (self._folder / "turn").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _forget_but(self, needed: set[str]) -> None:
        """Remove the rulebooks of long ago, with what was kept beside them."""
        for path in self._folder.iterdir():
            if re.match(r"[0-9a-f]{64}\b", path.name) and path.name[:64] not in needed:
                path.unlink(missing_ok=True)

    def _file(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.rulebook"


def _write(path: Path, content: bytes) -> None:
    """The file appears whole."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(content)
    unfinished.replace(path)
