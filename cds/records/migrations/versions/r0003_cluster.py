"""What the processes of one service have in common. Nothing in it is of a patient, or kept for good."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, String, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "seen_tokens",
        Column("ends", BigInteger, primary_key=True, autoincrement=False),
        Column("token", LargeBinary, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "swept_tokens",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("ends", BigInteger, nullable=False),
    )
    op.create_table(
        "members",
        Column("id", String(32), primary_key=True),
        Column("host", Text, nullable=False),
        Column("started", Double, nullable=False),
        Column("seen", Double, nullable=False),
    )
    op.create_table(
        "rates",
        Column("issuer", String(64), primary_key=True),
        Column("level", Double, nullable=False),
        Column("filled", Double, nullable=False),
    )
