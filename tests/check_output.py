"""Rule files with planted problems; ``python tests/check_output.py`` writes what ``cds check`` prints about them.

Read what it wrote before it is committed: these files are what people and CI servers see.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from cds.cli import app
from cds.screen.problems.formats import FORMATS

TESTS = Path(__file__).resolve().parent
SMALL = TESTS / "topics" / "potassium" / "rules"
GOLDEN = TESTS / "check_output"
FINDINGS, KS_02 = "potassium/findings.yaml", "potassium/ks-02-high-potassium.yaml"
PLANTED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "problems": (
        (KS_02, "    expect: pause\n", "    expect: halt\n"),
        (KS_02, "review by: 2027-11-29", "review by: 2025-11-29"),
        (FINDINGS, "findings:\n", "findings:\n  never used:\n    says: It.\n    any:\n      - high potassium\n"),
    ),
    "refused": (
        (FINDINGS, "is at least 6.0 mmol/L", "is at least 6.0 mmol/l/d"),
        (KS_02, "    - high potassium\n", "    - hihg potassium\n"),
    ),
}
"""Edits of the small topic: problems of files that load, and files that do not load."""


def planted(kind: str, folder: Path) -> Path:
    """A copy of the small topic below a folder, with its problems."""
    rules = Path(shutil.copytree(SMALL, folder / "rules"))
    for name, before, after in PLANTED[kind]:
        text = (rules / name).read_text("utf-8")
        assert before in text, (name, before)
        (rules / name).write_text(text.replace(before, after, 1), "utf-8")
    return rules


def printed(form: str, *words: str) -> Any:
    """What the command did with the rules of the working directory."""
    return CliRunner().invoke(app, ["check", "--format", form, "--as-of", "2026-12-01", *words])


def said(form: str) -> str:
    """What it printed, as the golden file has it: of files that do not load, the text is on the error stream."""
    done = printed(form)
    return (done.stdout or done.stderr).replace(str(Path.cwd()), "PLACE")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for kind in PLANTED:
        with tempfile.TemporaryDirectory() as place:
            planted(kind, Path(place))
            os.chdir(place)
            for form in FORMATS:
                (GOLDEN / f"{kind}.{form}").write_text(said(form), "utf-8")
            os.chdir(TESTS)
