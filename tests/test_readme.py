"""The README's two commands work in a fresh copy of the checkout with a fresh virtual environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import checkout
import pytest
from checkout import ROOT, copied

from cds.reasoning.engine import CC

COMMANDS = re.findall(r"^(python3 -m venv .+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
INSIDE = "CALCIUM_CDS_README_TEST"
NEEDS = "Not installed. Are gcc and Python.h there? apt-get install gcc python3-dev python3-venv"

pytestmark = pytest.mark.skipif(INSIDE in os.environ, reason="already inside a README command")


@pytest.fixture
def fresh_copy(tmp_path: Path) -> Path:
    """A checkout as it is cloned."""
    return copied(tmp_path)


def run(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return checkout.run(command, folder, **{INSIDE: "1", **more})


def test_the_first_command_installs_and_answers_the_question(fresh_copy: Path) -> None:
    done = run(COMMANDS[0], fresh_copy)
    assert done.returncode == 0, done.stderr
    assert "Outcome: continue" in done.stdout
    (installed,) = fresh_copy.glob(".venv/lib/python*/site-packages/cds")
    assert {"py.typed", "rules", "fhir_samples"} <= {path.name for path in installed.iterdir()}


def test_the_second_command_installs_and_passes_tests(fresh_copy: Path) -> None:
    done = run(COMMANDS[1], fresh_copy, PYTEST_ADDOPTS="-k test_cases")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_without_a_compiler_the_last_line_says_what_to_install(fresh_copy: Path) -> None:
    tools = fresh_copy / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(Path(sys.executable).resolve())
    done = run(f"({COMMANDS[0]}) 2>&1", fresh_copy, PATH=str(tools), PIP_NO_CACHE_DIR="1")
    assert done.returncode == 1
    assert "durable-rules" in done.stdout
    assert done.stdout.splitlines()[-1] == NEEDS


def test_the_cure_stands_in_every_command_that_installs() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert all(f"{CC} .venv/bin/" in text for text in (*COMMANDS, ci))
    assert all(f'|| ! echo "{NEEDS}" >&2 && ' in command for command in COMMANDS)
