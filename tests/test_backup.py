"""Backups of the records: whole, verified, readable by their owner alone, and filled into an empty database again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from recorded import append, later, new_database, plain, tamper
from sqlalchemy import Engine, text

from cds.cli import app
from cds.records.backup import BackupError, back_up, backup_at, restore
from cds.records.chain import entries, verify
from cds.records.choosing import of_numbers
from cds.records.database import open_database, writing
from cds.records.entry import ShownCard
from cds.records.erasing import erase
from cds.records.feedback_log import feedback_entry
from cds.records.records import Records

CARD = "11111111-1111-4111-8111-111111111111"
SECRET = b"backup-canary-4711"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "records.sqlite")
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def log(place: str) -> str:
    """Five decisions, of which two are erased, and feedback."""
    records = Records(place)
    for number in range(5):
        body = b'{"n":%d,"secret":"%b"}' % (number, SECRET if number == 1 else b"")
        records.add_decision(plain(body=body, shown=(ShownCard(CARD, "T", "R", "1", "info"),))).result()
    records.add_feedback([feedback_entry(CARD, "accepted", later(hours=1), "s")], later(hours=1)).result()
    records.claim_key("0123456789abcdef")
    erase(records.engine, of_numbers(records.engine, 2, 3), later(days=1), sleep=lambda _: None)
    records.close()
    return place


def everything(engine: Engine) -> list[object]:
    tables = ("chain", "head", "decisions", "requests", "cards", "feedback", "erasures", "erasing", "pseudonym_key")
    with engine.connect() as connection:
        return [
            sorted(map(repr, connection.execute(text(f"SELECT * FROM {table}")).mappings().all()))  # noqa: S608
            for table in tables
        ]


def cds(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_backup_is_the_same_log_in_a_file_of_its_owner(log: str, tmp_path: Path) -> None:
    to = tmp_path / "backup" / "copy.sqlite"
    to.parent.mkdir()
    result = cds("log", "backup", "--database", log, "--to", str(to))
    assert (result.exit_code, result.output.partition(" ")[0]) == (0, "7")
    assert [path.name for path in to.parent.iterdir()] == ["copy.sqlite"]
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert SECRET not in to.read_bytes()
    engine = open_database(log)
    with backup_at(to) as copy:
        assert everything(copy) == everything(engine)
        assert verify(copy, verify(engine).head).erased == {"decisions": 2}
    engine.dispose()
    assert cds("log", "verify", "--database", str(to)).exit_code == 0


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_a_database_of_either_kind_is_filled_from_a_backup(
    log: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    other = new_database(request.getfixturevalue("postgresql")) if kind == "postgresql" else tmp_path / "new.sqlite"
    backup = tmp_path / "copy.sqlite"
    assert cds("log", "backup", "--database", log, "--to", str(backup)).exit_code == 0
    backup.chmod(0o400)
    result = cds("log", "restore", str(backup), "--database", str(other))
    assert (result.exit_code, result.output.partition(" ")[0]) == (0, "7")
    records = Records(str(other))
    assert records.add_decision(plain()).result() == 8
    assert verify(records.engine).problem == ""
    records.close()


def test_nothing_is_written_over(log: str, tmp_path: Path) -> None:
    backup = tmp_path / "copy.sqlite"
    assert cds("log", "backup", "--database", log, "--to", str(backup)).exit_code == 0
    again = cds("log", "backup", "--database", log, "--to", str(backup))
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    full = cds("log", "restore", str(backup), "--database", log)
    assert (full.exit_code, "holds records already" in full.output) == (2, True)


def test_a_backup_of_a_log_that_is_not_good_is_none(log: str, tmp_path: Path) -> None:
    engine = open_database(log)
    tamper(engine, "UPDATE decisions SET patient = 'x' WHERE number = 4")
    with pytest.raises(BackupError, match="the copy is not good: record 4:"):
        back_up(engine, tmp_path / "copy.sqlite")
    engine.dispose()
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []


def test_a_backup_that_was_changed_fills_nothing(tmp_path: Path) -> None:
    engine, backup = open_database(tmp_path / "r.sqlite"), tmp_path / "copy.sqlite"
    with writing(engine) as connection:
        append(connection, plain())
    back_up(engine, backup)
    engine.dispose()
    with closing(sqlite3.connect(backup)) as file, file:
        file.execute("DROP TRIGGER decisions_never_UPDATE")
        file.execute("UPDATE decisions SET content = x'00'")
    with backup_at(backup) as copy, pytest.raises(BackupError, match="the copy is not good: record 1:"):
        restore(copy, tmp_path / "new.sqlite")
    assert not (tmp_path / "new.sqlite").exists()


@pytest.mark.parametrize(("content", "says"), [(b"", "older version"), (b"no database" * 1000, "no backup")])
def test_what_is_no_backup_is_refused(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    result = cds("log", "restore", str(tmp_path / "file"), "--database", str(tmp_path / "new.sqlite"))
    assert (result.exit_code, says in result.output) == (2, True)
    absent = cds("log", "restore", str(tmp_path / "absent"), "--database", str(tmp_path / "new.sqlite"))
    assert absent.exit_code == 2


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    open_database(tmp_path / "r.sqlite").dispose()
    result = cds("log", "backup", "--database", str(tmp_path / "r.sqlite"), "--to", "/proc/copy.sqlite")
    assert (result.exit_code, "cannot be written" in result.output) == (2, True)


def test_a_backup_is_made_while_others_write(place: str, tmp_path: Path) -> None:
    records, ending = Records(place), threading.Event()
    records.add_decision(plain()).result()

    def write() -> None:
        while not ending.is_set():
            records.add_decision(plain(body=b"x" * 10_000)).result()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        found = back_up(records.engine, tmp_path / "copy.sqlite")
    finally:
        ending.set()
        thread.join()
    with backup_at(tmp_path / "copy.sqlite") as copy:
        assert len(list(entries(copy))) == found.good
    assert verify(records.engine, found.head).problem == ""
    records.close()


def test_an_old_backup_stays_as_it_is(tmp_path: Path) -> None:
    old = Path(__file__).resolve().parent / "old_records" / "0.1.0.sqlite.sql"
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as file:
        file.executescript(old.read_text())
    shutil.copy(tmp_path / "old.sqlite", tmp_path / "same.sqlite")
    result = cds("log", "restore", str(tmp_path / "old.sqlite"), "--database", str(tmp_path / "new.sqlite"))
    assert (result.exit_code, "older version" in result.output) == (2, True)
    assert (tmp_path / "old.sqlite").read_bytes() == (tmp_path / "same.sqlite").read_bytes()
