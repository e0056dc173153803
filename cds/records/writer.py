"""One thread that writes: what arrives while it commits is committed together, and acknowledged after that.

A decision or a feedback whose future has a result is on the disk. The thread outlives whatever the database does: the
next job tries it again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import Full, Queue
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from cds.errors import PassingError
from cds.records.chain import Appending, LogHead
from cds.records.chain.continuity import Continuity
from cds.records.database import reason_of, writing

Done = TypeVar("Done")
MOST_WAITING = 1000
MOST_AT_ONCE = 200
PACE_SECONDS = 0.02
"""Under load, from the begin of one batch to the next: a transaction takes as much of a processor as half a call does,
and so some calls share one. Who comes alone does not wait, nor do ``ENOUGH`` that wait already."""
ENOUGH = 8
CROWDED_SECONDS = 0.5
"""So long after two came together it counts as load."""


class BusyError(PassingError):
    """More waits to be recorded than may: the caller answers 503."""

    code = "records-busy"


class ClosedError(PassingError):
    """The records were closed."""

    code = "records-closed"


class UnavailableError(PassingError):
    """The database does not take what is to be recorded; the text holds neither URL nor data."""

    code = "records-unavailable"


class _Job(NamedTuple):
    """Something to write, and who waits for it."""

    write: Callable[[Appending], Any]
    future: Future[Any]


class Writer:
    """Writes to one database, in batches.

    ``trouble`` says why the last batch could not be written (empty: it could); ``written`` is when something last was,
    ``answered`` when the database last did anything, in monotonic seconds. While it is silent for longer than
    ``patience`` (s), nothing more is taken: who hands something in would wait for nothing.
    """

    def __init__(self, engine: Engine, patience: float) -> None:
        self._engine, self._patience = engine, patience
        self._continuity = Continuity()
        self._begun: float | None = None
        self._jobs: Queue[_Job | None] = Queue(MOST_WAITING)
        self._closing, self._closed = Lock(), False
        self.trouble, self.written, self.answered = "", monotonic(), monotonic()
        self._probe: Future[None] | None = None
        self._crowded_until, self._next_batch = 0.0, 0.0
        self._thread = Thread(target=self._run, name="records", daemon=True)
        self._thread.start()

    def submit(self, write: Callable[[Appending], Done]) -> Future[Done]:
        """Write something; the future has its result when it is on the disk.

        Raises:
            BusyError: too much is waiting.
            ClosedError: the writer was closed.
            UnavailableError: the database is silent.

        """
        if silence := self.silence:
            raise _unavailable(silence)
        future: Future[Done] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it: what was handed in is written
        with self._closing:
            if self._closed:
                raise ClosedError("The records are closed.")
            try:
                self._jobs.put_nowait(_Job(write, future))
            except Full:
                raise BusyError("Too many decisions wait to be recorded. Try again.") from None
        return future

    @property
    def silence(self) -> str:
        """That the database has not answered for too long; empty where it has, or nothing was asked of it."""
        begun = self._begun
        silent = begun is not None and monotonic() - begun > self._patience
        return f"no answer in {self._patience:g} seconds" if silent else ""

    def probe(self, how: Callable[[Appending], None]) -> None:
        """Do as if something were written: then ``trouble``, or ``silence``, knows whether it could be."""
        try:
            if self._probe is None or self._probe.done():
                self._probe = self.submit(how)
        except BusyError as error:
            self.trouble = str(error)
        except (ClosedError, UnavailableError):
            return
        else:
            wait([self._probe], self._patience)

    def close(self) -> None:
        """Write what is waiting, and end."""
        with self._closing:
            first, self._closed = not self._closed, True
        if first:
            self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            self._begun = monotonic()
            self._write(batch)
            self._begun = None
            if self._closed and self._jobs.empty():
                return

    def _next(self) -> list[_Job]:
        """What is waiting, at least one job; nothing at the end."""
        first = self._jobs.get()
        if monotonic() < self._crowded_until and not self._closed and self._jobs.qsize() < ENOUGH:
            sleep(max(0.0, self._next_batch - monotonic()))
        self._next_batch = monotonic() + PACE_SECONDS
        batch = [first] if first else []
        while len(batch) < MOST_AT_ONCE and not self._jobs.empty():
            if job := self._jobs.get_nowait():
                batch.append(job)
        if len(batch) > 1:
            self._crowded_until = monotonic() + CROWDED_SECONDS
        return batch

    def _write(self, batch: list[_Job]) -> None:
        """Commit a batch; where one job cannot be written, each is tried alone, and the others are not lost."""
        try:
            results, self._continuity.seen = self._appended(batch)
        except _JobError as error:
            if len(batch) == 1:
                batch[0].future.set_exception(error.cause)
                return
            for job in batch:
                self._write([job])
        except (_OtherLogError, SQLAlchemyError) as error:
            self._fail(batch, str(error) if isinstance(error, _OtherLogError) else reason_of(error))
        except Exception as error:
            # Whoever waits gets the error, and the thread goes on.
            for job in batch:
                job.future.set_exception(error)
        else:
            self._succeeded(batch)
            for job, result in zip(batch, results, strict=True):
                job.future.set_result(result)

    def _succeeded(self, batch: list[_Job]) -> None:
        self.trouble, self.answered = "", monotonic()
        if any(job.write is not Appending.look for job in batch):
            self.written = self.answered

    def _appended(self, batch: list[_Job]) -> tuple[list[Any], LogHead]:
        """What came of each job, and the end of the log, once all of it is on the disk."""
        with writing(self._engine) as connection:
            appending = Appending(connection)
            if problem := self._continuity.problem(connection, appending.last):
                raise _OtherLogError(f"{problem}. If that is meant, start the service again")
            results = _attempt(batch, appending)
        return results, appending.last

    def _fail(self, batch: list[_Job], reason: str) -> None:
        """The database is at fault, not one of the jobs: none is tried again, and whoever waits may come again."""
        self.trouble, self.answered = reason, monotonic()
        for job in batch:
            job.future.set_exception(_unavailable(reason))


def _unavailable(reason: str) -> UnavailableError:
    return UnavailableError(f"The records cannot be written: {reason}.")


class _OtherLogError(Exception):
    """The log in the database is not the one that this process has written."""


class _JobError(Exception):
    """A job could not be written; nothing of its batch was committed."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause
        super().__init__()


def _attempt(batch: list[_Job], appending: Appending) -> list[Any]:
    try:
        results = [job.write(appending) for job in batch]
        appending.flush()
    except Exception as error:
        if isinstance(error, SQLAlchemyError) and not isinstance(error, (DataError, IntegrityError)):
            raise
        raise _JobError(error) from error
    return results
