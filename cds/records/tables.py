"""The tables of the records as statements name them; the migrations make them, with what forbids changes of the log.

Times are texts in UTC of one width (``2026-11-22T08:09:27.944000Z``): they sort alike in every database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Exact(TypeDecorator[bytes]):
    """Bytes as they are; a text that somebody else put in their place is read as bytes too, to be found out."""

    impl = LargeBinary
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes | None]:
        """How a value of the database is read; none where there is no row."""
        return lambda value: value.encode() if isinstance(value, str) else None if value is None else bytes(value)


METADATA = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")

CHAIN_TABLE = Table(
    "chain",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("time", String(27), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
"""The log: one link for each record of any kind; ``hash`` is of the others, ``digest`` of the salted content.

A link is never changed or deleted. It holds nothing of a patient.
"""

HEAD_TABLE = Table(
    "head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", NUMBER, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the last link. It tells a log that lost its end from one that ends there."""

DECISIONS_TABLE = Table(
    "decisions",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("time", String(27), nullable=False),
    Column("patient", Text, nullable=False),
    Column("salt", Exact, nullable=False),
    Column("content", Exact, nullable=False),
    Column("cards", Exact, nullable=False),
    Index("decisions_of_time", "time"),
    Index("decisions_of_patient", "patient"),
)
"""What a decision was. Never changed, and deleted by an erasure alone, like what is in the tables below."""

REQUESTS_TABLE = Table(
    "requests",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("time", String(27), nullable=False),
    Column("salt", Exact, nullable=False),
    Column("body", Exact, nullable=False),
    Index("requests_of_time", "time"),
)
"""The request of a decision, as received; it may go before the decision does."""

CARDS_TABLE = Table(
    "cards",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("uuid", String(36), primary_key=True),
    Column("time", String(27), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("indicator", String(8), nullable=False),
    Column("patient", Text, nullable=False),
    Column("user", Text, nullable=False),
    Index("cards_of_uuid", "uuid"),
    sqlite_with_rowid=False,
)
"""Every card that was sent, so that feedback finds the decision it is about."""

FEEDBACK_TABLE = Table(
    "feedback",
    METADATA,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("salt", Exact, nullable=False),
    Column("received", String(27), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("card", String(36), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("at", String(27), nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("number", NUMBER),
    Column("topic", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("indicator", String(8), nullable=False),
    Column("patient", Text, nullable=False),
    Column("user", Text, nullable=False),
    UniqueConstraint("tenant", "client", "card", "outcome", "at", name="feedback_once"),
    Index("feedback_of_user", "patient", "user", "outcome", "at"),
)
"""What users did with cards; ``id`` is the number of its link.

``number`` is that of the decision; NULL, and what follows it empty, where no such card is on record.
"""

ERASURES_TABLE = Table(
    "erasures",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("content", Exact, nullable=False),
)
"""What was erased: the canonical JSON of an ``Erasure``, never changed or deleted."""

ERASING_TABLE = Table("erasing", METADATA, Column("number", NUMBER, primary_key=True, autoincrement=False))
"""The erasures that are not finished: only while there is one does the database let anything be deleted."""

KEY_TABLE = Table(
    "pseudonym_key",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(32), nullable=False),
)
"""One row: which key the pseudonyms and the ids of cards are made with, so that no host uses another one."""
