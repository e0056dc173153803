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
    ForeignKey,
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

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes]:
        """How a value of the database is read."""
        return lambda value: value.encode() if isinstance(value, str) else bytes(value)


METADATA = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")

DECISIONS_TABLE = Table(
    "decisions",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("content", Exact, nullable=False),
    Column("body", Exact, nullable=False),
    Column("cards", Exact, nullable=False),
)
"""The log: ``content`` is the canonical JSON that ``hash`` is of; it names the SHA-256 of the two after it."""

HEAD_TABLE = Table(
    "head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", NUMBER, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the last record of the log. It tells a log that lost its end from one that ends there."""

CARDS_TABLE = Table(
    "cards",
    METADATA,
    Column("uuid", String(36), primary_key=True),
    Column("number", NUMBER, ForeignKey("decisions.number"), primary_key=True),
    Column("time", String(27), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("indicator", String(8), nullable=False),
    Column("patient", Text, nullable=False),
    Column("user", Text, nullable=False),
)
"""Every card that was sent, so that feedback finds the decision it is about."""

FEEDBACK_TABLE = Table(
    "feedback",
    METADATA,
    Column("id", NUMBER, primary_key=True),
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
)
"""What users did with cards. ``number`` is NULL, and what follows it empty, where no such card is on record."""

Index(
    "feedback_of_user", FEEDBACK_TABLE.c.patient, FEEDBACK_TABLE.c.user, FEEDBACK_TABLE.c.outcome, FEEDBACK_TABLE.c.at
)
