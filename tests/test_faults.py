"""A few of the trials of ``tests/trials/faults.py``, in small: nothing acknowledged is lost, no answer is wrong."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "trials"))

import callers
import trial
from database_faults import Gone
from file_faults import RecordsDeleted
from places import SqlitePlace
from trial import Fault, Found

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the trials read /proc")


class GoneForAMoment(Gone):
    seconds = 1.0


class DeletedForAMoment(RecordsDeleted):
    seconds = 1.0


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"CALM": 0.5, "AFTERWARDS": 1.0}.items():
        monkeypatch.setattr(trial, name, seconds)
    monkeypatch.setattr(callers, "PEOPLE", 20)


@pytest.mark.parametrize("fault", [GoneForAMoment, DeletedForAMoment])
def test_what_was_acknowledged_is_in_the_log_and_every_answer_is_right(fault: type[Fault]) -> None:
    found: Found = asyncio.run(trial.tried(fault(), SqlitePlace))
    assert (found.lost, found.changed, found.seen["wrong"], found.problem) == (0, 0, 0, "")
    assert found.seen["right"] > 0
    assert found.right_again is not None
