"""What ``cds evaluate`` costs over a folder of records of about 1 MB, against ``orjson.loads`` of the same bytes.

    python tests/benchmarks/folder.py [--records 1000] [--json]

The records are those of ../shared/data/synthea with other ids. Both run in a process of their own; the time of
the start (rules, engine) is measured with one small record and taken off. Times are elapsed ones, and processor times
of all processes, user and system; the bytes are read before, so that they are in the memory of the system. The folder
is answered by as many processes as there are processors, of which `taskset -c 0` leaves one.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SYNTHEA = ROOT.parent / "shared" / "data" / "synthea"
PATIENT = re.compile(rb'"resource": ?\{\s*"resourceType": ?"Patient",\s*"id": ?"([^"]+)"')
LOADS = (
    "import sys, orjson; from pathlib import Path\n"
    "for path in sorted(Path(sys.argv[1]).glob('*.json')): orjson.loads(path.read_bytes())"
)


def make(folder: Path, count: int) -> int:
    """Write so many records, each with a patient id of its own; the bytes in all."""
    texts = [path.read_bytes() for path in sorted(SYNTHEA.glob("*.json"))]
    size = 0
    for number in range(count):
        text = texts[number % len(texts)]
        found = PATIENT.search(text)
        own = text.replace(found[1], b"%08d%s" % (number, found[1][8:])) if found else text
        size += (folder / f"{number:04}.json").write_bytes(own)
    return size


class Spent(NamedTuple):
    """What a command took, in seconds: elapsed, and of all processors together."""

    elapsed: float
    processors: float

    def without(self, other: Spent) -> Spent:
        """What is left of it without another one."""
        return Spent(self.elapsed - other.elapsed, self.processors - other.processors)


def spent(command: list[str]) -> Spent:
    """What a process and those that it started took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    elapsed, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the times and how many times the parsing an evaluation is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="JSON, in place of text")
    options = parser.parse_args()
    words = ["--as-of", "2026-11-22", *(["--json"] if options.json else [])]
    evaluate = [sys.executable, "-m", "cds", "evaluate"]
    sample = str(ROOT / "fhir_samples" / "high-calcium" / "bundle.json")
    with tempfile.TemporaryDirectory() as folder:
        size = make(Path(folder), options.records)
        parse = spent([sys.executable, "-c", LOADS, folder]).without(spent([sys.executable, "-c", "import orjson"]))
        start = spent([*evaluate, sample, *words])
        whole = spent([*evaluate, folder, *words])
    print(f"{options.records} records, {size / 1e6:.0f} MB, {'JSON' if options.json else 'text'}")
    for name in Spent._fields:
        loads, all_of_it, begun = (getattr(item, name) for item in (parse, whole, start))
        print(
            f"{name}: orjson.loads {loads:.2f} s; cds evaluate {all_of_it:.2f} s, of which the start {begun:.2f} s: "
            f"{all_of_it / loads:.2f} times; without the start {(all_of_it - begun) / loads:.2f} times"
        )


if __name__ == "__main__":
    main()
