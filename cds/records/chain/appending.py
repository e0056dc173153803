"""Records that are appended in one transaction: their links, their contents, and what else is written with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, insert, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from cds.errors import CdsError
from cds.records.chain.links import DECISION, LogHead, hash_of, log_head
from cds.records.entry import LogEntry, ShownCard, without_token
from cds.records.sealing import sealed
from cds.records.tables import CARDS_TABLE, CHAIN_TABLE, DECISIONS_TABLE, HEAD_TABLE, REQUESTS_TABLE

_LINKED, _DECIDED, _ASKED = insert(CHAIN_TABLE), insert(DECISIONS_TABLE), insert(REQUESTS_TABLE)
_SENT, _BEGUN, _MOVED = insert(CARDS_TABLE), insert(HEAD_TABLE), update(HEAD_TABLE)
_READ_ONLY = text("SELECT current_setting('transaction_read_only')")
_TOUCHED = update(HEAD_TABLE).values(number=HEAD_TABLE.c.number)


class ReadOnlyError(SQLAlchemyError):
    """The database can be read, and takes no changes."""


class WrittenBeforeError(CdsError):
    """What may be written once was written before, and what was to be written with it was not."""

    code = "written-before"


class Once(NamedTuple):
    """A row that the table takes only once, by its primary key."""

    statement: Executable
    row: dict[str, Any]


class Appending:
    """Records that are appended in one transaction of ``writing``; whoever writes there is alone.

    What is appended is written by ``flush``, each table at once. ``connection`` is for whoever must read or write in
    the same transaction at once; what was appended is not there before ``flush``.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._first = self._last = log_head(connection)
        self._rows: dict[Executable, list[dict[str, Any]]] = {}
        self._once: dict[Executable, list[dict[str, Any]]] = {}

    @property
    def last(self) -> LogHead:
        """The end of the log, with what was appended."""
        return self._last

    def append(self, entry: LogEntry) -> int:
        """Append a decision; its number."""
        if (body := without_token(entry.body)) is not entry.body:
            entry = replace(entry, body=body)
        kept = sealed(entry)
        number, time = self.link(DECISION, entry.time, kept.digest), entry.time
        content = {"patient": entry.patient, "salt": kept.salt, "content": kept.content, "cards": entry.cards}
        self.also(_DECIDED, {"number": number, "time": time, **content})
        if entry.request_kept:
            request = {"number": number, "time": time, "salt": kept.request_salt, "body": entry.body}
            self.also(_ASKED, request)
        for shown in {shown.uuid: shown for shown in entry.shown}.values():
            self.also(_SENT, _card(entry, number, shown))
        return number

    def link(self, kind: str, time: str, digest: str) -> int:
        """Append a link for a record of any kind, by the digest of its content; its number."""
        number, previous = self._last.number + 1, self._last.hash
        self._last = LogHead(number, hash_of(number, kind, time, previous, digest))
        link = {"number": number, "kind": kind, "time": time, "previous": previous}
        self.also(_LINKED, {**link, "hash": self._last.hash, "digest": digest})
        return number

    def also(self, statement: Executable, row: dict[str, Any]) -> None:
        """Write a row with the batch; the rows of one statement (the same object) are written together."""
        self._rows.setdefault(statement, []).append(row)

    def once(self, once: Once) -> None:
        """Write such a row with the batch; ``flush`` raises WrittenBeforeError where it is there."""
        self._once.setdefault(once.statement, []).append(once.row)

    def touch(self) -> None:
        """Write what is written already: whether the database takes anything shows only when it is asked to."""
        self.connection.execute(_TOUCHED)

    def look(self) -> None:
        """Write nothing, and see whether the database would let us; the log was read already."""
        if self.connection.dialect.name == "postgresql" and self.connection.scalar(_READ_ONLY) == "on":
            raise ReadOnlyError

    def flush(self) -> None:
        """Write what was appended, all at once."""
        once, self._once = self._once, {}
        try:
            for statement, values in once.items():
                self.connection.execute(statement, values)
        except IntegrityError:
            raise WrittenBeforeError("This was used before.") from None
        rows, self._rows = self._rows, {}
        for statement, values in rows.items():
            self.connection.execute(statement, values)
        if self._last != self._first:
            end = self._last._asdict()
            self.connection.execute(*((_MOVED, end) if self._first.number else (_BEGUN, {"id": 1, **end})))
            self._first = self._last


def _card(entry: LogEntry, number: int, shown: ShownCard) -> dict[str, Any]:
    whose = {name: getattr(entry, name) for name in ("time", "tenant", "client", "patient", "user")}
    return {"number": number, **whose, **shown._asdict()}
