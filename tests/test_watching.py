"""``cds check --watch``: the rules are checked anew after each change, until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds.commands.watching import look_at

ROOT = Path(__file__).resolve().parent.parent
GOOD = Path(__file__).parent / "good_rules"
WAITING = "Waiting for changes in"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the smallest rulebook."""
    return Path(shutil.copytree(GOOD, tmp_path / "rules"))


@pytest.fixture
def watching(rules: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, watching that rulebook; its lines come through a pipe."""
    words = [sys.executable, "-m", "cds", "check", str(rules), "--watch"]
    around = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(words, **pipes, text=True, cwd=tmp_path, env=around) as done:  # type: ignore[call-overload]
        yield done
        done.kill()


def until_it_waits(process: subprocess.Popen[str]) -> list[str]:
    """The lines of one run."""
    assert process.stdout is not None
    said: list[str] = []
    while not said or WAITING not in said[-1]:
        said.append(process.stdout.readline())
        assert said[-1], f"it ended: {said}"
    return said


def test_each_change_is_checked_anew_and_ctrl_c_ends_with_the_last_exit_status(
    watching: subprocess.Popen[str], rules: Path
) -> None:
    first = until_it_waits(watching)
    findings = rules / "calcium" / "findings.yaml"
    text = findings.read_text("utf-8")
    findings.write_text(text.replace("age is at least 18 a", "age is att least 18 a"), "utf-8")
    broken = until_it_waits(watching)
    findings.write_text(text, "utf-8")
    mended = until_it_waits(watching)
    assert not any("[bad-sentence]" in line for line in first)
    assert any("calcium/findings.yaml:5" in line and "[bad-sentence]" in line for line in broken)
    assert "Exit status 2. Waiting for changes" in broken[-1]
    assert mended[1:] == first[1:]
    assert "\x1b" not in "".join((*first, *broken, *mended))
    watching.send_signal(signal.SIGINT)
    assert f"Exit status {watching.wait()}. " in mended[-1]


def test_a_file_that_comes_goes_or_grows_is_a_change(rules: Path) -> None:
    before = look_at([rules])
    more = rules / "calcium" / "ca-03.yaml"
    more.write_text("rule: CA-03\n", "utf-8")
    with_it = look_at([rules])
    more.write_text("rule: CA-03\ntitle: x\n", "utf-8")
    assert len({str(look) for look in (before, with_it, look_at([rules]))}) == 3
    more.unlink()
    assert look_at([rules]) == before
