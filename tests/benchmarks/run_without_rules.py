"""All of a run but the evaluation: every file is hashed and read, the lines are grouped, each is parsed in a worker.

    python tests/benchmarks/run_without_rules.py EXPORT WORK [--workers N]

It is made of the parts of the product, in processes as there, and writes nothing but what is needed on the way, in the
folder WORK. The number of lines that were parsed is printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import orjson

from cds.files.side_by_side import processors
from cds.garbage import collect_seldom
from cds.population.answers.parsing import Lines, lines_of
from cds.population.answers.partition import rows_in
from cds.population.answers.question import Question, Row
from cds.population.books.ledger import Tally
from cds.population.engines.grouping import rows_of_part
from cds.population.engines.processes import Workers
from cds.population.lines.persons import persons_in
from cds.population.lines.planning import BYTES_OF_TASK, plan_of
from cds.population.lines.reading import read_task
from cds.population.lines.sources import inputs_of
from cds.population.manifest import hash_of

DAY = date(2026, 6, 1)


def lines_of_run(export: Path, work: Path, number: int) -> int:
    """The number of lines that were parsed."""
    collect_seldom()
    inputs = inputs_of([str(export)], lambda *_: None)
    with Workers(number if inputs.size > BYTES_OF_TASK else 1) as workers:
        list(workers.done(inputs.files, hash_of))
        plan, tally = plan_of(inputs.files), Tally()
        for _, read in workers.done(plan.tasks, partial(read_task, folder=work)):
            tally.add(Tally.of(orjson.loads(orjson.dumps(read.data()))))
        persons_in(work, plan.parts, tally)
        question = Question("", (), DAY, files=tuple(source.file for source in inputs.files))
        return sum(found for _, found in workers.done(range(plan.parts), partial(parse_part, work, question)))


def parse_part(work: Path, question: Question, part: int) -> int:
    """The number of lines of the patients of a part, each parsed."""
    return sum(len(lines.own) + len(lines.shared) for lines in _parsed(work, question, part))


def _parsed(work: Path, question: Question, part: int) -> Iterator[Lines]:
    for _, rows in groupby(rows_in(rows_of_part(work, part)), key=itemgetter(1)):
        yield lines_of([Row(*row[2:]) for row in rows], question)


def main() -> None:
    """Do it, and print how many lines were parsed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--workers", type=int, default=processors())
    options = parser.parse_args()
    print(lines_of_run(options.export, options.work, options.workers))


if __name__ == "__main__":
    main()
