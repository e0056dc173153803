"""A synthetic Bulk Data export of any size: ``python tests/made_export.py --patients N --out DIR``.

It writes NDJSON files by type (``1.Observation.ndjson`` ...) and a ``manifest.json`` of the shape of the status answer
of a FHIR Bulk Data export. The lines of a type are not in the order of the patients, but for those of Patient. What of
it is invented stands in ``tests/invented``; the same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import BinaryIO, NamedTuple, cast

import orjson
from invented.medicines import formulary
from invented.records import ON_CALCIUM, Line, Records, line_of, records_of
from invented.sites import staff
from invented.templates import Json

TRANSACTION_TIME = "2026-06-01T06:00:00.000Z"
BULK = "https://ehr.example.org/bulk"
WINDOW = 4000
"""Among so many lines the order is by chance."""


class Plan(NamedTuple):
    """What is written.

    ``on_calcium``: who takes a calcium product, ``tenth`` or ``all``. ``odd``: the share of patients with an odd shape.
    ``nobodys``: so many results name no patient; they may be anybody's, so nobody's results are whole then.
    """

    patients: int
    on_calcium: str = "tenth"
    seed: int = 0
    odd: float = 0.02
    nobodys: int = 0


class Written(NamedTuple):
    """The lines of each file, in the order of the manifest, and the odd shape of patients by their id."""

    files: dict[str, int]
    odd: dict[str, str]


def records_in(plan: Plan) -> Iterator[Records]:
    """The records of each patient."""
    for number in range(plan.patients):
        yield records_of(plan.seed, number, plan.on_calcium, plan.odd)


def write_export(plan: Plan, folder: Path, *, lines_per_file: int = 50_000, packed: bool = False) -> Written:
    """Write an export into a folder, which is made; ``packed``: each file as ``.ndjson.gz``."""
    folder.mkdir(parents=True, exist_ok=True)
    odd: dict[str, str] = {}
    late: list[Line] = []
    with ExitStack() as closing:
        shelves = Shelves(folder, ".ndjson.gz" if packed else ".ndjson", lines_per_file, closing)
        for line in _interleaved(_lines(plan, odd, late), Random(f"{plan.seed}/order")):
            shelves.put(line)
        for line in late:
            shelves.put_apart(line)
    manifest = manifest_of(shelves.counts, plan)
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return Written(shelves.counts, odd)


def manifest_of(counts: dict[str, int], plan: Plan) -> Json:
    """The status answer of the export."""
    kinds = sorted({name.split(".")[1] for name in counts})
    address = f"{BULK}/{plan.seed}-{plan.patients}"
    output = [{"type": name.split(".")[1], "url": f"{address}/{name}", "count": counts[name]} for name in counts]
    return {
        "transactionTime": TRANSACTION_TIME, "request": f"{BULK}/$export?_type={','.join(kinds)}",
        "requiresAccessToken": False, "output": output, "deleted": [], "error": [],
    }  # fmt: skip


def _lines(plan: Plan, odd: dict[str, str], late: list[Line]) -> Iterator[Line]:
    """All lines but those that go into other files, which are kept in ``late``; so are the odd shapes in ``odd``."""
    yield from map(line_of, [*staff(), *formulary()])
    for records in records_in(plan):
        if records.shape:
            odd[records.person.id] = records.shape
        for line in records.lines:
            if line.late:
                late.append(line)
            else:
                yield line
    yield from _of_nobody(plan)


def _of_nobody(plan: Plan) -> Iterator[Line]:
    """Results that name no patient."""
    several = (line for number in range(10 * plan.nobodys) for line in records_of(plan.seed, -1 - number).lines)
    results = (orjson.loads(line.text) for line in several if line.kind == "Observation")
    for result, _ in zip(results, range(plan.nobodys), strict=False):
        del result["subject"]
        yield line_of(result)


def _interleaved(lines: Iterator[Line], chance: Random) -> Iterator[Line]:
    """The lines in the order of chance within a window; Patients at once."""
    window: list[Line] = []
    for line in lines:
        if line.kind == "Patient":
            yield line
        elif len(window) < WINDOW:
            window.append(line)
        else:
            place = int(WINDOW * chance.random())
            yield window[place]
            window[place] = line
    chance.shuffle(window)
    yield from window


class Shelves:
    """The files of an export by type; a full one is followed by the next of its type."""

    def __init__(self, folder: Path, ending: str, most: int, closing: ExitStack) -> None:
        self.folder, self.ending, self.most, self.closing = folder, ending, most, closing
        self.open: dict[str, tuple[str, BinaryIO]] = {}
        self.numbers: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self.apart: set[str] = set()

    def put(self, line: Line) -> None:
        """Write a line into the file of its type."""
        name, file = self.open.get(line.kind) or self._next(line.kind)
        file.write(line.text.encode() + b"\n")
        self.counts[name] += 1
        if self.counts[name] >= self.most:
            file.close()
            del self.open[line.kind]

    def put_apart(self, line: Line) -> None:
        """Write a line into a file in which nothing but such lines stands."""
        if line.kind not in self.apart:
            self.apart.add(line.kind)
            self.open.pop(line.kind, None)
        self.put(line)

    def _next(self, kind: str) -> tuple[str, BinaryIO]:
        number = self.numbers[kind] = self.numbers.get(kind, 0) + 1
        name = f"{number}.{kind}{self.ending}"
        self.counts[name] = 0
        self.open[kind] = name, self.closing.enter_context(_opened(self.folder / name))
        return self.open[kind]


def _opened(path: Path) -> BinaryIO:
    """A file to write; a compressed one has no name and no time in it."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(path, "wb", compresslevel=1, mtime=0))
    return path.open("wb")


def main(words: list[str] | None = None) -> int:
    """Write what the command line says, and say how much it was."""
    parser = argparse.ArgumentParser(description="Write a synthetic Bulk Data export.")
    parser.add_argument("--patients", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--on-calcium", choices=sorted(ON_CALCIUM), default="tenth")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--odd", type=float, default=0.02, help="share of patients with an odd shape")
    parser.add_argument("--nobodys", type=int, default=0, help="results that name no patient")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--lines-per-file", type=int, default=50_000)
    said = parser.parse_args(words)
    plan = Plan(said.patients, said.on_calcium, said.seed, said.odd, said.nobodys)
    written = write_export(plan, said.out, lines_per_file=said.lines_per_file, packed=said.gzip)
    sys.stdout.write(f"{sum(written.files.values())} lines in {len(written.files)} files, {len(written.odd)} odd.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
