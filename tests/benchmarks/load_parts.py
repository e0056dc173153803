"""Where the processor time of one different call goes: with ES384 and the decision log on SQLite, part by part.

    python tests/benchmarks/load_parts.py --py-spy PY-SPY [--seconds 10]

py-spy (https://github.com/benfred/py-spy) looks 500 times a second at what the threads of a server do that is as busy
as it can be; each sample counts for the innermost part of ``PARTS`` that it is in. The processor time of a call, as
Linux counts it, is shared out by that.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from joserfc.jwk import ECKey
from load import closed_loop, ready
from load_requests import different_bodies
from load_servers import guarded, pin, processor_seconds
from load_tokens import exchanges, signed

PARTS = {
    "token": ("cds/trust/", "service/authentication", "joserfc/", "cryptography/"),
    "body to JSON": ("hooks/calls.py", "read_json", "parse_json"),
    "account of what was sent": ("intake/account.py",),
    "reading of the record": ("cds/intake/", "hooks/call_record.py", "hooks/prefetch.py"),
    "facts and findings": ("cds/facts/", "cds/topics/", "cds/forms/", "calcium-cds/"),
    "rules and outcome": ("cds/evaluation.py", "cds/reasoning/"),
    "cards": ("cds/cards/", "hooks/answering.py"),
    "remembered answers": ("response_cache.py",),
    "log, in the thread of the records": ("cds/records/writer.py",),
    "entry of the log": ("service/recording.py", "cds/records/", "answered_call.py"),
    "journal": ("service/journal.py",),
    "metrics": ("service/metrics.py",),
    "HTTP and the rest": ("",),
}
"""Parts by what stands in a frame of the stack; the first part with such a frame counts."""
RATE = 500


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--py-spy", required=True, metavar="FILE", help="the program py-spy")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--requests", type=int, default=500, help="so many different ones (default: 500)")
    options = parser.parse_args()
    bodies, key = different_bodies(options.requests), ECKey.generate_key("P-384", {"kid": "load"})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "served"
        with guarded("measured", key, place, str(place / "log.sqlite"), 1) as server:
            contender = ready(server, bodies, key)
            tokens = iter(signed(key, server, int(2000 * options.seconds)))
            calls = exchanges(server, bodies, contender.right, tokens)
            pin(server.process.pid, (0,))
            before = processor_seconds(server.process.pid)
            plain = closed_loop(server.port, calls, 16, options.seconds / 2)
            busy = 1000 * (processor_seconds(server.process.pid) - before) / len(plain.times)
            spy = [options.py_spy, "record", "-p", str(server.process.pid), "-d", f"{options.seconds / 2:.0f}"]
            output = ["-r", str(RATE), "-f", "raw", "-o", f"{folder}/samples", "--nonblocking", "--full-filenames"]
            with subprocess.Popen([*spy, *output], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
                closed_loop(server.port, calls, 16, options.seconds / 2)
        found = parts_of((Path(folder) / "samples").read_text(encoding="utf-8").splitlines())
    print(f"| part of {busy:.2f} ms | ms | share |\n|---|---|---|")
    for part in PARTS:
        share = found[part] / found.total()
        print(f"| {part} | {share * busy:.2f} | {100 * share:.0f} % |")


def parts_of(lines: list[str]) -> Counter[str]:
    """The samples of each part."""
    found: Counter[str] = Counter()
    for line in lines:
        stack, _, number = line.rpartition(" ")
        found[part_of(stack.split(";"))] += int(number)
    return found


def part_of(stack: list[str]) -> str:
    """The part of the innermost frame that belongs to one."""
    for frame in reversed(stack):
        for part, marks in PARTS.items():
            if any(mark and mark in frame for mark in marks):
                return part
    return list(PARTS)[-1]


if __name__ == "__main__":
    main()
