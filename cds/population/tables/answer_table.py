"""The table of answers of a run, counted: each question is one query, and only counts leave the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb

from cds.population.answers.results import RESULTS
from cds.population.books.finished_run import NotARunError

MEMORY = "2GB"
"""What the database may take before it goes on on the disk."""
UNNAMED = "not-said"
"""The reason of a refusal that names none."""
ISSUE_CODES = "json_extract_string(issues, '$[*].code')"
INDICATORS = "json_extract_string(cards, '$[*].indicator')"
"""What stands in the JSON of a row, as lists of names."""


class Orphan(NamedTuple):
    """What looks like ours and is in no value set."""

    kind: str
    system: str
    code: str
    text: str
    like: str


class Answers:
    """The answers of a run; every method gives counts, in an order that the data alone decide."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        """``database`` has the answers as ``answers``."""
        self.database = database
        database.execute("CREATE OR REPLACE TEMP VIEW answered AS SELECT * FROM answers WHERE outcome IS NOT NULL")

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query on ``answers``, or on ``answered``: the answers of patients who have an outcome."""
        return self.database.execute(query, list(parameters)).fetchall()

    def counts(self, query: str, parameters: Sequence[object] = ()) -> dict[str, int]:
        """The counts of a query that gives names and counts: the most frequent first, then by name."""
        ordered = f"SELECT name, n FROM ({query}) AS counted(name, n) ORDER BY n DESC, name"  # noqa: S608 - our own
        return {str(name): int(n) for name, n in self.rows(ordered, parameters)}

    def refused(self) -> dict[str, int]:
        """The patients who were refused, by reason."""
        reason = f"coalesce(json_extract_string(error, '$.code'), '{UNNAMED}')"
        return self.counts(f"SELECT {reason}, count(*) FROM answers WHERE outcome IS NULL GROUP BY ALL")  # noqa: S608

    def decided(self) -> dict[str, dict[str, int]]:
        """For each outcome the rules that decided, with how many patients."""
        found: dict[str, dict[str, int]] = {}
        asked = (
            "SELECT outcome, coalesce(decidedBy, ''), count(*) AS n FROM answered GROUP BY ALL ORDER BY 1, 3 DESC, 2"
        )
        for outcome, rule, n in self.rows(asked):
            found.setdefault(outcome, {})[rule] = n
        return found

    def patients(self, names: str, outcome: str = "") -> dict[str, int]:
        """The patients in whose answer each name of a list stands, of all or of those with an outcome.

        ``names`` is a column of names, or ISSUE_CODES.
        """
        return self._spread(f"list_distinct({names})", outcome)

    def times(self, names: str) -> dict[str, int]:
        """How often each name of a list stands in the answers."""
        return self._spread(names, "")

    def _spread(self, names: str, outcome: str) -> dict[str, int]:
        asked = f"""SELECT name, count(*) FROM (SELECT unnest({names}) AS name FROM answered
                    WHERE $1 IN ('', outcome)) GROUP BY name"""  # noqa: S608 - columns of ours
        return self.counts(asked, [outcome])

    def unsettled(self, outcome: str) -> int:
        """The patients with an outcome that no single term would settle."""
        return int(
            self.rows("SELECT count(*) FROM answered WHERE outcome = $1 AND len(settledBy) = 0", [outcome])[0][0]
        )

    def orphans(self, most: int, least: int) -> tuple[dict[Orphan, int], int]:
        """The patients of the most frequent orphans, which so many have at least; and the number of other orphans."""
        fields = ", ".join(f"coalesce(orphan[{field!r}], '')" for field in Orphan._fields)
        grouped = f"""SELECT {fields}, count(*) AS n FROM (SELECT unnest(list_distinct(orphans)) AS orphan
                      FROM answered) GROUP BY ALL"""  # noqa: S608 - fields of ours
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE counted AS {grouped}")
        shown = "SELECT * FROM counted WHERE n >= $1 ORDER BY n DESC, 1, 2, 3, 4, 5 LIMIT $2"
        found = {Orphan(*row[:-1]): int(row[-1]) for row in self.rows(shown, [least, most])}
        return found, int(self.rows("SELECT count(*) FROM counted")[0][0]) - len(found)

    def cards(self) -> dict[tuple[str, ...], int]:
        """The patients by the indicators of their cards, one for each card; these are long texts, and read once."""
        asked = f"SELECT {INDICATORS} AS of_cards, count(*) FROM answered GROUP BY ALL ORDER BY ALL"  # noqa: S608
        return {tuple(of_cards or ()): int(n) for of_cards, n in self.rows(asked)}

    def months(self) -> dict[str, int]:
        """The patients whose answer time alone can change, by the month of the first day on which it can."""
        asked = "SELECT strftime(nextChange, '%Y-%m'), count(*) FROM answered WHERE nextChange IS NOT NULL GROUP BY ALL"
        return dict(sorted(self.counts(asked).items()))


@contextmanager
def opened_answers(folder: Path) -> Iterator[Answers]:
    """The answers in the folder of a run; nobody's where it has no part.

    Raises:
        NotARunError: a part cannot be read, or has other columns.

    """
    parts = [escape(str(part)) for part in sorted((folder / "results").glob("part-*.parquet"))]
    with TemporaryDirectory(prefix="cds-") as spill, duckdb.connect(config=_settings(spill)) as database:
        try:
            if parts:
                database.read_parquet(parts).create_view("answers")
            else:
                database.from_arrow(RESULTS.empty_table()).create("answers")
            yield Answers(database)
        except duckdb.Error as error:
            told = f"{type(error).__name__}. Run it again, into an empty folder."
            raise NotARunError(f"The results in '{folder}' cannot be counted: {told}") from None


def _settings(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    """In memory, on the disk when that is full, and nothing fetched from anywhere."""
    return {"memory_limit": MEMORY, "temp_directory": spill, "autoinstall_known_extensions": False}
