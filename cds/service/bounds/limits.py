"""How much callers may ask: so many calls at once for all together, and so many a second for each issuer."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio

from cds.hooks.refusal import RefusedError
from cds.records.writer import BusyError, ClosedError, UnavailableError

MOST_ISSUERS = 10_000


class ConcurrencyLimit:
    """Calls that may be under way at once; above that a call is refused with 503 before its body is read.

    ``number`` is for all processes of the service together, ``for_each`` of them one issuer may hold. This process has
    its share of both.
    """

    def __init__(self, number: int, for_each: int | None = None) -> None:
        self._number, self._for_each = number, number if for_each is None else for_each
        self._held: Counter[str] = Counter()
        self._taken = 0
        self.share(1)

    def share(self, processes: int) -> None:
        """Let so many processes, of which this is one, have the seats together."""
        self._most = math.ceil(self._number / processes)
        self._most_of_one = min(self._most, math.ceil(self._for_each / processes))

    @contextmanager
    def slot(self, issuer: str = "") -> Iterator[None]:
        """Hold one of the slots.

        Raises:
            RefusedError: 503.

        """
        if self._taken >= self._most or self._held[issuer] >= self._most_of_one:
            raise RefusedError(503, "Too many calls are under way. Try again.", {"Retry-After": "1"})
        self._taken += 1
        self._held[issuer] += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._held[issuer] -= 1


def too_many_calls(seconds: int) -> RefusedError:
    """That an issuer calls too often, and in how many seconds it may again."""
    return RefusedError(429, "Too many calls in a short time. Try again.", {"Retry-After": str(seconds)})


class RateLimiter:
    """A token bucket for each issuer, in this process alone."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst, self.clock = per_second, burst, clock
        self.levels: dict[str, tuple[float, float]] = {}

    async def take(self, issuer: str) -> None:
        """Take one.

        Raises:
            RefusedError: 429, with the seconds until there is one again.

        """
        now = self.clock()
        level, filled = self.levels.get(issuer, (float(self.burst), now))
        level = min(self.burst, level + (now - filled) * self.per_second)
        if level < 1:
            raise too_many_calls(math.ceil((1 - level) / self.per_second))
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
