"""Whether the log is still the one that this process has written: its last link is in it.

A database that was put back to an earlier state, or another one in its place, has a good chain of its own, and would
quietly go on without what was acknowledged since.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from cds.records.chain.links import START, LogHead
from cds.records.tables import CHAIN_TABLE


class Continuity:
    """``seen`` is the last end of the log that this process knows; before it knows any, every log is the right one."""

    def __init__(self) -> None:
        self.seen = LogHead(0, START)

    def problem(self, connection: Connection, end: LogHead) -> str:
        """Why a log with this end is not the one that was written; empty where it is, or goes on from there."""
        seen = self.seen
        if end == seen or not seen.number:
            return ""
        if end.number < seen.number:
            return f"the log ends at {end.number}, and {seen.number} was written: it was put back, or is another one"
        found = connection.scalar(select(CHAIN_TABLE.c.hash).where(CHAIN_TABLE.c.number == seen.number))
        return "" if found == seen.hash else f"link {seen.number} is not the one that was written: it is another log"
