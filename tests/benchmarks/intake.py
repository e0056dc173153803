"""What reading a record costs, as a ratio to another checkout, over the sets of records of ``speed.py``.

    python tests/benchmarks/intake.py --against PATH [--rounds N] [SET ...]

A process of each checkout reads the same records by turns, the other one waiting; who goes first changes from round to
round. A time is the least processor time of several calls of ``read_record`` with parsed JSON, over all rounds; what is
remembered of concepts is warm. "ratio" is that of this checkout to the other one: median, 95th percentile and highest
of the records, and that of the sums.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
CALLS, PATIENCE = 15, 0.03
"""The most calls in one turn, and the seconds after which no more are begun."""
FORM = "{:33}{:>5}{:>10}{:>10}{:>8}{:>8}{:>9}{:>8}"
HEADS = ("set", "n", "other us", "this us", "ratio", "p95", "highest", "sums")


def read_by_turns(path: str, checkout: str) -> None:
    """The process of one checkout: for each number that is asked, the least time of reading that record."""
    import orjson

    from cds import open_rulebook, read_record

    book = open_rulebook(Path(checkout) / "rules")
    cases = [(orjson.loads(raw), day) for raw, day in pickle.loads(Path(path).read_bytes())]  # noqa: S301 our own file
    for data, day in cases:
        read_record(data, book, day)
    print("ready", flush=True)
    for line in sys.stdin:
        data, day = cases[int(line)]
        times, end = [], time.process_time() + PATIENCE
        while len(times) < 3 or (len(times) < CALLS and time.process_time() < end):
            start = time.process_time()
            read_record(data, book, day)
            times.append(time.process_time() - start)
        print(json.dumps(min(times)), flush=True)


class Reader:
    """A process that reads records with the package of one checkout."""

    def __init__(self, checkout: Path, cases: str) -> None:
        """Start it, and wait until it has read everything once."""
        command = [sys.executable, __file__, "--worker", cases, str(checkout)]
        environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONHASHSEED": "0"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=checkout, env=environment
        )
        self.answer()

    def answer(self) -> str:
        """Its next line."""
        line = _open(self.process.stdout).readline()
        if not line:
            raise SystemExit("a reader has ended; its message stands above")
        return line

    def least(self, number: int) -> float:
        """The least time of reading a record, in microseconds."""
        pipe = _open(self.process.stdin)
        pipe.write(f"{number}\n")
        pipe.flush()
        return float(self.answer()) * 1e6

    def close(self) -> None:
        """End it."""
        _open(self.process.stdin).close()
        self.process.wait()


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("a pipe was not opened")
    return pipe


def measured(other: Reader, this: Reader, count: int, rounds: int) -> list[tuple[float, float]]:
    """The least times of the records in both checkouts, measured by turns."""
    found = [(float("inf"), float("inf"))] * count
    for turn in range(rounds):
        for number in range(count):
            order = (other, this) if (turn + number) % 2 == 0 else (this, other)
            times = {id(reader): reader.least(number) for reader in order}
            found[number] = min(found[number][0], times[id(other)]), min(found[number][1], times[id(this)])
    return found


def row(name: str, times: list[tuple[float, float]]) -> str:
    """The row of a set."""
    ratios = sorted(this / other for other, this in times)
    sums = sum(this for _, this in times) / sum(other for other, _ in times)
    shown = [f"{median(column):.0f}" for column in zip(*times, strict=True)]
    shown += [f"{value:.2f}" for value in (median(ratios), ratios[round(0.95 * (len(ratios) - 1))], ratios[-1], sums)]
    return FORM.format(name, len(times), *shown)


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--worker"]:
        read_by_turns(*sys.argv[2:4])
        return
    from record_sets import SETS, Absent

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", metavar="SET", nargs="*", help=f"all, or some of: {', '.join(SETS)}")
    parser.add_argument("--against", type=Path, required=True, help="the other checkout")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if unknown := set(options.sets) - SETS.keys():
        parser.error(f"no set of records has this name: {', '.join(sorted(unknown))}")
    print(FORM.format(*HEADS))
    everything: list[tuple[float, float]] = []
    for name in options.sets or SETS:
        try:
            cases = [(case.raw, case.day) for case in SETS[name]()]
        except Absent as absent:
            print(f"{name}: not measured, {absent}.")
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "cases"
            path.write_bytes(pickle.dumps(cases))
            other, this = Reader(options.against.resolve(), str(path)), Reader(ROOT, str(path))
            times = measured(other, this, len(cases), options.rounds)
            other.close()
            this.close()
        everything += times
        print(row(name, times), flush=True)
    print(row("all", everything))


if __name__ == "__main__":
    main()
