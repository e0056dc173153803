"""The tables that the processes of one service share; migration 0003 makes them. Times are seconds since 1970."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, String, Table, Text

from cds.records.tables import METADATA

TOKENS_TABLE = Table(
    "seen_tokens",
    METADATA,
    Column("ends", BigInteger, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)
"""Every token that was used and has not long ended: its end first, so that what was used together lies together."""

SWEPT_TABLE = Table(
    "swept_tokens",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ends", BigInteger, nullable=False),
)
"""One row: tokens that end before this are not remembered any more, and so are refused."""

MEMBERS_TABLE = Table(
    "members",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("host", Text, nullable=False),
    Column("started", Double, nullable=False),
    Column("seen", Double, nullable=False),
)
"""The processes that answer calls, each with when it was last seen; those that died are swept."""

RATES_TABLE = Table(
    "rates",
    METADATA,
    Column("issuer", String(64), primary_key=True),
    Column("level", Double, nullable=False),
    Column("filled", Double, nullable=False),
)
"""How many calls each issuer may make at once, as of when; the issuer by the SHA-256 of its name."""
