"""What a day of an author waits for: ``cds check`` whole, with nothing changed, and after one change.

python tests/benchmarks/check.py [TIMES]

Each command is a process of its own over a copy of the rules, with a cache of its own; seconds of processor time of
the whole process (and of the clock), the median of TIMES (default 5). The rules get back their text after each change.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent


class Took(NamedTuple):
    """Seconds of one command: of processor time, and of the clock."""

    processor: float
    clock: float


class Edit(NamedTuple):
    """One change of one file that loads, and what it is."""

    says: str
    file: str
    old: str
    new: str


EDITS = (
    Edit("the sentence of a rule", "serum-calcium/ca-01-high-calcium.yaml", "\nsays: ", "\nsays: Now, "),
    Edit("a condition of a rule", "bone/bone-01-safe-to-continue.yaml", "\n  all:\n", "\n  all:\n    - adult\n"),
    Edit("a threshold", "serum-calcium/findings.yaml", "is at least 12.0 mg/dL", "is at least 12.1 mg/dL"),
)


def check(folder: Path, cache: Path) -> Took:
    """Run the check of a folder, whatever it says."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "cds", "check", "--rules", str(folder), "--format", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    if done.returncode > 1 or not done.stdout:
        raise SystemExit(done.stderr)
    return Took(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended - begun)


def changed(folder: Path, cache: Path, edit: Edit, number: int) -> Took:
    """The check after a change that was not there before."""
    path = folder / edit.file
    text = path.read_text("utf-8")
    if edit.old not in text:
        raise SystemExit(f"{edit.file} does not hold {edit.old!r}: this benchmark has to be adapted.")
    path.write_text(f"{text.replace(edit.old, edit.new, 1)}\n# change {number}\n", "utf-8")
    try:
        return check(folder, cache)
    finally:
        path.write_text(text, "utf-8")


def main(times: int) -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(shutil.copytree(ROOT / "rules", Path(place) / "rules")), Path(place) / "cache"
        whole = [check(folder, cache)]
        print("| cds check | processor time, s | clock, s |\n|---|---|---|")
        _print("everything (empty cache)", whole)
        _print("nothing changed", [check(folder, cache) for _ in range(times)])
        for edit in EDITS:
            _print(f"{edit.says} changed", [changed(folder, cache, edit, number) for number in range(times)])


def _print(says: str, took: list[Took]) -> None:
    processor, clock = (statistics.median(part) for part in zip(*took, strict=True))
    print(f"| {says} | {processor:.2f} | {clock:.2f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
