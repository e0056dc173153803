"""A run from its inputs to its folder: reading, grouping, answering, and the books.

Whatever is finished is kept at once, whole; what was killed goes on from there, and nothing in the result says that it
was. Only ``environment.json`` tells by what engine and how fast it was made.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import orjson

from cds.jsontypes import Json
from cds.population.answers.earlier import earlier_run
from cds.population.answers.partition import EvaluatePartition
from cds.population.answers.parts import FOLDER, tally_file, write_part
from cds.population.answers.question import Question
from cds.population.books.finished_run import LEDGER_FILE, RUN_FILE
from cds.population.books.ledger import NOT_ABOUT, USED, Tally, ledger_of
from cds.population.books.whole_files import UNFINISHED, keep
from cds.population.engines.engine import Engine, engine_of
from cds.population.engines.processes import Workers
from cds.population.fhir.output import write_fhir
from cds.population.lines.opening import size_of
from cds.population.lines.persons import persons_in, shared_lines
from cds.population.lines.planning import BYTES_OF_TASK, Plan, plan_of
from cds.population.lines.reading import Task
from cds.population.lines.rows import RENEWED
from cds.population.lines.sources import Inputs
from cds.population.manifest import (
    INDENTED,
    begin,
    duplicates_among,
    go_on,
    hash_of,
    manifest_of,
)
from cds.population.report.closing import write_summary
from cds.population.report.small_cells import LEAST
from cds.rulebook.model import RuleBook

ENVIRONMENT, DEAD_LETTERS = "environment.json", "dead-letters.ndjson"
Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""


class Ordered(NamedTuple):
    """What was ordered: a folder for the run, its inputs, the question, the engine by its name, and how many workers.

    ``since`` is the folder of an earlier run, whose answers stand for those whose data did not change. ``least`` is the
    smallest count that the summary and the report show.
    """

    folder: Path
    inputs: Inputs
    question: Question
    book: RuleBook
    engine: str
    workers: int
    since: Path | None = None
    least: int = LEAST


def run_population(ordered: Ordered, progress: Progress, *, resume: bool) -> Json:
    """The summary of a run, once everything is in its folder.

    Raises:
        RunError: it cannot begin, or not go on.

    """
    started, inputs, folder = time.monotonic(), ordered.inputs, ordered.folder
    with Workers(ordered.workers if inputs.size > BYTES_OF_TASK else 1) as workers:
        hashes = _hashes(inputs, workers, progress)
        duplicates = duplicates_among(inputs.files, hashes)
        plan = plan_of([source for source in inputs.files if source.number not in duplicates])
        manifest = manifest_of(inputs, hashes, duplicates, ordered.question, ordered.book, plan.parts)
        if not resume:
            begin(folder, manifest)
        elif not go_on(folder, manifest):
            return write_summary(folder, ordered.book, ordered.least)
        since = earlier_run(ordered.since, manifest, ordered.question.as_of, plan.parts) if ordered.since else None
        engine = engine_of(ordered.engine, workers)
        run = _Run(folder, inputs, duplicates, EvaluatePartition(ordered.question, since), plan, progress)
        tally = run.finish(engine)
    ledger = ledger_of(tally, run.problems(tally), run.promised(tally), duplicates)
    _write(folder, manifest, ledger, tally)
    environment = {"engine": engine.name, "workers": ordered.workers, "seconds": round(time.monotonic() - started, 3)}
    write_fhir(folder, ordered.book)
    summary = write_summary(folder, ordered.book, ordered.least)
    keep(folder / ENVIRONMENT, orjson.dumps(environment, option=INDENTED))
    run.tidy()
    return summary


def _hashes(inputs: Inputs, workers: Workers, progress: Progress) -> dict[int, str]:
    found: dict[int, str] = {}
    for source, digest in workers.done(inputs.files, hash_of):
        found[source.number] = digest
        progress("Hashing", len(found), len(inputs.files))
    return found


def _write(folder: Path, manifest: Json, ledger: Json, tally: Tally) -> None:
    """Write the books; the manifest comes last: it says that the run is finished."""
    dead = [orjson.dumps(letter.data(), option=orjson.OPT_APPEND_NEWLINE) for letter in sorted(tally.dead)]
    keep(folder / DEAD_LETTERS, b"".join(dead))
    keep(folder / LEDGER_FILE, orjson.dumps(ledger, option=INDENTED))
    keep(folder / RUN_FILE, orjson.dumps(manifest, option=INDENTED))


class _Run:
    """A run on its way, with its folder."""

    def __init__(
        self,
        folder: Path,
        inputs: Inputs,
        duplicates: dict[int, int],
        evaluate: EvaluatePartition,
        plan: Plan,
        progress: Progress,
    ) -> None:
        self.folder, self.work, self.duplicates = folder, folder / "work", duplicates
        self.inputs, self.evaluate, self.plan, self.progress = inputs, evaluate, plan, progress

    def finish(self, engine: Engine) -> Tally:
        """Do what is not done yet; everything that was counted."""
        tally = self._read(engine)
        persons = persons_in(self.work, self.plan.parts, tally)
        renewed = str((self.work / RENEWED).resolve())
        question = self.evaluate.question._replace(deleted=persons.deleted, renewed=renewed)
        self._answer(engine, self.evaluate._replace(question=question))
        for part in range(self.plan.parts):
            tally.add(_counted(tally_file(self.work, part)))
        for file, offset, kind in shared_lines(self.work):
            tally.count(file, kind, USED if (file, offset) in tally.shared_used else NOT_ABOUT)
        return tally

    def _read(self, engine: Engine) -> Tally:
        tasks, total = self.plan.tasks, len(self.plan.tasks)
        todo = [task for task in tasks if not self._book_of(task).is_file()]
        for number, (task, tally) in enumerate(engine.read(todo, self.work), total - len(todo) + 1):
            keep(self._book_of(task), orjson.dumps(tally.data()))
            self.progress("Reading", number, total)
        found = Tally()
        for task in tasks:
            found.add(_counted(self._book_of(task)))
        return found

    def _book_of(self, task: Task) -> Path:
        return self.work / "read" / f"{task.number:05}.json"

    def _answer(self, engine: Engine, evaluate: EvaluatePartition) -> None:
        """Answer the parts that are not answered yet; a part without patients has a file too."""
        total = self.plan.parts
        todo = [part for part in range(total) if not tally_file(self.work, part).is_file()]
        left = set(todo)
        for number, part in enumerate(engine.answer(todo, evaluate, self.folder, self.work), total - len(todo) + 1):
            left.discard(part)
            self.progress("Answering", number, total)
        for part in sorted(left):
            write_part(part, (), self.folder, self.work)

    def problems(self, tally: Tally) -> list[str]:
        """What is missing: files that a manifest names, and lines that it promises."""
        names = {str(source.number): source.file for source in self.inputs.files}
        wrong = [
            f"{names[number]}: the manifest promises {item['promised']} lines, and it has {item['lines']}."
            for number, item in self.promised(tally).items()
            if item["promised"] != item["lines"]
        ]
        changed = [
            f"{source.file}: it changed while it was read: it has not the size any more that it had."
            for source in self.inputs.files
            if size_of(source.file) != source.size
        ]
        return [*self.inputs.problems, *changed, *wrong]

    def promised(self, tally: Tally) -> Json:
        """For each file of which a manifest says how many lines it has: that, and how many it has."""
        read = {source: self.duplicates.get(source.number, source.number) for source in self.inputs.files}
        return {
            str(source.number): {"promised": source.expected, "lines": tally.raw[number] - tally.blank[number]}
            for source, number in read.items()
            if source.expected is not None
        }

    def tidy(self) -> None:
        """Remove what was needed on the way only."""
        for path in (self.folder / FOLDER).glob(UNFINISHED):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.work, ignore_errors=True)


def _counted(path: Path) -> Tally:
    return Tally.of(orjson.loads(path.read_bytes()))
