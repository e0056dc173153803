"""The clock of this host: whether it jumps, and how far it is from that of the database that the hosts share.

Tokens, rates and records rest on it. SQLite has no clock of its own: there is one host.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, text

JUMP_SECONDS = 2.0
"""By how much two clocks of one host may part between two looks; that a clock is slowly set right is less."""
QUIET_SECONDS = 600.0
"""How long a jump is told, and nothing is forgotten that rests on the clock."""
_NOW = text("SELECT extract(epoch FROM clock_timestamp())")


def database_time(connection: Connection) -> float:
    """The time of the database in seconds since 1970: that of the host where it has none of its own."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(_NOW).scalar_one())
    return time.time()


class ClockWatch:
    """Watches the clock of this host.

    ``difference`` is by how many seconds the clock of the database is ahead, as was measured last. ``jumped`` hears by
    how many seconds the clock jumped.
    """

    def __init__(
        self,
        jumped: Callable[[float], None],
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jumped, self._wall, self._steady = jumped, wall, steady
        self._looked = wall() - steady()
        self.difference = 0.0
        self._last: tuple[float, float] | None = None

    def look(self) -> None:
        """Compare the clock with one that never jumps, since the last look."""
        parted = self._wall() - self._steady()
        if abs(seconds := parted - self._looked) > JUMP_SECONDS:
            self._last = seconds, self._steady()
            self._jumped(seconds)
        self._looked = parted

    @property
    def jump(self) -> float:
        """The seconds by which the clock jumped in the last minutes; 0 where it did not."""
        if self._last is None or self._steady() - self._last[1] > QUIET_SECONDS:
            return 0.0
        return self._last[0]

    def measure(self, connection: Connection) -> float:
        """Compare the clock with that of the database; the time of the database."""
        before = self._wall()
        now = database_time(connection)
        if connection.dialect.name == "postgresql":
            self.difference = now - (before + self._wall()) / 2
        return now
