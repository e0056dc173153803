"""The log as a chain of digests: what was asked and answered stands beside it, and can be erased without breaking it.

A log of version 0.1 is taken over whole, in this transaction.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Text, UniqueConstraint

from cds.records.migrations.old_log import take_over

revision = "0002"
down_revision = "0001"

NUMBER = BigInteger().with_variant(Integer, "sqlite")
FIXED = ("chain", "erasures", "pseudonym_key")
ERASABLE = ("decisions", "requests", "cards", "feedback")
OLD = {
    "sqlite": ("DROP TRIGGER IF EXISTS decisions_never_UPDATE", "DROP TRIGGER IF EXISTS decisions_never_DELETE"),
    "postgresql": (
        "DROP TRIGGER IF EXISTS decisions_never_change ON decisions",
        "ALTER TABLE decisions RENAME CONSTRAINT decisions_pkey TO old_decisions_pkey",
        "ALTER TABLE feedback RENAME CONSTRAINT feedback_pkey TO old_feedback_pkey",
        "ALTER TABLE feedback RENAME CONSTRAINT feedback_once TO old_feedback_once",
        "ALTER TABLE cards RENAME CONSTRAINT cards_pkey TO old_cards_pkey",
    ),
}
NEVER = "the decision log is append-only"
ONLY_ERASED = "the decision log is append-only: only an erasure (cds log erase, cds log prune) deletes from it"
FUNCTION = f"""
CREATE FUNCTION records_erased() RETURNS trigger AS $$ BEGIN
IF NOT EXISTS (SELECT 1 FROM erasing) THEN RAISE EXCEPTION '{ONLY_ERASED}'; END IF;
RETURN NULL; END $$ LANGUAGE plpgsql
"""  # noqa: S608 - a text of our own
VALUES = {
    "decisions": ("patient", "salt", "content", "cards"),
    "requests": ("salt", "body"),
    "cards": ("uuid", "patient", "user"),
    "feedback": ("card", "suggestions", "patient", "user", "salt"),
}
"""Of what PostgreSQL must keep no samples: its statistics would go on naming who was erased."""


def upgrade() -> None:
    """Make the tables anew and take over what is in the old ones."""
    kind = op.get_bind().dialect.name
    for statement in OLD[kind]:
        op.execute(statement)
    op.drop_index("feedback_of_user", "feedback")
    for name in ("decisions", "feedback", "cards"):
        op.rename_table(name, f"old_{name}")
    _chain()
    _contents()
    _cards()
    _feedback()
    take_over(op.get_bind())
    for name in ("cards", "feedback", "decisions"):
        op.drop_table(f"old_{name}")
    _indexes()
    _triggers(kind)


def _chain() -> None:
    op.create_table(
        "chain",
        Column("number", NUMBER, primary_key=True, autoincrement=False),
        Column("kind", String(16), nullable=False),
        Column("time", String(27), nullable=False),
        *(Column(name, String(64), nullable=False) for name in ("previous", "hash", "digest")),
    )
    op.create_table(
        "erasures",
        Column("number", NUMBER, primary_key=True, autoincrement=False),
        Column("content", LargeBinary, nullable=False),
    )
    op.create_table("erasing", Column("number", NUMBER, primary_key=True, autoincrement=False))
    op.create_table(
        "pseudonym_key",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("fingerprint", String(32), nullable=False),
    )


def _contents() -> None:
    op.create_table(
        "decisions",
        Column("number", NUMBER, primary_key=True, autoincrement=False),
        Column("time", String(27), nullable=False),
        Column("patient", Text, nullable=False),
        *(Column(name, LargeBinary, nullable=False) for name in ("salt", "content", "cards")),
    )
    op.create_table(
        "requests",
        Column("number", NUMBER, primary_key=True, autoincrement=False),
        Column("time", String(27), nullable=False),
        *(Column(name, LargeBinary, nullable=False) for name in ("salt", "body")),
    )


def _cards() -> None:
    op.create_table(
        "cards",
        Column("number", NUMBER, primary_key=True, autoincrement=False),
        Column("uuid", String(36), primary_key=True),
        Column("time", String(27), nullable=False),
        *_texts("tenant", "client", "topic", "rule", "version"),
        Column("indicator", String(8), nullable=False),
        *_texts("patient", "user"),
        sqlite_with_rowid=False,
    )
    names = 'number, uuid, time, tenant, client, topic, rule, version, indicator, patient, "user"'
    op.execute(f"INSERT INTO cards ({names}) SELECT {names} FROM old_cards ORDER BY number, uuid")  # noqa: S608


def _feedback() -> None:
    op.create_table(
        "feedback",
        Column("id", NUMBER, primary_key=True, autoincrement=False),
        Column("salt", LargeBinary, nullable=False),
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


def _indexes() -> None:
    op.create_index("decisions_of_time", "decisions", ["time"])
    op.create_index("decisions_of_patient", "decisions", ["patient"])
    op.create_index("requests_of_time", "requests", ["time"])
    op.create_index("cards_of_uuid", "cards", ["uuid"])
    op.create_index("feedback_of_user", "feedback", ["patient", "user", "outcome", "at"])


def _triggers(kind: str) -> None:
    if kind == "postgresql":
        op.execute(FUNCTION)
    for table in (*FIXED, *ERASABLE):
        for statement in _sqlite(table) if kind == "sqlite" else _postgresql(table):
            op.execute(statement)


def _sqlite(table: str) -> list[str]:
    when, says = ("WHEN NOT EXISTS (SELECT 1 FROM erasing) ", ONLY_ERASED) if table in ERASABLE else ("", NEVER)
    return [
        f"CREATE TRIGGER {table}_never_UPDATE BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{NEVER}'); END",
        f"CREATE TRIGGER {table}_never_DELETE BEFORE DELETE ON {table} {when}BEGIN SELECT RAISE(ABORT, '{says}'); END",
    ]


def _postgresql(table: str) -> list[str]:
    events, each = "UPDATE OR DELETE OR TRUNCATE", "FOR EACH STATEMENT EXECUTE FUNCTION"
    if table in FIXED:
        return [f"CREATE TRIGGER {table}_never_change BEFORE {events} ON {table} {each} decisions_append_only()"]
    kept = [f'ALTER TABLE {table} ALTER COLUMN "{name}" SET STATISTICS 0' for name in VALUES[table]]
    return [
        f"CREATE TRIGGER {table}_never_change BEFORE UPDATE OR TRUNCATE ON {table} {each} decisions_append_only()",
        f"CREATE TRIGGER {table}_only_erased BEFORE DELETE ON {table} {each} records_erased()",
        *kept,
    ]


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]
