"""Serves with several workers: what their supervisor does beside keeping them.

It opens and checks everything first, so that what is wrong is said once and before any worker; it watches the rule
files and hands the workers what passed; it answers no calls itself.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from uvicorn import Config

from cds.about import PROGRAM
from cds.rulebook.model import RuleBook
from cds.service import reload
from cds.service.configuration.plan import Plan
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.server import GRACE_SECONDS, options
from cds.service.state import Service
from cds.service.wiring import reloaders
from cds.service.workers.accepted import AcceptedRules
from cds.service.workers.figure_files import WRITE_SECONDS
from cds.service.workers.supervisor import Supervisor
from cds.service.workers.worker import FAILED, Worker, figures_in

DRAIN_SECONDS = GRACE_SECONDS + 5


class Prepared(NamedTuple):
    """A plan, and the service that was made of it to see that it can be."""

    plan: Plan
    service: Service


class Several:
    """The workers of one plan and what they share; ``again`` prepares the plan anew, None where that is wrong."""

    def __init__(self, prepared: Prepared, shared: Path, again: Callable[[], Prepared | None]) -> None:
        self._shared, self._again = shared, again
        self._accepted = AcceptedRules(shared)
        self._figures = figures_in(shared)
        self._metrics = Metrics(list, self._figures)
        self.journal = Journal(count=self._metrics.event)
        self._watched, self._looked = Event(), 0.0
        self._take(prepared)

    def config(self) -> Config:
        """What workers are started from."""
        settings = self._plan.settings
        return Config(Worker(self._plan, self._shared), factory=True, workers=settings.workers, **options(settings))

    def renewed(self) -> Config | None:
        """The same after the files of the configuration were read anew; None where they are wrong."""
        prepared = self._again()
        if prepared is None:
            self.journal.write("configuration-refused")
            return None
        self._take(prepared)
        return self.config()

    def look(self, workers: Sequence[int]) -> None:
        """Leave the figures of this process each second, and keep those of workers that died."""
        if time.monotonic() - self._looked > WRITE_SECONDS:
            self._looked = time.monotonic()
            self._metrics.publish()
            self._figures.bury(workers)

    def _take(self, prepared: Prepared) -> None:
        """Hand out the rulebooks of a plan, and watch their folders in place of those of before."""
        self._plan, service = prepared
        asyncio.run(_close(service))
        self._watched.set()
        self._watched = Event()
        self._accepted.put([one.book for one in service.rulebooks])
        if watching := reloaders(service, self._plan, self.journal):
            watch = RuleWatch(service, watching, self._accepted, self.journal)
            Thread(target=watch.run, args=(self._watched,), name="rules", daemon=True).start()


class RuleWatch:
    """Looks at the folders of rule files; what passed, or was refused, is told to the workers."""

    def __init__(
        self, service: Service, reloaders: list[reload.Reloader], accepted: AcceptedRules, journal: Journal
    ) -> None:
        self._service, self._reloaders, self._accepted, self._journal = service, reloaders, accepted, journal
        self._told = self._state()

    def run(self, ended: Event) -> None:
        """Look again and again."""
        while not ended.wait(reload.RELOAD_SECONDS):
            self._look()

    def _look(self) -> None:
        try:
            for reloader in self._reloaders:
                reloader.poll()
            if self._told != (state := self._state()):
                self._accepted.put(*state)
                self._told = state
        except Exception as error:
            # The next time may succeed, and a watch that has silently ended is worse than one that fails.
            self._journal.write("watch-failed", kind=type(error).__name__)

    def _state(self) -> tuple[list[RuleBook], list[int]]:
        """The rulebooks that passed, and the number of problems of each that did not."""
        return [one.book for one in self._service.rulebooks], [len(one.refused) for one in self._reloaders]


async def _close(service: Service) -> None:
    for close in service.closers:
        await close()


def serve_with_workers(prepared: Prepared, again: Callable[[], Prepared | None]) -> None:
    """Serve until interrupted; exit status 3 where no worker could begin.

    Raises:
        CdsError: the address cannot be listened on.

    """
    shared = Path(tempfile.mkdtemp(prefix=f"{PROGRAM}-"))
    try:
        several = Several(prepared, shared, again)
        config = several.config()
        supervisor = Supervisor(config, [config.bind_socket()], several.journal, several.renewed, DRAIN_SECONDS)
        supervisor.run(lambda: several.look(supervisor.names))
    finally:
        shutil.rmtree(shared, ignore_errors=True)
    if supervisor.failed:
        sys.stderr.write("Error: no worker could begin; the reason is above.\n")
        sys.exit(FAILED)
