"""A run that is killed goes on where it was, and nothing in its folder tells that it was killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

from made_export import Plan, write_export
from populations import Ran, run

SMALL = "from cds.population.lines import planning as p; p.BYTES_OF_TASK = 150_000; p.BYTES_OF_PART = 200_000"
"""Pieces so small that a small export has many tasks and parts, as a large one has."""
RUN = f"{SMALL}; from cds.cli import main; main()"
KILLS = int(os.environ.get("RUN_KILLS", "3"))
"""How many runs are killed; ``RUN_KILLS=10 pytest tests/test_population_killed.py`` kills ten."""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of 400 patients."""
    folder = tmp_path_factory.mktemp("export")
    write_export(Plan(400, seed=11, odd=0.1), folder)
    return folder


def begun(export: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """A run in a process group of its own."""
    command = [
        sys.executable,
        "-c",
        RUN,
        "population",
        "run",
        str(export),
        "--out",
        str(out),
        "--workers",
        "2",
        *options,
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)


@pytest.fixture(scope="module")
def undisturbed(export: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """The files of a run that nobody killed, and how long it took."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    start = time.monotonic()
    assert begun(export, out).wait() == 0
    return Ran(out, 0, "", "").files(), time.monotonic() - start


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_run_goes_on_to_the_same_bytes(
    number: int, export: Path, undisturbed: tuple[dict[str, bytes], float], tmp_path: Path
) -> None:
    files, seconds = undisturbed
    out = tmp_path / "run"
    first = begun(export, out)
    time.sleep(random.Random(number).uniform(0.1, 1.0) * seconds)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert begun(export, out, "--resume").wait() == 0
    assert Ran(out, 0, "", "").files() == files


def test_what_a_killed_process_left_behind_counts_for_nothing(export: Path, tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", export)
    (tmp_path / "run" / "results").mkdir(parents=True)
    shutil.copytree(whole.folder / "results", tmp_path / "run" / "results", dirs_exist_ok=True)
    (tmp_path / "run" / "results" / ".part-00000.parquet.0a.begun").write_bytes(b"PAR1")
    manifest = (whole.folder / "run.json").read_bytes()
    (tmp_path / "run" / "work").mkdir()
    (tmp_path / "run" / "work" / "begun.json").write_bytes(manifest)
    assert run(tmp_path / "run", export, options=["--resume"]).files() == whole.files()


def test_a_run_that_was_begun_is_not_begun_again_by_accident(export: Path, tmp_path: Path) -> None:
    first = begun(export, tmp_path / "run")
    while not (tmp_path / "run" / "work" / "begun.json").is_file() and first.poll() is None:
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    ran = run(tmp_path / "run", export)
    assert ran.status == 2
    assert "--resume" in ran.errors
