"""A changed folder of rule files is taken into use without a restart, if it passes; a bad one is refused.

What it must pass: reading, the remarks and cases of ``cds check`` (not its small changes, which take minutes), and the
sample patients. Meanwhile, and after a refusal, the rulebook in use keeps serving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path

from cds.bookshelf import open_exactly
from cds.errors import CdsError, RulebookError
from cds.review.check import remarks_and_cases
from cds.rulebook.folder import fingerprint
from cds.rulebook.model import RuleBook
from cds.self_test import self_test
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal
from cds.service.rulebooks import CurrentRulebook, shared_names

RELOAD_SECONDS = 2.0
"""Seconds from one look at the folder to the next."""


async def every(
    seconds: float,
    action: Callable[[], None],
    journal: Journal,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Do something in a thread, again and again, until cancelled; what it raises is told and does not end it."""
    while True:
        await sleep(seconds)
        try:
            await asyncio.to_thread(action)
        except Exception as error:
            # The next time may succeed, and a watch that has silently ended is worse than one that fails.
            journal.write("watch-failed", kind=type(error).__name__)


def refuse_unless_pinned(books: Sequence[RuleBook], pinned: Sequence[str]) -> None:
    """Refuse rule files whose content is not that which the configuration pins by its SHA-256, one for each rulebook.

    Raises:
        CdsError: the service does not start.

    """
    if pinned and len(books) != len(pinned):
        raise CdsError(f"the configuration pins {len(pinned)} hashes for {len(books)} rulebooks: pin one for each.")
    for book, hash_ in zip(books, pinned, strict=False):
        if book.sha256 != hash_:
            raise CdsError(
                f"the rule files have the hash {book.sha256}, and the configuration pins {hash_}. Find out who changed "
                "them; if the change is meant, check it with 'cds check' and pin the new hash."
            )


def announce(book: RuleBook, folder: Path, overlays: Sequence[Path], journal: Journal) -> None:
    """Write into the journal which rulebook is in use from now on, and from which folders."""
    over = " ".join(str(overlay.resolve()) for overlay in overlays)
    journal.write("rulebook", version=book.version, rulebook=book.sha256, folder=str(folder.resolve()), overlay=over)


def check_quickly(book: RuleBook, today: date, samples: Path) -> list[str]:
    """What ``cds check`` says without its small changes, and what the sample patients say; nothing when all is well."""
    found, _ = remarks_and_cases(book, today)
    return [*map(str, found), *self_test(book, samples)]


def refused_report(count: int) -> HealthReport:
    """That changed files have so many problems and were refused; that all is well where they have none."""
    text = f"the changed rule files were refused ({count} problems, in the journal); those of before are in use."
    return HealthReport((), (text,) if count else ())


class Reloader:
    """Watches one folder; ``poll`` is called every few seconds, in a thread of its own: checking takes seconds."""

    def __init__(
        self,
        current: CurrentRulebook,
        folder: Path,
        today: Callable[[], date],
        journal: Journal,
        overlays: Sequence[Path] = (),
        others: Sequence[CurrentRulebook] = (),
    ) -> None:
        """``overlays`` are the folders that are laid over the rules; they are watched with them.

        ``others`` are the other rulebooks of the service: with them the changed one may share no name.
        """
        self._current, self._folder, self._overlays, self._others = current, folder, overlays, others
        self._today, self._journal = today, journal
        self._settled, self._seen = current.book.sha256, current.book.sha256
        self.refused: tuple[str, ...] = ()

    def poll(self) -> None:
        """Look at the folder once; it is read when it was the same at two looks, so not in the middle of copying."""
        found = self._fingerprint()
        stable, self._seen = found == self._seen, found
        if not found or found == self._settled or not stable:
            return
        self._settled = found
        if found == self._current.book.sha256:
            self.refused = ()
        else:
            self._try(found)

    def report(self) -> HealthReport:
        """That the files were changed and refused; what is wrong with them stands in the journal."""
        return refused_report(len(self.refused))

    def _fingerprint(self) -> str:
        try:
            return fingerprint(self._folder, *self._overlays)
        except OSError:  # a file went away while it was read
            return ""

    def _try(self, found: str) -> None:
        try:
            book = open_exactly(self._folder, *self._overlays)
        except RulebookError as error:
            self._refuse(found, error.lines)
            return
        if book.sha256 != found:  # it changed again while it was read; the next look will see
            self._settled = ""
        elif problems := self._wrong(book):
            self._refuse(found, problems)
        else:
            self.refused, self._current.book = (), book
            announce(book, self._folder, self._overlays, self._journal)

    def _wrong(self, book: RuleBook) -> list[str]:
        shared = shared_names(book, [other.book for other in self._others])
        return [*shared, *check_quickly(book, self._today(), self._current.samples)]

    def _refuse(self, found: str, problems: Sequence[str]) -> None:
        self.refused = tuple(problems)
        self._journal.write("rulebook-refused", rulebook=found, count=len(problems))
        for problem in problems:
            self._journal.write("rulebook-problem", problem=problem)
