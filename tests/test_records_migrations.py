"""Migrations of the records: made once, adopted from version 0.1.0, brought up to date, and refused when too new."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from recorded import literal, new_database, plain, tamper
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from cds.cli import app
from cds.cluster.tables import TOKENS_TABLE
from cds.records.chain import LogHead, entries, verify
from cds.records.database import DatabaseError, open_database, open_existing, writing
from cds.records.migrations import MIGRATIONS, VERSION_TABLE, is_current, migrate
from cds.records.records import Records
from cds.records.tables import CARDS_TABLE, FEEDBACK_TABLE, METADATA

OLD = Path(__file__).resolve().parent / "old_records"
OLD_END = LogHead(3, "8755e36658c999b4ed5b88ea08c051f014be71b93db5751339a1b474477327a0")
"""What version 0.1.0 printed as the end of that log."""
NEWEST = ScriptDirectory(str(MIGRATIONS)).get_current_head()
NEXT = """
from alembic import op
from sqlalchemy import Column, Text

revision, down_revision = "9999", "{newest}"


def upgrade():
    op.add_column("head", Column("note", Text, server_default="new", nullable=False))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def old(place: str) -> str:
    """A database with three decisions and one feedback, as version 0.1.0 made it."""
    if place.startswith("sqlite"):
        with sqlite3.connect(place.removeprefix("sqlite:///")) as file:
            file.executescript((OLD / "0.1.0.sqlite.sql").read_text())
        file.close()
        return place
    engine = create_engine(place.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.connection.cursor().execute((OLD / "0.1.0.postgresql.sql").read_text())
    engine.dispose()
    return place


@pytest.fixture
def more_migrations(tmp_path: Path) -> Path:
    """The migrations, and one more that a later version has."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r9999_note.py").write_text(NEXT.replace("{newest}", str(NEWEST)))
    return folder


def revision(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one())  # noqa: S608


def counted(engine: Engine) -> tuple[int, int]:
    """How many cards and how much feedback there is."""
    with engine.connect() as connection:
        return len(connection.execute(CARDS_TABLE.select()).all()), len(
            connection.execute(FEEDBACK_TABLE.select()).all()
        )


def test_the_migrations_make_the_tables_that_the_statements_name(place: str) -> None:
    engine = open_database(place)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert TOKENS_TABLE.name in METADATA.tables
    engine.dispose()


@pytest.mark.parametrize("opening", [open_database, open_existing])
def test_a_database_of_0_1_0_is_adopted_and_no_record_is_lost(old: str, opening: type) -> None:
    engine = opening(old)
    assert (revision(engine), counted(engine)) == (NEWEST, (1, 1))
    found = verify(engine, OLD_END)
    assert (found.good, found.head.number, found.problem) == (4, 4, "")
    assert found.kinds == {"decision-0.1": 3, "feedback": 1}
    assert "record 3:" in verify(engine, LogHead(3, "0" * 64)).problem
    assert [entry.body for _, entry in entries(engine)] == [b'{"hook":"patient-view","n":%d}' % n for n in (1, 2, 3)]
    engine.dispose()


def test_an_adopted_log_goes_on_and_is_never_changed(old: str) -> None:
    records = Records(old)
    assert records.add_decision(plain()).result() == 5
    assert (verify(records.engine).good, verify(records.engine).problem) == (5, "")
    for statement in ("DELETE FROM decisions", "UPDATE requests SET body = salt", "DELETE FROM chain"):
        with pytest.raises(DBAPIError, match="append-only"), writing(records.engine) as connection:
            connection.execute(text(statement))
    records.close()


def test_the_bytes_of_an_old_record_are_held_against_its_old_hashes(old: str) -> None:
    for column, table in (("content", "decisions"), ("cards", "decisions"), ("body", "requests")):
        engine = open_database(old)
        with engine.connect() as connection:
            whole = connection.execute(text(f"SELECT {column} FROM {table} WHERE number = 2")).scalar_one()  # noqa: S608
        tamper(engine, f"UPDATE {table} SET {column} = salt WHERE number = 2")  # noqa: S608
        assert verify(engine).problem.startswith("record 2:")
        tamper(engine, f"UPDATE {table} SET {column} = {literal(engine, whole)} WHERE number = 2")  # noqa: S608
        assert verify(engine).problem == ""
        engine.dispose()


BROKEN = {
    "UPDATE decisions SET body = cards WHERE number = 3": "record 3:",
    "UPDATE decisions SET content = cards WHERE number = 3": "record 3:",
    "DELETE FROM decisions WHERE number = 2": "record 2:",
    "DELETE FROM decisions WHERE number = 3": "record 3:",
    "DELETE FROM decisions WHERE number = 1": "record 1:",
    "UPDATE cards SET rule = 'X'": "record 2:",
}


@pytest.mark.parametrize("statement", BROKEN)
def test_what_was_wrong_with_an_old_log_stays_wrong(old: str, statement: str) -> None:
    plain_old(old, "DELETE FROM cards" if "number = 2" in statement else "SELECT 1", statement)
    records = Records(old)
    assert verify(records.engine).problem.startswith(BROKEN[statement])
    records.add_decision(plain()).result()
    assert verify(records.engine).problem.startswith(BROKEN[statement])
    records.close()


def plain_old(place: str, *statements: str) -> None:
    """What somebody did to a database of version 0.1.0."""
    engine = create_engine(place.replace("postgresql:", "postgresql+psycopg:"))
    lifted = ["DROP TRIGGER decisions_never_UPDATE", "DROP TRIGGER decisions_never_DELETE"]
    if engine.dialect.name == "postgresql":
        lifted = ["ALTER TABLE decisions DISABLE TRIGGER USER"]
    with engine.begin() as connection:
        for statement in (*lifted, *statements):
            connection.execute(text(statement))
    engine.dispose()


def tables_and_triggers(file: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(file) as found:
        query = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE ? ORDER BY name"
        rows = [tuple(row) for row in found.execute(query, (f"%{VERSION_TABLE}%",))]
    found.close()
    return rows


def test_the_first_migration_makes_what_0_1_0_made(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__", "r000[2-9]*"))
    engine = create_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    with engine.begin() as connection:
        migrate(connection, folder)
    engine.dispose()
    with sqlite3.connect(tmp_path / "old.sqlite") as file:
        file.executescript((OLD / "0.1.0.sqlite.sql").read_text())
    file.close()

    def plainly(rows: list[tuple[str, ...]]) -> list[tuple[str | None, ...]]:
        return [tuple(" ".join(part.split()) if part else None for part in row) for row in rows]

    made = plainly(tables_and_triggers(tmp_path / "new.sqlite"))
    assert made == plainly(tables_and_triggers(tmp_path / "old.sqlite"))
    assert len([kind for kind, *_ in made if kind == "trigger"]) == 2


def test_an_old_database_gets_the_migrations_that_it_lacks(old: str, more_migrations: Path) -> None:
    engine = open_database(old)
    with writing(engine) as connection:
        assert not is_current(connection, more_migrations)
        migrate(connection, more_migrations)
        assert is_current(connection, more_migrations)
        assert connection.execute(text("SELECT note FROM head")).scalar_one() == "new"
    assert (revision(engine), verify(engine).good) == ("9999", 4)
    engine.dispose()


def test_a_migration_that_fails_leaves_everything_as_it_was(old: str, more_migrations: Path) -> None:
    file = more_migrations / "versions" / "r9999_note.py"
    dropping = file.read_text().replace("    op.add_column", "    op.drop_table('feedback')\n    op.add_column")
    file.write_text(dropping.replace("Text,", "1,"))
    engine = open_database(old)
    with pytest.raises(Exception, match=r".+"), writing(engine) as connection:
        migrate(connection, more_migrations)
    assert (revision(engine), verify(engine).good, counted(engine)) == (NEWEST, 4, (1, 1))
    engine.dispose()


@pytest.mark.parametrize("opening", [open_database, open_existing])
def test_a_database_of_a_newer_program_is_refused_with_what_to_do(
    old: str, more_migrations: Path, opening: type
) -> None:
    engine = open_database(old)
    with writing(engine) as connection:
        migrate(connection, more_migrations)
    engine.dispose()
    with pytest.raises(DatabaseError, match=rf"have the schema 9999.*up to {NEWEST}.*Use that version"):
        opening(old)


OPENING = "import sys; from cds.records.database import {opens}; {opens}(sys.argv[1]).dispose()"


@pytest.mark.parametrize("opens", ["open_database", "open_existing"])
def test_several_processes_may_start_at_once_on_an_old_database(old: str, opens: str) -> None:
    arguments = [sys.executable, "-c", OPENING.format(opens=opens), old]
    running = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in running] == [("", 0)] * 6
    engine = open_existing(old)
    assert (revision(engine), verify(engine).good) == (NEWEST, 4)
    engine.dispose()


def test_several_processes_may_make_a_database_at_once(place: str) -> None:
    arguments = [sys.executable, "-c", OPENING.format(opens="open_database"), place]
    running = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in running] == [("", 0)] * 6


@pytest.fixture
def shared_database(postgresql: str) -> Iterator[tuple[str, Engine]]:
    """A database in which another program keeps tables of its own, with migrations of its own."""
    place = new_database(postgresql)
    engine = create_engine(place.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('f00d')"))
    yield place, engine
    engine.dispose()


def test_the_migrations_of_another_program_in_the_same_database_stay(shared_database: tuple[str, Engine]) -> None:
    place, engine = shared_database
    Records(place).close()
    assert VERSION_TABLE in inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "f00d"


def test_what_is_up_to_date_is_not_written_by_those_who_only_read(tmp_path: Path) -> None:
    place = tmp_path / "records.sqlite"
    Records(place).close()
    holding = open_database(place)
    with writing(holding):  # nobody else can write meanwhile
        open_existing(place).dispose()
    holding.dispose()


def test_the_commands_say_that_a_newer_program_is_needed(tmp_path: Path) -> None:
    place = tmp_path / "records.sqlite"
    Records(place).close()
    with sqlite3.connect(place) as file:
        file.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0099'")  # noqa: S608
    file.close()
    found = CliRunner().invoke(app, ["log", "verify", "--database", str(place)])
    assert found.exit_code == 2
    assert f"have the schema 0099, and this program knows those up to {NEWEST}" in found.output
