"""A worker takes the rulebooks into use that its supervisor has accepted, one worker after another."""

from __future__ import annotations

from collections.abc import Sequence

from cds.self_test import self_test
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal
from cds.service.reload import refused_report
from cds.service.rulebooks import CurrentRulebook
from cds.service.workers.accepted import AcceptedRulebook, AcceptedRules

FOLLOW_SECONDS = 1.0
"""Seconds from one look at what was accepted to the next."""


class Follower:
    """Follows what was accepted; ``poll`` is called every second, in a thread."""

    def __init__(self, rulebooks: Sequence[CurrentRulebook], accepted: AcceptedRules, journal: Journal) -> None:
        self._rulebooks, self._accepted, self._journal = rulebooks, accepted, journal
        self._listed: Sequence[AcceptedRulebook] = accepted.listed()

    def poll(self) -> None:
        """Look once; what has changed is taken into use."""
        self._listed = self._accepted.listed()
        for one, told in zip(self._rulebooks, self._listed, strict=True):
            if told.sha256 != one.book.sha256:
                self._take(one, told.sha256)

    def _take(self, one: CurrentRulebook, sha256: str) -> None:
        """What a rulebook makes on first use is made before it is in use: no call waits for that."""
        with self._accepted.turn():
            book = self._accepted.book(sha256)
            self_test(book, one.samples)
            one.book = book
        self._journal.write("rulebook-taken", version=book.version, rulebook=book.sha256)

    def report(self) -> HealthReport:
        """That files were changed and refused."""
        return refused_report(sum(one.refused for one in self._listed))
