"""A log of version 0.1 -> links, contents and requests: the same bytes in other tables, and the old hashes as digests.

It belongs to the second migration and stays as it is: nothing of what the program does now may change it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, text

AT_ONCE = 500
START = "0" * 64
_PAGE = text(
    "SELECT number, hash, content, cards FROM old_decisions WHERE number > :last ORDER BY number LIMIT :at_once"
)
_LINK = text(
    "INSERT INTO chain (number, kind, time, previous, hash, digest) "
    "VALUES (:number, :kind, :time, :previous, :hash, :digest)"
)
_DECISION = text(
    "INSERT INTO decisions (number, time, patient, salt, content, cards) "
    "VALUES (:number, :time, :patient, :salt, :content, :cards)"
)
_REQUESTS = text(
    "INSERT INTO requests (number, time, salt, body) SELECT decisions.number, decisions.time, decisions.salt, body "
    "FROM old_decisions JOIN decisions ON decisions.number = old_decisions.number"
)
_TOLD = (
    *("received", "tenant", "client", "service", "card", "outcome", "at", "suggestions", "reason"),
    *("number", "topic", "rule", "version", "indicator", "patient", "user"),
)
_NAMES = ", ".join(f'"{name}"' for name in _TOLD)
_FEEDBACK = text(f"SELECT {_NAMES} FROM old_feedback ORDER BY id")  # noqa: S608 - names of our own columns
_KEPT = text(
    f"INSERT INTO feedback (id, salt, {_NAMES}) VALUES (:id, :salt, {', '.join(f':{name}' for name in _TOLD)})"  # noqa: S608
)


class _Chain:
    """The links that are made, some at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.number, self.hash = connection, 0, START
        self.links: list[dict[str, Any]] = []

    def link(self, number: int, kind: str, time: str, digest: str) -> None:
        link = {"digest": digest, "kind": kind, "number": number, "previous": self.hash, "time": time}
        self.number, self.hash = number, sha256(orjson.dumps(link)).hexdigest()
        self.links.append({**link, "hash": self.hash})

    def write(self) -> None:
        if self.links:
            self.connection.execute(_LINK, self.links)
            self.links = []


def take_over(connection: Connection) -> None:
    """Fill the new tables from ``old_decisions``, ``old_feedback`` and the note of the end; no record is left out.

    What is wrong with an old log stays wrong: a record that is missing leaves a gap, one that was changed does not fit
    its digest, and an end that was cut off is still missed.
    """
    chain = _Chain(connection)
    time = ""
    for rows in _pages(connection):
        found = [_decision(row, time) for row in rows]
        for row, decision in zip(rows, found, strict=True):
            time = decision["time"]
            chain.link(row.number, "decision-0.1", time, row.hash)
        chain.write()
        connection.execute(_DECISION, found)
    connection.execute(_REQUESTS)
    _note_end(chain)
    _feedback(chain)


def _pages(connection: Connection) -> Iterator[list[Any]]:
    last = -1
    while rows := connection.execute(_PAGE, {"last": last, "at_once": AT_ONCE}).all():
        yield list(rows)
        last = rows[-1].number


def _decision(row: Any, before: str) -> dict[str, Any]:
    """A decision in its new form; one whose content cannot be read any more has the time of the one before it."""
    time, patient = before, ""
    try:
        data = orjson.loads(row.content)
        time, patient = str(data["time"])[:27], str(data["patient"])
    except (ValueError, KeyError, TypeError):
        pass
    exact = {name: _bytes(getattr(row, name)) for name in ("content", "cards")}
    return {"number": row.number, "time": time, "patient": patient, "salt": b"", **exact}


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _note_end(chain: _Chain) -> None:
    """The note of the end of the log; one that names records that are missing goes on doing so."""
    noted = chain.connection.execute(text("SELECT number, hash FROM head")).one_or_none()
    if noted is not None and noted.number > chain.number:
        chain.number, chain.hash = noted.number, noted.hash


def _feedback(chain: _Chain) -> None:
    """Old feedback at the end of the chain, in its order; then the end is noted."""
    told = chain.connection.execute(_FEEDBACK).mappings().all()
    rows = []
    for row in told:
        salt, content = os.urandom(32), orjson.dumps(dict(row), option=orjson.OPT_SORT_KEYS)
        chain.link(chain.number + 1, "feedback", row["received"], sha256(salt + content).hexdigest())
        rows.append({"id": chain.number, "salt": salt, **row})
    chain.write()
    if rows:
        chain.connection.execute(_KEPT, rows)
    if chain.number:
        chain.connection.execute(text("DELETE FROM head"))
        end = {"number": chain.number, "hash": chain.hash}
        chain.connection.execute(text("INSERT INTO head (id, number, hash) VALUES (1, :number, :hash)"), end)
