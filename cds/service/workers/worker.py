"""One of several processes that answer calls: the application that it makes of the plan when it begins.

Worker and plan go through the pipe of ``multiprocessing``: settings are neither in the environment nor on a command
line, where others could read them. Nothing is forked: the engine's library does not outlive that.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from starlette.applications import Starlette

from cds.boundary import error_boundary
from cds.errors import CdsError
from cds.service.app import application
from cds.service.configuration.plan import Plan
from cds.service.interpreter import prepare_to_serve
from cds.service.observability.counted import added
from cds.service.observability.journal import Journal
from cds.service.wiring import add_telemetry, add_worker_operations, build_service
from cds.service.workers.accepted import AcceptedRules
from cds.service.workers.figure_files import FigureFiles

FAILED = 3
"""The exit status of a worker that could not begin."""


@dataclass(frozen=True)
class Worker:
    """Makes the application of a worker; ``shared`` is the folder that it has in common with its supervisor."""

    plan: Plan
    shared: Path

    def __call__(self) -> Starlette:
        """The application; the process ends with a line in the journal where it cannot be made."""
        Thread(target=end_with_supervisor, name="supervisor", daemon=True).start()
        try:
            with error_boundary():
                app = self._made()
        except CdsError as error:
            Journal(constant={"worker": os.getpid()}).write("not-started", kind=error.code, problem=str(error))
            sys.exit(FAILED)
        prepare_to_serve()
        return app

    def _made(self) -> Starlette:
        accepted = AcceptedRules(self.shared)
        books = [accepted.book(one.sha256) for one in accepted.listed()]
        service = build_service(self.plan.settings, *books)
        add_worker_operations(service, self.plan, accepted, figures_in(self.shared))
        add_telemetry(service)
        return application(service)


def figures_in(shared: Path) -> FigureFiles:
    """The figures of the processes that share a folder."""
    return FigureFiles(shared / "figures", added)


def end_with_supervisor() -> None:
    """End as at SIGTERM when the supervisor is gone: nobody would replace this worker, and it holds the address."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
