"""``cds population export`` as a process that ends in the middle: the same command goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import until
from bulk_server import BulkData, export, ndjson, serving, words

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def server() -> Iterator[BulkData]:
    with serving(BulkData()) as found:
        yield found


HEEDED = ("env", "--default-signal=INT")
"""Before a command: interrupts end it as at a terminal; a shell that runs tests in the background ignores them."""


class started:  # noqa: N801 - reads as a verb
    """The command as a process of its own, killed at the end."""

    def __init__(self, server: BulkData, out: Path) -> None:
        command = [sys.executable, "-m", "cds", *words(server, out)]
        around = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.running = subprocess.Popen([*HEEDED, *command], env=around, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.running

    def __exit__(self, *_: object) -> None:
        self.running.kill()
        self.running.communicate(timeout=60)


def test_a_disk_that_cannot_be_written_is_said(server: BulkData, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    server.output["1.Observation.ndjson"] = ndjson("Observation", 2000)
    running = subprocess.Popen(
        ["bash", "-c", 'ulimit -f 32; trap "" XFSZ; exec "$@"', "-", sys.executable, "-m", "cds",
         *words(server, tmp_path / "x")], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "1.Observation.ndjson: It cannot be written: File too large" in said
    assert "[disk]" in said
    assert export(server, tmp_path / "x").exit_code == 0
    assert len(server.begun()) == 1


def test_a_folder_is_for_one_process_and_its_owner(server: BulkData, tmp_path: Path) -> None:
    server.polls = 10_000
    with started(server, tmp_path / "x"):
        until(lambda: len(server.of("GET", "/jobs")) > 1)
        done = export(server, tmp_path / "x")
        assert (done.exit_code, "Another process" in done.stderr) == (2, True)
    assert (tmp_path / "x").stat().st_mode & 0o077 == 0


def test_killed_while_it_polls_the_same_command_goes_on_with_the_same_export(server: BulkData, tmp_path: Path) -> None:
    server.polls = 10_000
    with started(server, tmp_path / "x"):
        until(lambda: len(server.of("GET", "/jobs")) > 2)
    server.polls = 1
    assert export(server, tmp_path / "x").exit_code == 0
    assert len(server.begun()) == 1


def test_killed_while_it_fetches_only_what_is_not_whole_is_fetched_again(server: BulkData, tmp_path: Path) -> None:
    server.slow.add("1.Observation.ndjson")
    with started(server, tmp_path / "x"):
        until((tmp_path / "x" / "1.Observation.ndjson.part").exists)
        until((tmp_path / "x" / "1.Patient.ndjson").exists)
    assert not (tmp_path / "x" / "1.Observation.ndjson").exists()
    server.slow.clear()
    server.asked.clear()
    assert export(server, tmp_path / "x").exit_code == 0
    assert [one.path for one in server.of("GET", "/files")] == ["/files/1.Observation.ndjson"]
    assert not server.begun()
    assert {name: (tmp_path / "x" / name).read_bytes() for name in server.output} == server.output


def test_interrupted_it_says_that_the_same_command_goes_on(server: BulkData, tmp_path: Path) -> None:
    server.polls = 10_000
    with started(server, tmp_path / "x") as running:
        until(lambda: len(server.of("GET", "/jobs")) > 1)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
        assert running.returncode == 1
    assert said.decode().endswith("Stopped. The same command goes on.\n")
