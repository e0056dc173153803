"""The processes that answer calls together: each is seen every few seconds, and one that is not any more has died.

Whoever is seen also sweeps: members that died, and tokens that ended long ago.
"""

from __future__ import annotations

import secrets
import socket
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select

from cds.cluster import tokens
from cds.cluster.clocks import ClockWatch
from cds.cluster.tables import MEMBERS_TABLE
from cds.errors import CdsError
from cds.records.records import Records

BEAT_SECONDS = 5.0
"""Seconds from one time that a process is seen to the next."""
DEAD_SECONDS = 20.0
"""A process that was not seen for so long is dead, or cannot reach the database."""
SWEEP_BEATS = 12
"""Tokens are swept at every so many beats."""
WAIT_SECONDS = 5.0


class Together(NamedTuple):
    """What a beat found: how many processes live, before which end tokens are forgotten, whether they are too many."""

    live: int = 1
    forgotten: int = 0
    full: bool = False


class Members:
    """One process among the others; ``beat`` is called again and again, in a thread."""

    def __init__(self, records: Records, clock: ClockWatch) -> None:
        self._records, self._clock = records, clock
        self._name, self._host = secrets.token_hex(16), socket.gethostname()
        self._started, self._beats = 0.0, 0
        self._last: Future[Together] | None = None
        self.together = Together()

    def beat(self) -> None:
        """Be seen; where the database does not take that, what was found before stays."""
        self._clock.look()
        try:
            if self._last is None or self._last.done():
                self._last = self._records.share(self._seen)
            self.together = self._last.result(WAIT_SECONDS)
        except (CdsError, TooLate):
            return

    def leave(self) -> None:
        """Be gone, so that the others have the seats at once."""
        try:
            self._records.share(self._gone).result(WAIT_SECONDS)
        except (CdsError, TooLate):
            return

    def _seen(self, connection: Connection) -> Together:
        now = self._clock.measure(connection)
        self._started = self._started or now
        mine, dead = MEMBERS_TABLE.c.id == self._name, MEMBERS_TABLE.c.seen < now - DEAD_SECONDS
        connection.execute(delete(MEMBERS_TABLE).where(or_(mine, dead)))
        row = {"id": self._name, "host": self._host, "started": self._started, "seen": now}
        connection.execute(insert(MEMBERS_TABLE), row)
        live: int = connection.execute(select(func.count()).select_from(MEMBERS_TABLE)).scalar_one()
        if self._beats % SWEEP_BEATS == 0 and not self._clock.jump:
            tokens.sweep(connection, now)
        self._beats += 1
        return Together(live, tokens.swept(connection), tokens.too_many(connection))

    def _gone(self, connection: Connection) -> None:
        connection.execute(delete(MEMBERS_TABLE).where(MEMBERS_TABLE.c.id == self._name))
