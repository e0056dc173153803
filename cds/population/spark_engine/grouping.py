"""Rows -> the rows of parts: what ``cds.population.grouping`` asks of DuckDB, asked of Spark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LINE = "file INT, `offset` BIGINT, kind STRING, url STRING, line BINARY"
FOLDERS = {
    "rows": f"part INT, key STRING, {LINE}",
    "loose": f"part INT, key STRING, {LINE}",
    "needs": "part INT, key STRING, name STRING",
    "shared": f"name STRING, {LINE}, needs ARRAY<STRING>",
    "aliases": "alias STRING, aliasPart INT, key STRING, part INT",
}
"""The folders of rows, each with its columns; one that is not there has no rows."""
COLUMNS = "part, key, file, `offset`, kind, url, line"
ORDER = ("part", "key", "shared", "file", "offset")
OWN = """
SELECT coalesce(a.part, r.part) AS part, coalesce(a.key, r.key) AS key, file, `offset`, kind, url, line, false AS shared
FROM rows r LEFT JOIN aliases a ON r.key = a.alias
"""
OF_ALIASES = """
SELECT a.part, a.key, file, `offset`, kind, url, line, false AS shared
FROM loose l JOIN aliases a ON l.part = a.aliasPart AND l.key = a.alias
"""
"""What stood under no key of a patient before everything was read."""
SHARED = """
WITH known AS (SELECT DISTINCT * FROM shared),
direct AS (
  SELECT coalesce(a.part, n.part) AS part, coalesce(a.key, n.key) AS key, name
  FROM needs n LEFT JOIN aliases a ON n.key = a.alias
),
further AS (SELECT part, key, explode(needs) AS name FROM direct JOIN known USING (name)),
wanted AS (SELECT part, key, name FROM direct UNION SELECT part, key, name FROM further)
SELECT part, key, file, `offset`, kind, url, line, true AS shared FROM wanted JOIN known USING (name)
"""
"""What records refer to, and what that refers to in turn."""


def rows_of_parts(session: SparkSession, work: Path, parts: Sequence[int], together: int) -> DataFrame:
    """The rows of parts, in so many partitions: each part whole in one, each patient's own lines, then the shared ones.

    Their columns are those of ``cds.population.rows.ROWS``; texts are in the order of their bytes, as in DuckDB.
    """
    for folder, columns in FOLDERS.items():
        _frame(session, work / folder, columns).createOrReplaceTempView(folder)
    rows = session.sql(f"{OWN} UNION ALL {OF_ALIASES} UNION ALL SELECT * FROM ({SHARED})")
    asked = rows.where(f"part IN ({', '.join(map(str, parts))})")
    return asked.repartitionById(together, asked.part % together).sortWithinPartitions(*ORDER)


def _frame(session: SparkSession, folder: Path, columns: str) -> DataFrame:
    if not folder.is_dir():
        return session.sql(f"SELECT none.* FROM (SELECT CAST(NULL AS STRUCT<{columns}>) AS none) WHERE false")
    # The scheme says that it is no folder of a cluster's own file system; the name of a run may look like a pattern.
    place = "".join(f"\\{letter}" if letter in "\\*?[]{}" else letter for letter in str(folder.resolve()))
    return session.read.schema(columns).parquet(f"file://{place}")
