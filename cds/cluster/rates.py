"""How many calls a second each issuer may make, over all processes: each takes small parts of one bucket beforehand.

A bucket of ``burst`` calls that ``per_second`` fill again allows ``burst + per_second * t`` calls in any ``t`` seconds.
A part that was taken and not used ends after ``keep`` seconds, and the bucket holds so many calls less as fill it in
that time: what was taken before a time and is used after it was never allowed twice.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from cds.cluster.clocks import database_time
from cds.cluster.tables import RATES_TABLE

LONGEST_KEPT = 1.0
FEWEST_SHARED = 4
"""Of a smaller bucket calls are taken one by one."""


class Bucket(NamedTuple):
    """The bucket of an issuer, how many calls are taken from it at most at once, and for how many seconds."""

    capacity: float
    per_second: float
    most: int
    keep: float


class Part(NamedTuple):
    """Calls that were taken, and after how many seconds there will be one where it is none."""

    calls: int
    wait: float


def bucket_of(per_second: float, burst: int) -> Bucket:
    """The bucket for a bound."""
    if burst < FEWEST_SHARED:
        return Bucket(burst, per_second, 1, 0.0)
    keep = min(LONGEST_KEPT, burst / FEWEST_SHARED / per_second)
    return Bucket(burst - per_second * keep, per_second, max(1, int(per_second * keep)), keep)


def take(connection: Connection, bucket: Bucket, issuer: str, calls: int) -> Part:
    """Take up to so many calls from the bucket of an issuer; ``connection`` writes alone."""
    name, now = sha256(issuer.encode()).hexdigest(), _steady_time(connection)
    mine = RATES_TABLE.c.issuer == name
    row = connection.execute(select(RATES_TABLE.c.level, RATES_TABLE.c.filled).where(mine)).one_or_none()
    level = bucket.capacity
    if row is not None:
        level = min(level, row.level + max(0.0, now - row.filled) * bucket.per_second)
    taken = min(calls, int(level))
    left = {"level": level - taken, "filled": now}
    if row is None:
        connection.execute(insert(RATES_TABLE), {"issuer": name, **left})
    else:
        connection.execute(update(RATES_TABLE).where(mine), left)
    return Part(taken, 0.0 if taken else (1 - level) / bucket.per_second)


def _steady_time(connection: Connection) -> float:
    """Seconds on a clock that all processes share: on one host, and so with SQLite, one that never jumps."""
    return time.monotonic() if connection.dialect.name == "sqlite" else database_time(connection)
