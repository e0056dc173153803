"""How much callers may ask: so many calls at once for all together, and so many a second for each issuer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cds.hooks.refusal import RefusedError
from cds.records.writer import BusyError

MOST_BUCKETS = 10_000


class Seats:
    """Calls that may be under way at once; who finds none is told to come again, before a byte of the body is read."""

    def __init__(self, number: int) -> None:
        self.free = number

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a seat.

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


class Buckets:
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
        if len(self.levels) >= MOST_BUCKETS:
            self.levels.clear()
        self.levels[issuer] = (level - 1, now)


@contextmanager
def busy_is_503() -> Iterator[None]:
    """Tell the caller to come again when the records cannot take more at the moment.

    Raises:
        RefusedError: 503.

    """
    try:
        yield
    except BusyError:
        raise RefusedError(503, "The records cannot take more now. Try again.", {"Retry-After": "1"}) from None
