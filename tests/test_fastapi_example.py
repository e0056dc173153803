"""The example application passes its own tests; these skip where FastAPI is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "fastapi"


def test_the_example_passes_its_own_tests() -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", str(EXAMPLE)]
    around = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{EXAMPLE}", "CDS_RULES": str(ROOT / "rules")}
    done = subprocess.run(command, cwd=EXAMPLE, env=around, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_shows_the_files_of_the_example() -> None:
    page = (ROOT / "docs" / "fastapi.md").read_text(encoding="utf-8")
    files = sorted(EXAMPLE.glob("*.py"))
    assert len(files) == 2
    assert [file.name for file in files if f"{{literalinclude}} examples/fastapi/{file.name}\n" not in page] == []
