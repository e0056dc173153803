"""Increments: what an earlier run said stands where nothing has changed, and a full run would say the same bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

from histories import Step, history, write_step
from populations import Ran, run

TOGETHER = 50
"""So many histories are one population: each has people of its own."""
STEPS = 4
HISTORIES = int(os.environ.get("HISTORIES", "100"))
"""How many are tried; ``HISTORIES=200 pytest tests/test_population_since.py`` tries two hundred."""


def steps_of(first: int) -> list[Step]:
    """The steps of some histories as those of one population, on the days of the first one."""
    told = [history(seed, people=3, steps=STEPS) for seed in range(first, first + TOGETHER)]
    return [
        Step(
            together[0].day,
            {f"{first + n}-{name}": lines for n, step in enumerate(together) for name, lines in step.files.items()},
        )
        for together in zip(*told, strict=True)
    ]


def reused(ran: Ran, before: Ran) -> int:
    """How many patients have the same digest as before."""
    return len({row["digest"] for row in ran.rows()} & {row["digest"] for row in before.rows()})


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, HISTORIES, TOGETHER))
def test_an_increment_is_byte_for_byte_the_full_run_of_its_day(first: int, tmp_path: Path) -> None:
    before: Ran | None = None
    for number, step in enumerate(steps_of(first)):
        folder = tmp_path / f"data-{number % 2}"
        write_step(step, folder)
        day = ["--as-of", step.day.isoformat()]
        full = run(tmp_path / f"full-{number}", folder, options=day)
        if before is not None:
            since = run(tmp_path / f"since-{number}", folder, options=[*day, "--since", str(before.folder)])
            assert since.files() == full.files()
            assert since.status == full.status
            assert reused(full, before) > TOGETHER / 2
            before = since
        else:
            before = full


def test_an_answer_stands_until_its_next_change_and_not_on_it(tmp_path: Path) -> None:
    write_step(history(4, people=5, steps=1)[0], tmp_path / "data")
    first = run(tmp_path / "first", tmp_path / "data", options=["--as-of", "2026-06-01"])
    days = sorted({row["nextChange"] for row in first.rows() if row["nextChange"]})
    assert days
    for number, day in enumerate(days[:2]):
        options = ["--as-of", day.isoformat()]
        full = run(tmp_path / f"full-{number}", tmp_path / "data", options=options)
        since = run(tmp_path / f"since-{number}", tmp_path / "data", options=[*options, "--since", str(first.folder)])
        assert since.files() == full.files()


def test_a_run_of_a_later_day_is_no_earlier_run(tmp_path: Path) -> None:
    write_step(history(4, people=2, steps=1)[0], tmp_path / "data")
    late = run(tmp_path / "late", tmp_path / "data", options=["--as-of", "2026-06-02"])
    ran = run(tmp_path / "run", tmp_path / "data", options=["--as-of", "2026-06-01", "--since", str(late.folder)])
    assert ran.status == 2
    assert "is of 2026-06-02, which is later than 2026-06-01" in ran.errors
