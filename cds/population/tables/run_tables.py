"""The answers of runs as tables of DuckDB, which works beyond the memory; and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from itertools import chain, repeat
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb
from duckdb import DuckDBPyConnection

from cds.population.books.finished_run import FinishedRun, NotARunError
from cds.population.tables.answer_table import Answers


class RunCounts(NamedTuple):
    """How many patients there are of each kind.

    ``decided`` counts them by outcome and deciding rule, ``refused`` by the code of the error for which a patient has
    no answer; ``fired`` and ``asked`` count patients by rule; ``cards`` is the number of cards of each who has an
    answer, in no order that tells anything.
    """

    decided: Counter[tuple[str, str]]
    refused: Counter[str]
    fired: Counter[str]
    asked: Counter[str]
    cards: tuple[int, ...]

    @property
    def outcomes(self) -> Counter[str]:
        """The patients by outcome."""
        found: Counter[str] = Counter()
        for (outcome, _), count in self.decided.items():
            found[outcome] += count
        return found


@contextmanager
def tables(**runs: FinishedRun) -> Iterator[DuckDBPyConnection]:
    """A connection on which each run is a view by its name; what does not fit into the memory goes to a folder.

    Raises:
        NotARunError: the results cannot be read, or are not as many as the ledger counts.

    """
    with TemporaryDirectory() as place, duckdb.connect(config={"temp_directory": place}) as connection:
        for name, run in runs.items():
            parts = ", ".join("'" + escape(str(part)).replace("'", "''") + "'" for part in run.parts)
            try:
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{parts}])")  # noqa: S608
                rows = connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]  # noqa: S608
            except duckdb.Error:
                raise NotARunError(f"The results in '{run.folder}' cannot be read. Run it again.") from None
            if rows != run.patients:
                told = f"{rows} answers, and its ledger counts {run.patients} patients"
                raise NotARunError(f"'{run.folder}' is damaged: it holds {told}. Run it again.")
        yield connection


def counts_of(run: FinishedRun) -> RunCounts:
    """The counts of a run.

    Raises:
        NotARunError: as ``tables`` does.

    """
    with tables(answers=run) as connection:
        answers = Answers(connection)
        pairs = {(outcome, rule): n for outcome, rules in answers.decided().items() for rule, n in rules.items()}
        cards = chain.from_iterable(repeat(len(of_cards), n) for of_cards, n in answers.cards().items())
        fired, asked = Counter(answers.patients("fired")), Counter(answers.patients("asks"))
        return RunCounts(Counter(pairs), Counter(answers.refused()), fired, asked, tuple(cards))


def namesakes_in(run: FinishedRun) -> frozenset[str]:
    """The names that several patients of a run have, as files that were not exported together may give them.

    Raises:
        NotARunError: as ``tables`` does.

    """
    with tables(run=run) as connection:
        twice = connection.sql("SELECT patient FROM run GROUP BY patient HAVING count(*) > 1")
        return frozenset(name for (name,) in twice.fetchall())
