"""The rate of each issuer over all processes: calls are taken from the shared bucket some at a time, as used."""

from __future__ import annotations

import asyncio
import math
import time
from functools import partial

from cds.cluster.rates import Bucket, Part, take
from cds.records.records import Records
from cds.service.bounds.limits import recorded_or_503, too_many_calls

NOT_TOLD = "How many calls were made cannot be told."


class Allowance:
    """What this process holds of the bucket of one issuer; times are monotonic seconds."""

    def __init__(self) -> None:
        self.left, self.until = 0, 0.0
        self.size = 1
        self.empty_until = 0.0
        self.lock = asyncio.Lock()

    def use(self, now: float) -> bool:
        """Whether there is a call left; then one less is."""
        if self.left <= 0 or now > self.until:
            return False
        self.left -= 1
        return True

    def fill(self, part: Part, keep: float, asked: float, now: float) -> None:
        """Hold what was taken; it counts from when it was asked for."""
        self.left, self.until = part.calls, asked + keep
        self.empty_until = now + part.wait

    def next_size(self, most: int) -> int:
        """How many to take next: twice as many while they are used up in time, half when some were lost."""
        self.size = max(1, self.size // 2) if self.left else min(most, self.size * 2)
        return self.size


class SharedRateLimiter:
    """Bounds the calls of each issuer; issuers are those of the configuration, so there are few."""

    def __init__(self, records: Records, bucket: Bucket, seconds: float) -> None:
        """``seconds`` are how long a call waits for the database."""
        self._records, self._bucket, self._seconds = records, bucket, seconds
        self._held: dict[str, Allowance] = {}

    async def take(self, issuer: str) -> None:
        """Take one.

        Raises:
            RefusedError: 429, with the seconds until there is one again; 503 where that cannot be told.

        """
        held = self._held.setdefault(issuer, Allowance())
        if held.use(time.monotonic()):
            return
        async with held.lock:
            now = time.monotonic()
            if held.use(now):
                return
            if now >= held.empty_until:
                await self._fill(held, issuer)
            if held.left <= 0:
                raise too_many_calls(math.ceil(max(1.0, held.empty_until - time.monotonic())))
            held.left -= 1

    async def _fill(self, held: Allowance, issuer: str) -> None:
        asked = time.monotonic()
        job = partial(take, bucket=self._bucket, issuer=issuer, calls=held.next_size(self._bucket.most))
        with recorded_or_503(NOT_TOLD, self._seconds):
            part = await asyncio.wrap_future(self._records.share(job))
        held.fill(part, self._bucket.keep, asked, time.monotonic())
