"""A run from its inputs to its folder: reading, grouping, answering, and the books.

Whatever is finished is kept at once, whole; what was killed goes on from there, and nothing in the result says that it
was. Only ``environment.json`` tells by what engine and how fast it was made.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import orjson

from cds.jsontypes import Json
from cds.population.answering import Question
from cds.population.ledger import Tally, ledger_of
from cds.population.manifest import (
    INDENTED,
    LEDGER,
    RUN,
    RunError,
    begin,
    duplicates_among,
    go_on,
    hash_of,
    manifest_of,
)
from cds.population.parts import FOLDER, keep, tally_file, write_part
from cds.population.persons import persons_in, shared_lines
from cds.population.processes import done_side_by_side
from cds.population.reading import Piece, Task
from cds.population.sources import Inputs, Source
from cds.rulebook.model import RuleBook

BYTES_OF_TASK = 32 * 1024 * 1024
BYTES_OF_PART = 24 * 1024 * 1024
MOST_PARTS = 512
MOST_TASKS = 512
Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""


class Engine(Protocol):
    """Reads tasks, and answers parts; each as it gets done."""

    name: str

    def read(self, tasks: list[Task], work: Path) -> Iterator[tuple[Task, Tally]]:
        """Each task that was read, with what was counted."""

    def answer(self, parts: list[int], question: Question, run: Path, work: Path) -> Iterator[int]:
        """Each part whose answers were written."""


class Plan(NamedTuple):
    """What a run does, worked out from its inputs alone: the tasks, and how many parts there are."""

    tasks: list[Task]
    parts: int


def plan_of(files: list[Source], parts: int | None = None) -> Plan:
    """The plan for inputs; the number of parts follows from their size unless it is given."""
    size = sum(source.size for source in files)
    number = parts or min(MOST_PARTS, 1 + size // BYTES_OF_PART)
    most = max(BYTES_OF_TASK, size // MOST_TASKS)
    return Plan([Task(n, pieces, number) for n, pieces in enumerate(_gathered(files, most))], number)


def _gathered(files: list[Source], most: int) -> Iterator[tuple[Piece, ...]]:
    """The pieces of files, gathered until they are large enough for a task."""
    waiting: list[Piece] = []
    size = 0
    for piece in (piece for source in files for piece in _pieces(source, most)):
        waiting.append(piece)
        size += (piece.source.size if piece.end is None else piece.end) - piece.start
        if size >= most:
            yield tuple(waiting)
            waiting, size = [], 0
    if waiting:
        yield tuple(waiting)


def _pieces(source: Source, most: int) -> Iterator[Piece]:
    if not source.splits or source.size <= most:
        yield Piece(source)
        return
    starts = range(0, source.size, most)
    for start in starts:
        yield Piece(source, start, min(start + most, source.size))


class Ordered(NamedTuple):
    """What was ordered: a folder for the run, its inputs, the question, the engine by its name, and how many workers.

    ``since`` is the folder of an earlier run, whose answers stand for those whose data did not change.
    """

    folder: Path
    inputs: Inputs
    question: Question
    book: RuleBook
    engine: str
    workers: int
    since: Path | None = None


ENGINES: dict[str, str] = {"duckdb": "cds.population.duckdb_engine", "spark": "cds.population.spark_engine"}
"""The engines by their names, each with its module, which is loaded when it is asked for."""


def engine_of(name: str, workers: int) -> Engine:
    """The engine of a name.

    Raises:
        RunError: what it needs is not installed.

    """
    try:
        module = import_module(ENGINES[name])
    except ModuleNotFoundError as error:
        raise RunError(
            f"The engine {name} needs the library {error.name}. Install it: pip install 'calcium-cds[{EXTRAS[name]}]'."
        ) from None
    made: Engine = module.engine(workers)
    return made


EXTRAS = {"duckdb": "population", "spark": "spark"}


def run_population(ordered: Ordered, progress: Progress, *, resume: bool) -> Json:
    """The ledger of a run, once everything is in its folder.

    Raises:
        RunError: it cannot begin, or not go on.

    """
    started = time.monotonic()
    inputs, question, folder = ordered.inputs, ordered.question, ordered.folder
    hashes = _hashes(inputs, ordered.workers, progress)
    duplicates = duplicates_among(inputs.files, hashes)
    plan = plan_of([source for source in inputs.files if source.number not in duplicates])
    manifest = manifest_of(inputs, hashes, duplicates, question, ordered.book, plan.parts)
    if resume and not go_on(folder, manifest):
        return read_ledger(folder)
    if not resume:
        begin(folder, manifest)
    engine = engine_of(ordered.engine, ordered.workers)
    run = Run(folder, inputs, question, plan)
    ledger, tally = run.finish(engine, progress)
    ledger["notes"] = [
        f"File {number} is the same as file {first}; it was counted once." for number, first in duplicates.items()
    ]
    _write(folder, manifest, ledger, tally)
    seconds = round(time.monotonic() - started, 3)
    keep(
        folder / ENVIRONMENT,
        orjson.dumps({"engine": engine.name, "workers": ordered.workers, "seconds": seconds}, option=INDENTED),
    )
    run.tidy()
    return ledger


ENVIRONMENT, DEAD_LETTERS = "environment.json", "dead-letters.ndjson"


def _hashes(inputs: Inputs, workers: int, progress: Progress) -> dict[int, str]:
    found: dict[int, str] = {}
    few = workers if inputs.size > BYTES_OF_TASK else 1
    for source, digest in done_side_by_side(inputs.files, hash_of, few):
        found[source.number] = digest
        progress("Hashing", len(found), len(inputs.files))
    return found


def _write(folder: Path, manifest: Json, ledger: Json, tally: Tally) -> None:
    """Write the books; the manifest is written last: it says that the run is finished."""
    dead = [orjson.dumps(letter.data(), option=orjson.OPT_APPEND_NEWLINE) for letter in sorted(tally.dead)]
    keep(folder / DEAD_LETTERS, b"".join(dead))
    keep(folder / LEDGER, orjson.dumps(ledger, option=INDENTED))
    keep(folder / RUN, orjson.dumps(manifest, option=INDENTED))


def read_ledger(folder: Path) -> Json:
    """The ledger of a finished run."""
    found: Json = orjson.loads((folder / LEDGER).read_bytes())
    return found


class Run:
    """A run with its folder."""

    def __init__(self, folder: Path, inputs: Inputs, question: Question, plan: Plan) -> None:
        self.folder, self.work = folder, folder / "work"
        self.inputs, self.question, self.plan = inputs, question, plan

    def finish(self, engine: Engine, progress: Progress) -> tuple[Json, Tally]:
        """Do what is not done yet; the ledger, and everything that was counted."""
        tally = self._read(engine, progress)
        persons = persons_in(self.work, self.plan.parts, tally)
        question = self.question._replace(deleted=persons.deleted)
        self._answer(engine, question, progress)
        for part in range(self.plan.parts):
            tally.add(Tally.of(orjson.loads(tally_file(self.work, part).read_bytes())))
        self._count_shared(tally)
        return ledger_of(tally, self._problems(tally), self._promised(tally)), tally

    def _read(self, engine: Engine, progress: Progress) -> Tally:
        done = {task.number for task in self.plan.tasks if self._counted(task).is_file()}
        todo = [task for task in self.plan.tasks if task.number not in done]
        progress("Reading", len(done), len(self.plan.tasks))
        for number, (task, tally) in enumerate(engine.read(todo, self.work), len(done) + 1):
            keep(self._counted(task), orjson.dumps(tally.data()))
            progress("Reading", number, len(self.plan.tasks))
        found = Tally()
        for task in self.plan.tasks:
            found.add(Tally.of(orjson.loads(self._counted(task).read_bytes())))
        return found

    def _counted(self, task: Task) -> Path:
        return self.work / "read" / f"{task.number:05}.json"

    def _answer(self, engine: Engine, question: Question, progress: Progress) -> None:
        parts = range(self.plan.parts)
        todo = [part for part in parts if not tally_file(self.work, part).is_file()]
        progress("Answering", len(parts) - len(todo), len(parts))
        (self.folder / FOLDER).mkdir(exist_ok=True)
        left = set(todo)
        for number, part in enumerate(
            engine.answer(todo, question, self.folder, self.work), len(parts) - len(todo) + 1
        ):
            left.discard(part)
            progress("Answering", number, len(parts))
        for part in sorted(left):
            write_part(part, (), self.folder, self.work)

    def _count_shared(self, tally: Tally) -> None:
        """What belongs to no patient was used, or it is not about the question."""
        for file, offset, kind in shared_lines(self.work):
            tally.count(file, kind, "used" if (file, offset) in tally.shared_used else "notAboutTheQuestion")

    def _problems(self, tally: Tally) -> list[str]:
        names = {source.number: source.file for source in self.inputs.files}
        met = self._promised(tally)
        wrong = [
            f"{names[int(number)]}: the manifest promises {item['promised']} lines, and it has {item['lines']}."
            for number, item in met.items()
            if item["promised"] != item["lines"]
        ]
        return [*self.inputs.problems, *wrong]

    def _promised(self, tally: Tally) -> Json:
        """For each file of which a manifest says how many lines it has: that, and how many it has."""
        return {
            str(source.number): {"promised": source.expected, "lines": tally.raw[source.number]}
            for source in self.inputs.files
            if source.expected is not None
        }

    def tidy(self) -> None:
        """Remove what was needed on the way only."""
        shutil.rmtree(self.work, ignore_errors=True)
