"""The tables of version 0.1.0, and the triggers by which the database refuses changes of the log.

A migration stays as it is: what changes later is a migration of its own.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint

revision = "0001"
down_revision = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")
TRIGGERS = {
    "sqlite": (
        """
        CREATE TRIGGER decisions_never_UPDATE BEFORE UPDATE ON decisions
        BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END
        """,
        """
        CREATE TRIGGER decisions_never_DELETE BEFORE DELETE ON decisions
        BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION decisions_append_only() RETURNS trigger AS
        $$ BEGIN RAISE EXCEPTION 'the decision log is append-only'; END $$ LANGUAGE plpgsql
        """,
        """
        CREATE TRIGGER decisions_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
        FOR EACH STATEMENT EXECUTE FUNCTION decisions_append_only()
        """,
    ),
}


def upgrade() -> None:
    """Make the tables in an empty database."""
    _log()
    _cards()
    _feedback()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def _log() -> None:
    op.create_table(
        "decisions",
        Column("number", NUMBER, primary_key=True, autoincrement=False),
        Column("previous", String(64), nullable=False, unique=True),
        Column("hash", String(64), nullable=False, unique=True),
        Column("content", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("cards", LargeBinary, nullable=False),
    )
    op.create_table(
        "head",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("number", NUMBER, nullable=False),
        Column("hash", String(64), nullable=False),
    )


def _cards() -> None:
    op.create_table(
        "cards",
        Column("uuid", String(36), primary_key=True),
        Column("number", NUMBER, ForeignKey("decisions.number"), primary_key=True),
        Column("time", String(27), nullable=False),
        *_texts("tenant", "client", "topic", "rule", "version"),
        Column("indicator", String(8), nullable=False),
        *_texts("patient", "user"),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        Column("id", NUMBER, primary_key=True),
        Column("received", String(27), nullable=False),
        *_texts("tenant", "client", "service"),
        Column("card", String(36), nullable=False),
        Column("outcome", String(10), nullable=False),
        Column("at", String(27), nullable=False),
        *_texts("suggestions", "reason"),
        Column("number", NUMBER),
        *_texts("topic", "rule", "version"),
        Column("indicator", String(8), nullable=False),
        *_texts("patient", "user"),
        UniqueConstraint("tenant", "client", "card", "outcome", "at", name="feedback_once"),
    )
    op.create_index("feedback_of_user", "feedback", ["patient", "user", "outcome", "at"])


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]
