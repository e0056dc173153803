"""Whether the service is alive, and whether it may be asked: its rules answer for the sample patients as they should.

A rule that no longer fires is hard to notice (Wright and others 2016, J Am Med Inform Assoc 23:1068): so the samples
are evaluated at the start, every hour, and before a rulebook is taken into use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cds.about import PROGRAM, version
from cds.jsontypes import Json
from cds.self_test import self_test
from cds.service.observability.journal import Journal
from cds.service.rulebooks import CurrentRulebook

StatusAndBody = tuple[int, Json]
"""An HTTP status and a JSON body."""
SELF_TEST_SECONDS = 3600.0
"""Seconds from one self-test to the next."""
SELF_TEST_TOO_OLD = 3 * SELF_TEST_SECONDS
"""A self-test that was not repeated for so long says nothing: the task that repeats it has died."""


class HealthReport(NamedTuple):
    """How a part of the service is: why the service may not be asked, and what an operator should look at meanwhile.

    ``/readyz`` is open: a text names no patient, no secret, and no URL but the names of issuers.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Health:
    """Answers ``/livez``, ``/startupz``, ``/readyz`` and ``/version``; ``poll`` is called at the start and every hour.

    The rulebooks are tested without switches: a rule that was switched off on purpose does not make a service unready.
    ``checks`` are the other checks of the service that a call needs; each tells what it knows, and asks nobody for it.
    """

    def __init__(
        self,
        rulebooks: Sequence[CurrentRulebook],
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        checks: Sequence[Callable[[], HealthReport]] = (),
    ) -> None:
        self._rulebooks, self._journal, self._clock = rulebooks, journal, clock
        self._tested: tuple[float, tuple[str, ...]] | None = None
        self._checks = checks

    def poll(self) -> None:
        """Evaluate the samples of each rulebook in use."""
        self._tested = self._clock(), tuple(problem for one in self._rulebooks for problem in self._test(one))

    def _test(self, one: CurrentRulebook) -> tuple[str, ...]:
        book = one.book
        problems = self_test(book, one.samples)
        self._journal.write("self-test", count=len(problems), rulebook=book.sha256)
        for problem in problems:
            self._journal.write("self-test-failed", problem=problem)
        return problems

    def livez(self) -> StatusAndBody:
        """200: the process answers."""
        return 200, {"status": "ok"}

    def startupz(self) -> StatusAndBody:
        """200 once the rules are open and the sample patients were evaluated for the first time, whatever came of it.

        Until then whoever watches the process leaves it alone; afterwards ``/readyz`` says how it is.
        """
        return (503, {"status": "starting"}) if self._tested is None else (200, {"status": "started"})

    def readyz(self) -> StatusAndBody:
        """200 when every rulebook in use answered rightly for its samples, not long ago, and no other part is at fault.

        Else 503, with what is wrong.
        """
        reports = [self._rules(), *(part() for part in self._checks)]
        problems = [line for report in reports for line in report.problems]
        warnings = [line for report in reports for line in report.warnings]
        told = {name: lines for name, lines in (("problems", problems), ("warnings", warnings)) if lines}
        return (503, {"status": "not ready", **told}) if problems else (200, {"status": "ready", **told})

    def _rules(self) -> HealthReport:
        if self._tested is None:
            return HealthReport(("the sample patients have not been evaluated yet.",))
        at, problems = self._tested
        if self._clock() - at > SELF_TEST_TOO_OLD:
            return HealthReport(("the sample patients have not been evaluated for hours.",))
        return HealthReport(problems)

    def version(self) -> StatusAndBody:
        """The versions of the program and of the rulebooks in use; ``rulebook`` is the first of them."""
        books = [one.book for one in self._rulebooks]
        told = [{"title": book.title, "version": book.version, "sha256": book.sha256} for book in books]
        return 200, {"name": PROGRAM, "version": version(), "rulebook": told[0], "rulebooks": told}
