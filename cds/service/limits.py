"""How much callers may ask: so many calls at once for all together, and so many a second for each issuer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio

from cds.hooks.refusal import RefusedError
from cds.records.writer import BusyError, ClosedError, UnavailableError

MOST_ISSUERS = 10_000


class ConcurrencyLimit:
    """Calls that may be under way at once; above that a call is refused with 503 before its body is read."""

    def __init__(self, number: int) -> None:
        self.free = number

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the slots.

        Raises:
            RefusedError: 503.

        """
        if self.free <= 0:
            raise RefusedError(503, "Too many calls are under way. Try again.", {"Retry-After": "1"})
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1


class RateLimiter:
    """A token bucket for each issuer."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst, self.clock = per_second, burst, clock
        self.levels: dict[str, tuple[float, float]] = {}

    def take(self, issuer: str) -> None:
        """Take one.

        Raises:
            RefusedError: 429, with the seconds until there is one again.

        """
        now = self.clock()
        level, filled = self.levels.get(issuer, (float(self.burst), now))
        level = min(self.burst, level + (now - filled) * self.per_second)
        if level < 1:
            wait = math.ceil((1 - level) / self.per_second)
            raise RefusedError(429, "Too many calls in a short time. Try again.", {"Retry-After": str(wait)})
        if len(self.levels) >= MOST_ISSUERS:
            self.levels.clear()
        self.levels[issuer] = (level - 1, now)


@contextmanager
def recorded_or_503(not_kept: str, seconds: float) -> Iterator[None]:
    """Tell the caller to come again when the records cannot take something now, or not in so many seconds.

    Args:
        not_kept: what was not kept, and what follows from that, in a sentence.
        seconds: how long the records are waited for; what they take later, they keep all the same.

    Raises:
        RefusedError: 503.

    """
    try:
        with anyio.fail_after(seconds):
            yield
    except BusyError:
        raise RefusedError(503, f"{not_kept} Too much is waiting. Try again.", {"Retry-After": "1"}) from None
    except (UnavailableError, ClosedError, TimeoutError):
        raise RefusedError(503, f"{not_kept} Try again later.", {"Retry-After": "10"}) from None
