"""The decision log as a chain: each record holds the SHA-256 of the one before, and the first bad one can be named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine, insert, select, update

from cds.errors import CdsError
from cds.records.entry import BYTES, LogEntry, ShownCard, content_of, entry_of, without_token
from cds.records.tables import CARDS_TABLE, DECISIONS_TABLE, HEAD_TABLE

START = "0" * 64
"""What the first record holds in place of a hash."""
AT_ONCE = 500
_END = select(HEAD_TABLE.c.number, HEAD_TABLE.c.hash)
_DECIDED, _SENT, _BEGUN, _MOVED = insert(DECISIONS_TABLE), insert(CARDS_TABLE), insert(HEAD_TABLE), update(HEAD_TABLE)
_TOUCHED = update(HEAD_TABLE).values(number=HEAD_TABLE.c.number)


class LogHead(NamedTuple):
    """The end of the log: its last number (0: empty) and that record's hash."""

    number: int
    hash: str


class Verified(NamedTuple):
    """What a verification saw: how many records are good, the end of the log, and what is wrong (empty: nothing)."""

    good: int
    head: LogHead
    problem: str


def log_head(connection: Connection) -> LogHead:
    """The end of the log as the database remembers it."""
    row = connection.execute(_END).one_or_none()
    return LogHead(row.number, row.hash) if row else LogHead(0, START)


class Appending:
    """Decisions that are appended in one transaction of ``writing``; whoever writes there is alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._first = self._last = log_head(connection)
        self._rows: list[dict[str, Any]] = []
        self._cards: list[dict[str, Any]] = []

    def append(self, entry: LogEntry) -> int:
        """Append a decision; its number. It is written by ``flush``."""
        entry, number, previous = replace(entry, body=without_token(entry.body)), self._last.number + 1, self._last.hash
        content = content_of(entry, number, previous)
        self._last = LogHead(number, sha256(content).hexdigest())
        row = {"number": number, "previous": previous, "hash": self._last.hash, "content": content}
        self._rows.append(row | {name: getattr(entry, name) for name in BYTES})
        self._cards += {shown.uuid: _card(entry, number, shown) for shown in entry.shown}.values()
        return number

    def touch(self) -> None:
        """Write what is written already: whether the database takes anything shows only when it is asked to."""
        self._connection.execute(_TOUCHED)

    def flush(self) -> Connection:
        """Write what was appended, all at once; the connection."""
        if self._rows:
            self._connection.execute(_DECIDED, self._rows)
            end = self._last._asdict()
            self._connection.execute(*((_MOVED, end) if self._first.number else (_BEGUN, {"id": 1, **end})))
            self._first, self._rows = self._last, []
        if self._cards:
            self._connection.execute(_SENT, self._cards)
            self._cards = []
        return self._connection


def _card(entry: LogEntry, number: int, shown: ShownCard) -> dict[str, Any]:
    whose = {name: getattr(entry, name) for name in ("time", "tenant", "client", "patient", "user")}
    return {"number": number, **whose, **shown._asdict()}


def entries(engine: Engine, first: int = 1) -> Iterator[tuple[int, LogEntry]]:
    """The numbers and entries of the log in order, from a number on."""
    for row in _rows(engine, first):
        yield row.number, entry_of(row.content, {name: getattr(row, name) for name in BYTES})


def entry_at(engine: Engine, number: int) -> tuple[LogEntry, str]:
    """The entry of a number, and its hash.

    Raises:
        CdsError: there is no such record.

    """
    with engine.connect() as connection:
        row = connection.execute(select(DECISIONS_TABLE).where(DECISIONS_TABLE.c.number == number)).one_or_none()
        last = log_head(connection).number
    if row is None:
        raise CdsError(f"there is no record {number}. The log ends at {last}.")
    return entry_of(row.content, {name: getattr(row, name) for name in BYTES}), row.hash


def _rows(engine: Engine, first: int = 1) -> Iterator[Any]:
    """The rows in order, a few at a time: a long log does not fill the memory, nor hold a transaction open."""
    while True:
        query = (
            select(DECISIONS_TABLE)
            .where(DECISIONS_TABLE.c.number >= first)
            .order_by(DECISIONS_TABLE.c.number)
            .limit(AT_ONCE)
        )
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        yield from rows
        first = rows[-1].number + 1


def verify(engine: Engine, noted: LogHead | None = None) -> Verified:
    """Whether every record is as it was written and none is missing; ``noted`` is an end of the log kept elsewhere.

    A chain cannot know that somebody cut off its end and mended the note of it in the same database: only an end that
    was noted elsewhere can show that.
    """
    ends = {head.number: head.hash for head in (_end(engine), noted) if head is not None}
    last = LogHead(0, START)
    for row in _rows(engine):
        problem = _wrong(row, last)
        if not problem and ends.get(row.number, row.hash) != row.hash:
            problem = f"record {row.number}: it is not the one that was noted as the end of the log."
        if problem:
            return Verified(last.number, last, problem)
        last = LogHead(row.number, row.hash)
    return Verified(last.number, last, _wrong_end(last, max(ends), _end(engine).number))


def _end(engine: Engine) -> LogHead:
    with engine.connect() as connection:
        return log_head(connection)


def _wrong_end(last: LogHead, noted: int, now: int) -> str:
    """Records that are missing at the end, or that were not appended by this program."""
    if last.number < noted:
        return f"record {last.number + 1}: it is missing; the log went on to {noted}."
    return f"record {now + 1}: it was not appended by this program." if now < last.number else ""


def _wrong(row: Any, last: LogHead) -> str:
    """What is wrong with a record, after the one before it; empty when nothing is."""
    if row.number != last.number + 1:
        return f"record {last.number + 1}: it is missing; {row.number} follows {last.number}."
    if sha256(row.content).hexdigest() != row.hash:
        return f"record {row.number}: its content was changed."
    try:
        data = orjson.loads(row.content)
        before, number, hashes = data["previous"], data["number"], {name: data[name] for name in BYTES}
    except (ValueError, KeyError, TypeError):
        return f"record {row.number}: its content is not that of a record."
    if before != last.hash or row.previous != last.hash:
        return f"record {row.number}: it does not follow record {last.number}."
    if number != row.number:
        return f"record {row.number}: it was written as record {number}."
    changed = [name for name in BYTES if sha256(getattr(row, name)).hexdigest() != hashes[name]]
    return f"record {row.number}: what it holds as {' and '.join(changed)} was changed." if changed else ""
