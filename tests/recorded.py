"""Decisions about invented patients as the service would record them, and a PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import orjson
import pytest
from people import AS_OF, observation, patient, statement
from sqlalchemy import Connection, Engine, create_engine, text

from cds.commands.records import answered_again
from cds.records.chain import Appending
from cds.records.entry import LogEntry, shown_of, utc_text
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
NOW = datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
GUARDED = ("chain", "erasures", "pseudonym_key", "decisions", "requests", "cards", "feedback")
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def request(calcium: float, **more: Any) -> bytes:
    """A call of patient-view about somebody who takes calcium, with a calcium result."""

    def bundle(*resources: Json) -> Json:
        return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": item} for item in resources]}

    prefetch = {
        "patient": patient(), "observations": bundle(observation("LOINC 17861-6", calcium, "mg/dL")),
        "conditions": bundle(), "statements": bundle(statement("RxNorm 282465")), "requests": bundle(), "goals": None,
    }  # fmt: skip
    context = {"patientId": "p", "userId": "Practitioner/1"}
    call = {"hook": "patient-view", "hookInstance": "i-1", "context": context, "prefetch": prefetch}
    return orjson.dumps(call | more)


def decided(body: bytes, book: RuleBook, as_of: date = AS_OF, **more: Any) -> LogEntry:
    """The entry of a request, answered by a rulebook."""
    entry = plain(
        body=body, as_of=as_of.isoformat(), rulebook_version=book.version, rulebook_sha256=book.sha256,
        off=tuple(sorted(book.off)), shadow=tuple(sorted(book.shadow)),
    )  # fmt: skip
    cards = answered_again(entry, book)
    return replace(entry, cards=cards, shown=shown_of(orjson.loads(cards)["cards"]), **more)


def plain(**more: Any) -> LogEntry:
    """An entry with hardly anything in it."""
    parts: Json = {
        "time": utc_text(NOW), "service": "calcium-review", "hook": "patient-view", "instance": "i-1",
        "program": "0.1.0", "as_of": "2026-01-15", "rulebook_version": "0.1.0", "rulebook_sha256": "0" * 64,
        "outcome": "hold", "decided_by": "CA-01", "patient": "p" * 32, "user": "u" * 32,
        "body": b'{"hook":"patient-view"}',
        "cards": b'{"cards":[]}',
    }  # fmt: skip
    return LogEntry(**parts | more)


def append(connection: Connection, entry: LogEntry) -> None:
    """Append one decision in a transaction."""
    appending = Appending(connection)
    appending.append(entry)
    appending.flush()


def later(**time: float) -> datetime:
    return NOW + timedelta(**time)


def tamper(engine: Engine, *statements: str) -> None:
    """What somebody with the rights of the owner of the database can do: first away with the triggers."""
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "sqlite":
            triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            lifted = [f"DROP TRIGGER {name}" for name in triggers]
        else:
            lifted = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in GUARDED]
        for statement_ in (*lifted, *statements):
            connection.execute(text(statement_))


def literal(engine: Engine, value: bytes) -> str:
    """Bytes as a statement writes them."""
    return f"X'{value.hex()}'" if engine.dialect.name == "sqlite" else f"'\\x{value.hex()}'::bytea"


class Server:
    """A PostgreSQL server from Debian's package, on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data, self.socket = folder / "data", folder / "socket"
        self.url = f"postgresql://calcium@/postgres?host={self.socket}"
        for place in (self.data, self.socket):
            place.mkdir()
            if os.getuid() == 0:
                shutil.chown(place, "postgres")
        _run("initdb", "--pgdata", str(self.data), "--auth", "trust", "--username", "calcium", "--no-sync")
        self.start()

    def start(self) -> None:
        """Serve, and wait until it answers."""
        arguments = ["-D", str(self.data), "-c", "listen_addresses=", "-c", f"unix_socket_directories={self.socket}"]
        self.running = subprocess.Popen([BINARIES[-1] / "postgres", *arguments], **_quiet())
        _run("pg_isready", "--host", str(self.socket), "--username", "calcium", "--timeout", "30", patiently=True)

    def stop(self) -> None:
        """End at once, as after a failure of its machine."""
        self.running.send_signal(signal.SIGQUIT)
        self.running.wait(timeout=30)


@contextmanager
def server_of_its_own() -> Iterator[Server]:
    """A server that a test may stop and start."""
    if not BINARIES:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with TemporaryDirectory(prefix="calcium-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        found = Server(Path(folder))
        try:
            yield found
        finally:
            found.stop()


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server's database."""
    with server_of_its_own() as found:
        yield found.url


def _run(program: str, *arguments: str, patiently: bool = False) -> None:
    """Run a program of PostgreSQL; patiently: until it succeeds, for up to 30 seconds."""
    for _ in range(300 if patiently else 1):
        done = subprocess.run([BINARIES[-1] / program, *arguments], timeout=60, **_quiet())
        if done.returncode == 0:
            return
        time.sleep(0.1)
    pytest.fail(f"{program} failed")


def _quiet() -> Json:
    """As the user of PostgreSQL's own when the tests run as root, which it refuses; without a pipe it could fill."""
    null = subprocess.DEVNULL
    quiet: Json = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}}
    quiet |= {"stdin": null, "stdout": null, "stderr": null}
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        quiet |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    return quiet


def new_database(url: str) -> str:
    """A schema of its own in the database of a server; the URL that stays inside it."""
    name = f"calcium_{uuid4().hex}"
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{url}&options=-csearch_path%3D{name}"
