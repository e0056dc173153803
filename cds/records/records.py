"""The records of a service: what it hands in, what it asks, and nothing about databases."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from cds.jsontypes import Json
from cds.records.database import open_database
from cds.records.entry import LogEntry
from cds.records.feedback_log import FeedbackEntry, Rested, overridden_topics, rested, store_feedback
from cds.records.writer import Writer

NO_REST = timedelta(0)
SURE_SECONDS = 30
"""How long the last write says that the next one will succeed."""
PROBE_SECONDS = 15
"""How long a probe waits: longer than the database does for another writer."""


class Records:
    """An open log with its feedback; every method may be called from any thread.

    A future is done when what was handed in is on the disk; in a coroutine, ``await asyncio.wrap_future(...)``.
    """

    def __init__(self, place: str | Path, rest: timedelta = NO_REST) -> None:
        self.engine = open_database(place)
        self.rest = rest
        self._writer = Writer(self.engine)

    def add_decision(self, entry: LogEntry) -> Future[int]:
        """Append a decision; its number."""
        return self._writer.submit(lambda appending: appending.append(entry))

    def add_feedback(self, feedback: Sequence[FeedbackEntry], received: datetime) -> Future[int]:
        """Keep what users did with cards; how many entries were new."""
        told = tuple(feedback)
        return self._writer.submit(lambda appending: store_feedback(appending, told, received))

    def rested(self, cards: list[Json], patient: str, user: str, now: datetime) -> Rested:
        """The cards without those that rest for this user and patient (pseudonyms); the topics go into the entry."""
        if not self.rest:
            return Rested(cards, ())
        return rested(cards, overridden_topics(self.engine, patient, user, now, self.rest))

    @property
    def trouble(self) -> str:
        """Why the last attempt to write failed; empty where it did not."""
        return self._writer.trouble

    def probe(self) -> None:
        """Look whether the database takes what is recorded, unless it has shown so lately."""
        if self.trouble or monotonic() - self._writer.written > SURE_SECONDS:
            self._writer.probe(PROBE_SECONDS)

    def close(self) -> None:
        """Write what is waiting and close the database."""
        self._writer.close()
        self.engine.dispose()
