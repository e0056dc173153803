"""evaluate_partition(rows) -> rows: the one function that answers, whichever engine brings the rows together.

It takes Arrow batches of rows (``ARRIVING``) in the order of part, key, file and offset, and gives batches of answers
(``ANSWERS``). It can be sent to another process or another machine: it holds a question, and opens the rulebook there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from cds.population.answers.answering import Answering
from cds.population.answers.earlier import Earlier
from cds.population.answers.question import Question, Row
from cds.population.answers.results import RESULTS, Answered, table_of
from cds.population.books.ledger import Tally
from cds.population.lines.rows import ROWS

ARRIVING = ROWS
ANSWERS = pa.schema([pa.field("part", pa.int32(), nullable=False), *RESULTS, pa.field("tally", pa.string())])
"""``RESULTS`` with the part, and in the first row of each batch what was counted for the patients of that batch."""
NOTHING: tuple[dict[str, list[Answered]], date] = ({}, date.min)
"""The answers of no earlier run."""
TOGETHER = 500
"""How many patients a batch has at most."""


class EvaluatePartition(NamedTuple):
    """Answers a question for each patient among rows."""

    question: Question
    earlier: Earlier | None = None

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The answers, in the order of the rows; each batch is about one part."""
        answering = _answering(self.question)
        for part, keys in groupby(rows_in(batches), key=itemgetter(0)):
            answering.remember(*((self.earlier.answers(part), self.earlier.as_of) if self.earlier else NOTHING))
            waiting: list[Answered] = []
            for key, rows in groupby(keys, key=itemgetter(1)):
                waiting += answering.answers(key, [Row(*row[2:]) for row in rows])
                if len(waiting) >= TOGETHER:
                    yield _batch(part, waiting, answering.counted())
                    waiting = []
            if waiting:
                yield _batch(part, waiting, answering.counted())


@lru_cache(maxsize=1)
def _answering(question: Question) -> Answering:
    return Answering(question)


def rows_in(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    """The rows of batches as tuples, in the order of their columns."""
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _batch(part: int, answers: list[Answered], tally: Tally) -> pa.RecordBatch:
    table = table_of(answers)
    said = [orjson.dumps(tally.data()).decode(), *[None] * (len(answers) - 1)]
    columns = [pa.repeat(pa.scalar(part, pa.int32()), len(answers)), *table.columns, pa.array(said, pa.string())]
    return pa.Table.from_arrays(columns, schema=ANSWERS).combine_chunks().to_batches()[0]
