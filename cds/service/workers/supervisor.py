"""Keeps several workers: replaces those that die or hang, and all of them, one after another, at SIGHUP.

uvicorn starts each worker and answers for it that it lives and serves. Its own supervisor is not used: it takes a
worker that is still starting for dead after some seconds, and it ends the service when one that it replaces fails to
start, as happens while the database is away.
"""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable

from uvicorn import Config

from cds.service.observability.journal import Journal
from cds.service.workers.working import Working

TICK_SECONDS = 0.1
LONGEST_WAIT = 5.0
"""A worker that fails to start is tried again after one second, then after two, and at last after so many."""


class Renewal:
    """The places whose workers are still those of before, who comes for the first of them, and the old settings."""

    def __init__(self, before: Config, places: list[Place], other: Renewal | None) -> None:
        """``other`` is a renewal that was under way; whoever was coming then is not of the newest settings."""
        self.before, self.places = before, places
        self.coming: Working | None = None
        if other is not None and other.coming is not None:
            other.coming.kill()


class Place:
    """The place of one worker: who is there, and when somebody may be tried where nobody is."""

    def __init__(self) -> None:
        self.worker: Working | None = None
        self.failures, self.again = 0, 0.0

    def put_off(self, now: float) -> None:
        """The worker that was to come failed."""
        self.worker, self.again = None, now + min(2.0**self.failures, LONGEST_WAIT)
        self.failures += 1


class Supervisor:
    """Keeps as many workers as a configuration says, on sockets that it holds.

    ``renewed`` gives, after SIGHUP, the configuration for the workers that come then; None: everything stays.
    ``grace`` are the seconds that a worker has to end its calls.
    """

    def __init__(
        self,
        config: Config,
        sockets: list[socket.socket],
        journal: Journal,
        renewed: Callable[[], Config | None],
        grace: float,
    ) -> None:
        self._config, self._sockets, self._journal = config, sockets, journal
        self._renewed, self._grace = renewed, grace
        self._places = [Place() for _ in range(config.workers)]
        self._renewal: Renewal | None = None
        self._leaving: list[Working] = []
        self._served = self.failed = False
        self._stop, self._hang_up = threading.Event(), threading.Event()

    @property
    def names(self) -> list[int]:
        """The ids of the processes of all workers that may still answer something."""
        coming = self._renewal.coming if self._renewal else None
        return [one.name for one in (*(place.worker for place in self._places), *self._leaving, coming) if one]

    def run(self, each: Callable[[], None] = lambda: None) -> None:
        """Work until SIGTERM or SIGINT, or until one of the first workers fails to start: ``failed`` tells that.

        ``each`` is called at every look.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._hang_up.set())
        while not self._stop.is_set():
            self._look(time.monotonic())
            each()
            self._stop.wait(TICK_SECONDS)
        self._end()

    def _look(self, now: float) -> None:
        for place in self._places:
            self._look_at(place, now)
        self._leaving = [worker for worker in self._leaving if not worker.has_gone()]
        if self._hang_up.is_set():
            self._hang_up.clear()
            self._begin_renewal()
        if self._renewal is not None:
            self._renew(self._renewal, now)

    def _look_at(self, place: Place, now: float) -> None:
        if place.worker is None:
            if now >= place.again:
                place.worker = self._new()
        elif wrong := place.worker.look(now):
            self._lose(place, place.worker, wrong, now)
        elif place.worker.serves:
            self._served, place.failures = True, 0

    def _lose(self, place: Place, worker: Working, wrong: str, now: float) -> None:
        """A worker that served is replaced at once, another after a while; at the very start the service ends."""
        worker.kill()
        self._journal.write("worker-lost" if worker.serves else "worker-not-started", worker=worker.name, kind=wrong)
        if worker.serves:
            place.worker = self._new()
        else:
            place.put_off(now)
        if not self._served:
            self.failed = True
            self._stop.set()

    def _begin_renewal(self) -> None:
        """Begin to replace all workers; a renewal that is under way goes on with the configuration of now."""
        if (config := self._renewed()) is not None:
            self._journal.write("workers-renewed", count=len(self._places))
            self._renewal = Renewal(self._config, list(self._places), self._renewal)
            self._config = config

    def _renew(self, renewal: Renewal, now: float) -> None:
        """Start a worker for the next place, and let the one of before go when that serves."""
        if not renewal.places:
            self._renewal = None
        elif renewal.coming is None:
            renewal.coming = None if self._leaving else self._new()
        elif wrong := renewal.coming.look(now):
            renewal.coming.kill()
            self._journal.write("renewal-ended", worker=renewal.coming.name, kind=wrong)
            self._config, self._renewal = renewal.before, None
        elif renewal.coming.serves:
            place = renewal.places.pop(0)
            if place.worker is not None:
                self._dismiss(place.worker)
            place.worker, renewal.coming = renewal.coming, None

    def _dismiss(self, worker: Working) -> None:
        worker.dismiss(self._grace)
        self._leaving.append(worker)

    def _new(self) -> Working:
        return Working(self._config, self._sockets)

    def _end(self) -> None:
        """Let all calls under way end."""
        coming = self._renewal.coming if self._renewal else None
        for worker in (*(place.worker for place in self._places), coming):
            if worker is not None:
                self._dismiss(worker)
        while self._leaving:
            self._leaving = [worker for worker in self._leaving if not worker.has_gone()]
            time.sleep(TICK_SECONDS)
