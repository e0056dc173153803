"""Where the time of a run goes: its steps, each by a clock of its own, in a run that one process makes.

A step is a function of the product; while it runs its clock does, and that of the step around it stands. A clock shows
processor time, of all threads of the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from cds import open_rulebook, outlook
from cds.bookshelf import rules_folder
from cds.garbage import collect_seldom
from cds.population import run
from cds.population.answers import answering, partition
from cds.population.answers.question import Question
from cds.population.engines import duckdb_engine
from cds.population.lines import reading
from cds.population.lines.sources import inputs_of

DAY = date(2026, 6, 1)
OTHERS = "everything else"


class Step(NamedTuple):
    """A step: its name, and what makes it, in the module that calls it; ``goes_on``: it gives items one by one."""

    name: str
    place: Any
    function: str
    goes_on: bool = False


STEPS = (
    Step("hash", run, "hash_of"),
    Step("read", duckdb_engine, "read_task"),
    Step("write the lines by part", reading.Staged, "write"),
    Step("who is who", run, "persons_in"),
    Step("group", duckdb_engine, "rows_of_part", goes_on=True),
    Step("rows of Arrow", partition, "rows_in", goes_on=True),
    Step("parse", answering, "lines_of"),
    Step("gather", answering, "gathered"),
    Step("record", outlook, "record_of"),
    Step("validate", answering, "report_invalid"),
    Step("facts and decision", outlook, "evaluate"),
    Step("cards", outlook, "cards_of"),
    Step("settle", answering, "settled_by"),
    Step("account", answering, "_fates"),
    Step("evidence, values, orphans", answering, "evidence_of"),
    Step("evidence, values, orphans", answering, "values_of"),
    Step("evidence, values, orphans", answering, "orphans_of"),
    Step("digest", answering, "digest_of"),
    Step("tally", answering.Tally, "settle"),
    Step("tables and Parquet", partition, "_batch"),
    Step("tables and Parquet", duckdb_engine, "write_part"),
    Step("around the patient", partition.EvaluatePartition, "__call__", goes_on=True),
    Step("around the patient", answering.Answering, "answers"),
    Step("books", run, "ledger_of"),
    Step("FHIR output", run, "write_fhir"),
    Step("summary and report", run, "write_summary"),
)
"""The steps in their order; what a name stands twice for is counted together."""


def steps_of(export: Path, folder: Path) -> dict[str, float]:
    """The seconds of each step of a run over an export, in the order of the steps; the folder gets the run."""
    inputs, rules = inputs_of([str(export)], lambda *_: None), rules_folder(None)
    question = Question(
        str(rules.resolve()), (), DAY,
        files=tuple(source.file for source in inputs.files), exports=tuple(source.export for source in inputs.files),
    )  # fmt: skip
    clocks = Clocks()
    collect_seldom()
    ordered = run.Ordered(folder, inputs, question, open_rulebook(), "duckdb", 1)
    with _clocked(clocks):
        run.run_population(ordered, lambda *_: None, resume=False)
    return clocks.read()


class Clocks:
    """A clock for each step, of which one runs at a time."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys((*(step.name for step in STEPS), OTHERS), 0.0)
        self.running, self.since = OTHERS, time.process_time()

    def read(self) -> dict[str, float]:
        """The seconds of each step until now."""
        self.turn_to(self.running)
        return self.spent

    def turn_to(self, name: str) -> str:
        """Let the clock of a step run; the one that ran."""
        now, before = time.process_time(), self.running
        self.spent[before] += now - self.since
        self.running, self.since = name, now
        return before

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Inside it the clock of a step runs."""
        before = self.turn_to(name)
        try:
            yield
        finally:
            self.turn_to(before)


@contextmanager
def _clocked(clocks: Clocks) -> Iterator[None]:
    with ExitStack() as closing:
        for step in STEPS:
            wrapped = _going_on if step.goes_on else _at_once
            function = wrapped(step.name, getattr(step.place, step.function), clocks)
            closing.enter_context(patch.object(step.place, step.function, function))
        yield


def _at_once(name: str, function: Callable[..., Any], clocks: Clocks) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        before = clocks.turn_to(name)
        try:
            return function(*arguments, **named)
        finally:
            clocks.turn_to(before)

    return timed


def _going_on(name: str, function: Callable[..., Any], clocks: Clocks) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any, **named: Any) -> Iterator[Any]:
        with clocks.during(name):
            items = iter(function(*arguments, **named))
        while True:
            with clocks.during(name):
                item = next(items, clocks)
            if item is clocks:
                return
            yield item

    return timed
