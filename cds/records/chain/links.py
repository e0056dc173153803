"""A link of the chain: the hash of its number, kind, time, predecessor and digest, and nothing of a patient."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from cds.records.tables import HEAD_TABLE

START = "0" * 64
"""What the first link holds in place of the hash of the one before."""
DECISION, FEEDBACK, ERASURE = "decision", "feedback", "erasure"
OLD_DECISION = "decision-0.1"
"""A decision of version 0.1: its digest is the hash that it had in the chain of that version."""
GAP = "gap"
"""Answers that were given and could not be recorded: ``gap 12`` is a link without content, when that was over."""
_END = select(HEAD_TABLE.c.number, HEAD_TABLE.c.hash)


class LogHead(NamedTuple):
    """The end of the log: its last number (0: empty) and that link's hash."""

    number: int
    hash: str


def hash_of(number: int, kind: str, time: str, previous: str, digest: str) -> str:
    """The hash of a link: the SHA-256 of its canonical JSON, 64 hexadecimal digits."""
    link = {"digest": digest, "kind": kind, "number": number, "previous": previous, "time": time}
    return sha256(orjson.dumps(link)).hexdigest()


def log_head(connection: Connection) -> LogHead:
    """The end of the log as the database remembers it."""
    row = connection.execute(_END).one_or_none()
    return LogHead(row.number, row.hash) if row else LogHead(0, START)
