"""The clock of this host: tokens are judged by it, and so is what is recent in a record.

Whether a clock is right cannot be told from itself. But one that jumps against the time that has passed was wrong
before, or is wrong now.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from cds.service.health import HealthReport
from cds.service.journal import Journal

CLOCK_SECONDS = 1.0
"""Seconds from one look to the next."""
JUMP_SECONDS = 5.0
"""What a clock may be off between two looks; it is slewed by less, and a machine that slept is off by more."""
UNSURE_SECONDS = 60.0
"""How long a service is not ready after a jump, so that others are asked meanwhile."""
REMEMBERED_SECONDS = 24 * 3600.0


def passed() -> float:
    """Seconds that have passed since the machine started, sleep included where the system counts it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ClockWatch:
    """Looks at the clock again and again; ``report`` looks once more."""

    def __init__(
        self, journal: Journal, now: Callable[[], float] = time.time, elapsed: Callable[[], float] = passed
    ) -> None:
        self._journal, self._now, self._elapsed = journal, now, elapsed
        self._difference = now() - elapsed()
        self._jumped: tuple[float, float] | None = None

    def poll(self) -> None:
        """Note a jump since the last look."""
        elapsed = self._elapsed()
        difference = self._now() - elapsed
        jump, self._difference = difference - self._difference, difference
        if abs(jump) > JUMP_SECONDS:
            self._jumped = elapsed, jump
            self._journal.write("clock-jumped", seconds=round(jump, 1))

    def report(self) -> HealthReport:
        """That the clock jumped: for a minute the service may not be asked, for a day somebody should look."""
        self.poll()
        if self._jumped is None:
            return HealthReport()
        at, jump = self._jumped
        ago = self._elapsed() - at
        text = f"the clock jumped by {jump:+.0f} seconds; it was wrong before, or is wrong now."
        if ago < UNSURE_SECONDS:
            return HealthReport((text,))
        return HealthReport((), (text,) if ago < REMEMBERED_SECONDS else ())
