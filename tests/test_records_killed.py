"""Killed in the middle of a load, again and again: what was acknowledged is on record, and the chain goes on."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recorded import new_database
from sqlalchemy import Engine, select

from cds.records.chain import verify
from cds.records.database import open_database
from cds.records.tables import DECISIONS_TABLE, FEEDBACK_TABLE

TIMES = 20
LOAD = """
import sys; sys.path.insert(0, sys.argv[2])
from datetime import datetime, timezone
from threading import Lock, Thread
from uuid import uuid4
from cds.records.entry import LogEntry, ShownCard
from cds.records.feedback_log import FeedbackEntry
from cds.records.records import Records

parts = "time service hook instance program as_of rulebook_version rulebook_sha256 outcome decided_by".split()
records, lock, now = Records(sys.argv[1]), Lock(), datetime.now(timezone.utc)

def said(*words):
    with lock:
        sys.stdout.write(" ".join(map(str, words)) + chr(10))  # one piece: a kill between two would tear the line
        sys.stdout.flush()

def load():
    while True:
        card = str(uuid4())
        shown = ShownCard(card, "T", "R", "1", "info")
        entry = LogEntry(**dict.fromkeys(parts, "x"), shown=(shown,), body=b"b" * 30_000, cards=b"c")
        said("decision", records.add_decision(entry).result())
        told = FeedbackEntry("", "", "s", card, "overridden", "2026-01-01T00:00:00.000000Z", (), "")
        records.add_feedback([told], now).result()
        said("feedback", card)

for _ in range(4):
    Thread(target=load, daemon=True).start()
sys.stdin.read()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    return new_database(request.getfixturevalue("postgresql"))


def test_no_acknowledged_record_is_lost_when_the_process_is_killed(place: str) -> None:
    root, chance, acknowledged = str(Path(__file__).resolve().parent.parent), random.Random(1), set[str]()
    for _ in range(TIMES):
        said = killed([sys.executable, "-c", LOAD, place, root], chance.uniform(0.02, 0.4))
        assert said
        assert acknowledged.isdisjoint(said)
        acknowledged |= said
        engine = open_database(place)
        assert (verify(engine).problem, acknowledged - on_record(engine)) == ("", set())
        engine.dispose()


def killed(command: list[str], after: float) -> set[str]:
    """What a process acknowledged before it was killed, a time after its first acknowledgement."""
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdout is not None
    first = running.stdout.readline()
    time.sleep(after)
    running.kill()
    rest, _ = running.communicate(timeout=60)
    return {line.decode() for line in (first + rest).splitlines(keepends=True) if line.endswith(b"\n")}


def on_record(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        decisions = connection.execute(select(DECISIONS_TABLE.c.number)).scalars().all()
        feedback = (
            connection.execute(select(FEEDBACK_TABLE.c.card).where(FEEDBACK_TABLE.c.number.is_not(None)))
            .scalars()
            .all()
        )
    return {f"decision {number}\n" for number in decisions} | {f"feedback {card}\n" for card in feedback}
