"""Rows -> the rows of parts: what ``cds.population.engines.grouping`` asks of DuckDB, asked of Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import expr

from cds.population.answers.partition import ARRIVING
from cds.population.engines.grouping import LOOSE_ENTRIES

LINE = "file INT, `offset` BIGINT, kind STRING, url STRING, line BINARY"
ENTRY = "_metadata.row_index AS entry"
FOLDERS = {
    "rows": (f"part INT, key STRING, {LINE}", ENTRY),
    "loose": (f"part INT, key STRING, {LINE}", ENTRY),
    "needs": ("part INT, key STRING, name STRING",),
    "shared": (f"name STRING, {LINE}, needs ARRAY<STRING>",),
    "aliases": ("alias STRING, aliasPart INT, key STRING, part INT",),
}
"""The folders of rows, each with its columns, and what is known beside them; one that is not there is empty."""
ORDER = ("part", "key", "shared", "file", "`offset`", "entry", "CASE WHEN shared THEN line END")
ROWS = f"""
SELECT coalesce(a.part, r.part) AS part, coalesce(a.key, r.key) AS key,
  file, `offset`, kind, url, line, false AS shared, entry
FROM rows r LEFT JOIN aliases a ON r.key = a.alias
UNION ALL
SELECT a.part, a.key, file, `offset`, kind, url, line, false AS shared, entry + {LOOSE_ENTRIES} AS entry
FROM loose l JOIN aliases a ON l.part = a.aliasPart AND l.key = a.alias
UNION ALL
SELECT part, key, file, `offset`, kind, url, line, true AS shared, 0 AS entry
FROM wanted JOIN (SELECT DISTINCT * FROM shared) USING (name)
"""  # noqa: S608 - there is only a number in it
WANTED = """
WITH direct AS (
  SELECT coalesce(a.part, n.part) AS part, coalesce(a.key, n.key) AS key, name
  FROM needs n LEFT JOIN aliases a ON n.key = a.alias
)
SELECT part, key, name FROM direct
UNION
SELECT part, key, explode(needs) AS name FROM direct JOIN shared USING (name)
"""
"""What records refer to, and what that refers to in turn."""


def rows_of_parts(session: SparkSession, work: Path, parts: Sequence[int], together: int) -> DataFrame:
    """The rows of parts, in so many partitions: each part whole in one, each patient's own lines, then the shared ones.

    Their columns are those of ``ARRIVING``; texts are in the order of their bytes, as in DuckDB.
    """
    for folder, columns in FOLDERS.items():
        _frame(session, work / folder, *columns).createOrReplaceTempView(folder)
    session.sql(WANTED).createOrReplaceTempView("wanted")
    rows = session.sql(ROWS).where(f"part IN ({', '.join(map(str, parts))})")
    divided = rows.repartitionById(together, rows.part % together)
    return divided.sortWithinPartitions(*map(expr, ORDER)).select(*ARRIVING.names)


def _frame(session: SparkSession, folder: Path, columns: str, *beside: str) -> DataFrame:
    if not folder.is_dir():
        empty = ", ".join((columns, *("entry BIGINT" for _ in beside)))
        return session.sql(f"SELECT none.* FROM (SELECT CAST(NULL AS STRUCT<{empty}>) AS none) WHERE false")  # noqa: S608
    # The scheme says that it is no folder of a cluster's own file system; the name of a run may look like a pattern.
    place = "".join(f"\\{letter}" if letter in "\\*?[]{}" else letter for letter in str(folder.resolve()))
    return session.read.schema(columns).parquet(f"file://{place}").selectExpr("*", *beside)
