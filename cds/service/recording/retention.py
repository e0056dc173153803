"""Erases what the configuration says is kept no longer, again and again, and tells the journal how much that was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cds.errors import CdsError
from cds.records.records import Records
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal

RETENTION_SECONDS = 3600.0
"""Seconds from one look at the ages to the next."""


class Retention:
    """Forgets by age; None is for ever. Several processes may do so: what one has begun, another finishes."""

    def __init__(
        self,
        records: Records,
        requests: timedelta | None,
        decisions: timedelta | None,
        now: Callable[[], datetime],
        journal: Journal,
    ) -> None:
        self.records, self.requests, self.decisions = records, requests, decisions
        self.now, self.journal = now, journal
        self.trouble = ""

    def poll(self) -> None:
        """Erase what is too old by now; a failure is told, and the next time may succeed."""
        try:
            counts = self.records.forget(self.requests, self.decisions, self.now())
        except CdsError as error:
            self.trouble = str(error)
            self.journal.write("not-erased", kind=error.code, problem=self.trouble)
            return
        self.trouble = ""
        if any(counts.values()):
            self.journal.write("erased", **counts)

    def report(self) -> HealthReport:
        """That what is too old could not be erased the last time."""
        told = f"what is too old could not be erased: {self.trouble}"
        return HealthReport((), (told,)) if self.trouble else HealthReport()
