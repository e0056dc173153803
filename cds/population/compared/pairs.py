"""The answers of two runs side by side, a row for each patient: SQL that DuckDB works out beyond the memory.

A patient is the same one by name; of namesakes those with the same data are, then those in the same file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from duckdb import DuckDBPyConnection

from cds.population.books.finished_run import FinishedRun
from cds.population.tables.run_tables import tables

BOTH = "FROM pairs WHERE NOT only_a AND NOT only_b"
"""The patients of both runs."""
_NAMESAKES = """
CREATE TEMP TABLE namesakes AS
SELECT patient FROM a GROUP BY patient HAVING count(*) > 1
UNION SELECT patient FROM b GROUP BY patient HAVING count(*) > 1
"""
_SHORT = """
CREATE TEMP TABLE {run}_short AS
SELECT patient, file, outcome, decidedBy, list_sort(fired) AS fired, digest, hash(cards) AS cards,
  hash(list_sort(advice), list_sort(asks), error) AS told
FROM {run}
"""
"""Cards are long: only a hash of them goes on, and no window is laid over them."""
_KEYED = """
CREATE TEMP TABLE {run}_keyed AS
SELECT *, '' AS which FROM {run}_short WHERE patient NOT IN (FROM namesakes)
UNION ALL
SELECT * EXCLUDE (alike), concat(alike, ' ', row_number() OVER (PARTITION BY patient, alike ORDER BY file, digest))
FROM (
  SELECT *, CASE WHEN (patient, digest) IN (SELECT (patient, digest) FROM {other}_short) THEN digest ELSE file END
    AS alike
  FROM {run}_short WHERE patient IN (FROM namesakes)
)
"""
_PAIRS = """
CREATE TEMP TABLE pairs AS
SELECT patient, which, coalesce(b.file, a.file) AS file, a.outcome AS outcome_a, b.outcome AS outcome_b,
  a.decidedBy AS decided_a, b.decidedBy AS decided_b, a.digest IS DISTINCT FROM b.digest AS new_data,
  list_filter(b.fired, lambda rule: NOT list_contains(a.fired, rule)) AS came,
  list_filter(a.fired, lambda rule: NOT list_contains(b.fired, rule)) AS went,
  a.file IS NULL AS only_b, b.file IS NULL AS only_a, a.cards IS DISTINCT FROM b.cards AS new_cards,
  a.outcome IS DISTINCT FROM b.outcome OR a.decidedBy IS DISTINCT FROM b.decidedBy
    OR a.fired IS DISTINCT FROM b.fired OR a.told IS DISTINCT FROM b.told AS changed
FROM a_keyed AS a FULL JOIN b_keyed AS b USING (patient, which)
"""


@contextmanager
def paired(a: FinishedRun, b: FinishedRun) -> Iterator[DuckDBPyConnection]:
    """A connection with the table ``pairs`` of both runs, and ``namesakes``: the names that several patients have.

    Raises:
        NotARunError: the answers of a run cannot be read.

    """
    with tables(a=a, b=b) as connection:
        connection.execute(_NAMESAKES)
        for run in ("a", "b"):
            connection.execute(_SHORT.format(run=run))
        for run, other in (("a", "b"), ("b", "a")):
            connection.execute(_KEYED.format(run=run, other=other))
        connection.execute(_PAIRS)
        yield connection
