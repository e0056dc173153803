"""Notes the end of the log outside of its database, again and again, so that an end that is cut off is seen.

To a file, or to another server: whoever can change the database should not be able to change that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from cds.errors import CdsError
from cds.records.chain import LogHead
from cds.records.entry import utc_text
from cds.records.heads import note_head
from cds.records.records import Records
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal
from cds.trust.failures import FetchError
from cds.trust.fetching import Fetcher

POST_SECONDS = 10.0
Note = Callable[[LogHead, str], Awaitable[None]]
"""Notes an end of the log and the time; raises what tells why it cannot."""


def to_file(path: Path) -> Note:
    """Notes in a file, a line each."""

    async def note(head: LogHead, time: str) -> None:
        try:
            await asyncio.to_thread(note_head, path, head, time)
        except OSError as error:
            raise CdsError(f"its file cannot be written: {error.strerror}") from None

    return note


def to_server(url: str, fetcher: Fetcher) -> Note:
    """Notes by a POST of JSON: ``time``, ``number``, ``hash``."""

    async def note(head: LogHead, time: str) -> None:
        await fetcher.post(url, POST_SECONDS, {"time": time, **head._asdict()})

    return note


class HeadExport:
    """Notes the end of the log at the start and then every so many minutes, until cancelled."""

    def __init__(self, records: Records, note: Note, now: Callable[[], datetime], journal: Journal) -> None:
        self.records, self.note, self.now, self.journal = records, note, now, journal
        self.trouble = ""

    async def run(self, minutes: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Note it, again and again."""
        while True:
            await self.once()
            await sleep(60 * minutes)

    async def once(self) -> None:
        """Note it; an empty log has no end. A failure is told, and the next time may succeed."""
        try:
            head = await asyncio.to_thread(self.records.head)
            if head.number:
                await self.note(head, utc_text(self.now()))
            self.trouble = ""
        except Exception as error:
            # The texts of our own errors hold neither URLs nor data; of others only the name is told.
            self.trouble = str(error) if isinstance(error, CdsError) else type(error).__name__
            kind = error.kind if isinstance(error, FetchError) else type(error).__name__
            self.journal.write("head-not-noted", kind=kind, problem=self.trouble)

    def report(self) -> HealthReport:
        """That the end of the log could not be noted the last time."""
        told = f"the end of the log could not be noted: {self.trouble.rstrip('.')}."
        return HealthReport((), (told,)) if self.trouble else HealthReport()
