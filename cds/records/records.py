"""The records of a service: what it hands in, what it asks, and nothing about databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from cds.jsontypes import Json
from cds.records.chain import GAP, START, Appending, LogHead, Once, log_head
from cds.records.database import open_database, reason_of, watch_of
from cds.records.entry import LogEntry, utc_text
from cds.records.erasing import forget
from cds.records.feedback_log import FeedbackEntry, Rested, overridden_topics, rested, store_feedback
from cds.records.file_watch import Heard
from cds.records.known_key import claim
from cds.records.space import shorten
from cds.records.writer import UnavailableError, Writer

Done = TypeVar("Done")
NO_REST = timedelta(0)
SURE_SECONDS = 30
"""How long the last write says that the next one will succeed."""
LOOK_SECONDS = 2
"""How long after the last answer of the database it is asked for another one; that writes nothing."""
PATIENCE_SECONDS = 5.0
"""How long the database may be silent before nothing more is handed to it."""


class Records:
    """An open log with its feedback; every method may be called from any thread.

    A future is done when what was handed in is on the disk; in a coroutine, ``await asyncio.wrap_future(...)``.
    """

    def __init__(
        self,
        place: str | Path,
        rest: timedelta = NO_REST,
        patience: float = PATIENCE_SECONDS,
        heard: Heard = lambda event, text: None,
    ) -> None:
        """``heard`` is told what happens to the file of the database."""
        self._watch = watch_of(place, heard)
        self.engine = open_database(place, self._watch)
        self.rest = rest
        self._writer = Writer(self.engine, patience)

    def claim_key(self, fingerprint: str) -> None:
        """See that the pseudonyms are made with the key of this database; it is the first one that came.

        Raises:
            CdsError: it is another one.

        """
        claim(self.engine, fingerprint)

    def add_decision(self, entry: LogEntry, once: Once | None = None) -> Future[int]:
        """Append a decision; its number. With ``once`` it is written only together with that row."""

        def write(appending: Appending) -> int:
            if once is not None:
                appending.once(once)
            return appending.append(entry)

        return self._writer.submit(write)

    def add_feedback(
        self, feedback: Sequence[FeedbackEntry], received: datetime, once: Once | None = None
    ) -> Future[int]:
        """Keep what users did with cards; how many entries were new. ``once`` as for a decision."""
        told = tuple(feedback)

        def write(appending: Appending) -> int:
            if once is not None:
                appending.once(once)
            return store_feedback(appending, told, received)

        return self._writer.submit(write)

    def write_once(self, once: Once) -> Future[None]:
        """Write a row that is taken only once; the future raises WrittenBeforeError where it is there."""
        return self._writer.submit(lambda appending: appending.once(once))

    def share(self, write: Callable[[Connection], Done]) -> Future[Done]:
        """Read and write what several processes share, while nobody else writes; what ``write`` gives."""
        return self._writer.submit(lambda appending: write(appending.connection))

    def add_gap(self, answers: int, time: datetime) -> Future[int]:
        """Note in the chain that so many answers were given and could not be recorded, up to now; the link's number."""
        return self._writer.submit(lambda appending: appending.link(f"{GAP} {answers}", utc_text(time), START))

    def rested(self, cards: list[Json], patient: str, user: str, now: datetime) -> Rested:
        """The cards without those that rest for this user and patient (pseudonyms); the topics go into the entry."""
        if not self.rest:
            return Rested(cards, ())
        return rested(cards, overridden_topics(self.engine, patient, user, now, self.rest))

    def head(self) -> LogHead:
        """The end of the log."""
        with self.engine.connect() as connection:
            return log_head(connection)

    def forget(self, requests: timedelta | None, decisions: timedelta | None, now: datetime) -> Counter[str]:
        """Erase what is older, and what an erasure of before has left; how much of each part. None: nothing is.

        Some records at a time, for as long as it takes: it is called in a thread of its own.

        Raises:
            UnavailableError: the database does not take it, or its role may not delete.

        """
        before_requests, before = (utc_text(now - length) if length else None for length in (requests, decisions))
        try:
            counts = forget(self.engine, before_requests, before, now)
            if counts:
                shorten(self.engine)
        except SQLAlchemyError as error:
            raise UnavailableError(f"The records cannot be erased: {reason_of(error)}.") from None
        return counts

    @property
    def trouble(self) -> str:
        """Why nothing can be written, as far as is known at this moment; empty where it can.

        The file is looked at; the database is not asked.
        """
        writer = self._writer
        return writer.trouble or writer.silence or (self._watch.trouble() if self._watch is not None else "")

    def probe(self) -> None:
        """Look whether the database takes what is recorded, unless it has shown so lately."""
        writer, now = self._writer, monotonic()
        if writer.trouble or now - writer.written > SURE_SECONDS:
            writer.probe(Appending.touch)
        elif now - writer.answered > LOOK_SECONDS:
            writer.probe(Appending.look)

    def close(self) -> None:
        """Write what is waiting and close the database."""
        self._writer.close()
        self.engine.dispose()
