"""What ``cds population run`` costs beside ``orjson.loads`` of the same lines: processor time, growth, memory, steps.

    python tests/benchmarks/population.py [--patients 10000 100000] [--on-calcium tenth all] [--engine duckdb spark]

The exports are invented (``tests/made_export.py``); of ``tenth`` one patient in ten takes calcium, of ``all`` everybody
does. Everything is measured in one run: a ratio is what to compare between machines. "x JSON" is the processor time of
all processes, with their start, by that of ``orjson.loads`` over all lines in one process, the best of three. "without
rules" reads, groups and parses as a run does, in as many processes, and evaluates nothing. "memory" is the most that a
process that works ever had, "flat" the most of its last third by that of the middle one, where it is worst. Memory is
seen on Linux alone.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import orjson
from run_steps import steps_of
from watched_command import CommandFailedError, Watched, watched

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tests"))

from made_export import Plan, write_export  # noqa: E402 - it stands beside the tests

WITHOUT_RULES = "without rules"
PROFILED = 3000
"""Of so many patients the steps are timed."""
REPEATS = 3
GOALS = "Goals: 2 x JSON without rules, 6 x JSON with one in ten on calcium; growth 1.05; 300 MB for a process, flat."
FORM = "{:16}{:>8}{:>9}{:>9}{:>8}{:>8}{:>9}{:>12}{:>10}{:>7}{:>8}"
HEADS = ("what", "workers", "seconds", "CPU", "x JSON", "us each", "growth", "patients/s", "memory MB", "flat", "load")


class Export(NamedTuple):
    """An export: who takes calcium, how many patients, its folder, and the seconds that parsing its lines takes."""

    on_calcium: str
    patients: int
    folder: Path
    json: float


def parsing(folder: Path) -> float:
    """The least processor time that ``orjson.loads`` of all lines of an export takes, in seconds."""
    least = 0.0
    for path in sorted(folder.glob("*.ndjson")):
        lines, times = path.read_bytes().splitlines(), []
        for _ in range(REPEATS):
            start = time.process_time()
            for line in lines:
                orjson.loads(line)
            times.append(time.process_time() - start)
        least += min(times)
    return least


def made(on_calcium: str, patients: int, folder: Path) -> Export:
    """An export, written into a folder."""
    write_export(Plan(patients, on_calcium), folder)
    return Export(on_calcium, patients, folder, parsing(folder))


def command(what: str, workers: int | None, export: Export, out: Path) -> list[str]:
    """The command that does what is measured."""
    own = ["--workers", str(workers)] if workers else []
    if what == WITHOUT_RULES:
        return [sys.executable, str(HERE / "run_without_rules.py"), str(export.folder), str(out), *own]
    words = ["population", "run", str(export.folder), "--out", str(out), "--engine", what]
    return [sys.executable, "-m", "cds", *words, *own]


def measured(what: str, workers: int | None, export: Export, folder: Path) -> Watched:
    """What a run over an export takes; what it writes is removed."""
    out = folder / "run"
    try:
        return watched(command(what, workers, export, out), ROOT)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def row(what: str, workers: int | None, export: Export, found: Watched, growth: str) -> str:
    """The row of a run."""
    return FORM.format(
        what, workers or "default", f"{found.elapsed:.1f}", f"{found.processors:.1f}",
        f"{found.processors / export.json:.1f}", f"{found.processors / export.patients * 1e6:.0f}", growth,
        f"{export.patients / found.processors:.0f}", f"{found.highest:.0f}", f"{found.flatness:.2f}",
        f"{os.getloadavg()[0]:.1f}",
    )  # fmt: skip


def absent(engine: str) -> str:
    """Why an engine cannot be measured; empty where it can."""
    if engine != "spark":
        return ""
    needed = {"pyspark": find_spec("pyspark"), "java": shutil.which("java")}
    needed["the engine"] = find_spec("cds.population.engines.spark_engine")
    return "".join(f" {name} is not there." for name, found in needed.items() if not found)


def compare(options: argparse.Namespace, on_calcium: str, folder: Path) -> None:
    """Print the rows of the exports of each size."""
    before: dict[tuple[str, int | None], tuple[int, float]] = {}
    for patients in options.patients:
        export = made(on_calcium, patients, folder / "export")
        each = export.json / patients * 1e6
        print(f"\n{patients} patients, on calcium: {on_calcium}; orjson.loads {export.json:.2f} s, {each:.1f} us each")
        print(FORM.format(*HEADS), flush=True)
        for what in (WITHOUT_RULES, *options.engine):
            if why := absent(what):
                print(f"{what}: not measured.{why}")
                continue
            for workers in (1, None) if what != "spark" else (None,):
                try:
                    found = measured(what, workers, export, folder)
                except CommandFailedError as error:
                    print(f"{what}: it failed. {error}")
                    continue
                growth = exponent(before.get((what, workers)), (patients, found.processors))
                before[what, workers] = (patients, found.processors)
                print(row(what, workers, export, found, growth), flush=True)
        shutil.rmtree(export.folder)


def exponent(fewer: tuple[int, float] | None, more: tuple[int, float]) -> str:
    """How the cost grows between two sizes: 1 where twice the patients cost twice as much."""
    if fewer is None or fewer[0] == more[0]:
        return ""
    return f"{math.log(more[1] / fewer[1]) / math.log(more[0] / fewer[0]):.3f}"


def show_steps(on_calcium: str, patients: int, folder: Path) -> None:
    """Print where the time goes, in microseconds per patient."""
    export = made(on_calcium, patients, folder / "export")
    spent = steps_of(export.folder, folder / "run")
    print(f"\nSteps, {patients} patients, on calcium: {on_calcium}, one process: us per patient, x JSON")
    for name, seconds in (*spent.items(), ("all", sum(spent.values()))):
        print(f"{name:30}{seconds / patients * 1e6:9.1f}{seconds / export.json:8.2f}")
    shutil.rmtree(folder / "export")
    shutil.rmtree(folder / "run")


def main() -> None:
    """Print a table for each size, and the steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, nargs="+", default=[10_000, 100_000], metavar="N")
    parser.add_argument("--on-calcium", nargs="+", choices=("tenth", "all"), default=["tenth", "all"])
    parser.add_argument("--engine", nargs="+", choices=("duckdb", "spark"), default=["duckdb", "spark"])
    parser.add_argument("--profiled", type=int, default=PROFILED, metavar="N", help="time the steps of N patients")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for on_calcium in options.on_calcium:
            compare(options, on_calcium, Path(folder))
            if options.profiled:
                show_steps(on_calcium, options.profiled, Path(folder))
    print(f"\n{GOALS}")


if __name__ == "__main__":
    main()
