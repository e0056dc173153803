"""Calls that were denied, in the journal: from where, as whom they claimed to come, and why; only so many a minute.

Whoever can reach the service can be denied as often as they like: that must neither fill a disk nor hide another one.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.observability.request_id import of_no_request

LINES = 10
"""So many denials for one reason from one address have a line of their own within a minute."""
MOST_KINDS = 200
"""So many pairs of a reason and an address are told apart within a minute."""
MINUTE = 60.0
EVENT, LEFT_OUT = "not-authorized", "not-authorized-left-out"


class Denial(NamedTuple):
    """Why a call was denied, the address of its client, and the issuer that it claimed to be of (empty: not said)."""

    reason: str
    address: str
    claimed: str = ""


class Denials:
    """Writes a line for each denial, and each minute one for those of a kind that got none.

    ``journal`` and ``metrics`` give those of now, None while there are none; the metrics count every denial.
    """

    def __init__(
        self,
        journal: Callable[[], Journal | None],
        metrics: Callable[[], Metrics | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal, self._metrics, self._clock = journal, metrics, clock
        self._begun = clock()
        self._seen: Counter[tuple[str, str]] = Counter()

    def note(self, denial: Denial) -> None:
        """Count a denial, and write its line unless there were enough."""
        self.sweep()
        kind = denial.reason, denial.address
        if kind not in self._seen and len(self._seen) >= MOST_KINDS:
            kind = denial.reason, ""
        self._seen[kind] += 1
        has_line = self._seen[kind] <= LINES and self._journal() is not None
        if (metrics := self._metrics()) is not None:
            metrics.denied(denial.reason)
            if not has_line:
                metrics.event(EVENT)
        if has_line:
            self._write(EVENT, denial.reason, denial.address, **({"claimed": denial.claimed} if denial.claimed else {}))

    def sweep(self) -> None:
        """When a minute is over, say how many denials of each kind had no line, and begin anew."""
        if self._clock() - self._begun < MINUTE:
            return
        over, self._seen, self._begun = self._seen, Counter(), self._clock()
        with of_no_request():
            for (reason, address), number in over.items():
                if number > LINES:
                    self._write(LEFT_OUT, reason, address, count=number - LINES)

    def _write(self, event: str, reason: str, address: str, **more: str | float) -> None:
        if (journal := self._journal()) is not None:
            journal.write(event, kind=reason, address=address, **more)


async def sweep_each_minute(denials: Denials, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Say what was left out, also when nobody calls any more, until cancelled."""
    while True:
        await sleep(MINUTE)
        denials.sweep()
