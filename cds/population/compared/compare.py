"""What changed from one run to another, for the operator: full counts, and examples that name patients."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from duckdb import DuckDBPyConnection

from cds.population.books.finished_run import FinishedRun
from cds.population.compared.pairs import BOTH, paired

Move: TypeAlias = "tuple[str | None, str | None]"
"""Before and after; None where there is no answer."""
_EXAMPLES = f"""
SELECT patient, file, outcome_a, outcome_b, decided_a, decided_b, came, went, new_data
{BOTH} AND changed
QUALIFY row_number() OVER (PARTITION BY outcome_a, outcome_b ORDER BY patient, which) <= $most
ORDER BY outcome_a, outcome_b, patient, which
"""
_MOVED = f"""
SELECT rule, count(*) FILTER (kind = 'came'), count(*) FILTER (kind = 'went')
FROM (SELECT unnest(came) AS rule, 'came' AS kind {BOTH} UNION ALL SELECT unnest(went), 'went' {BOTH})
GROUP BY rule ORDER BY rule
"""  # noqa: S608


class Example(NamedTuple):
    """A patient whose answer changed; ``why`` are the things that changed and can be why, none where nothing did."""

    patient: str
    file: str
    outcome: Move
    decided_by: Move
    came: tuple[str, ...]
    went: tuple[str, ...]
    why: tuple[str, ...]


class RuleMoves(NamedTuple):
    """A rule, and for how many patients of both runs it fires in the second only, or in the first only."""

    rule: str
    came: int
    went: int


class Alone(NamedTuple):
    """How many patients are in one of the runs only, and the first of their names."""

    patients: int
    first: tuple[str, ...]


class Comparison(NamedTuple):
    """What changed from run ``a`` to run ``b``.

    ``both`` are the patients of both; ``namesakes`` the names that several patients have. ``outcomes`` counts those of
    both by outcome, ``decided`` those who have another deciding rule by both rules. ``changed`` have another answer:
    outcome, deciding rule, rules that fire, advice, or what is asked for; ``causes`` counts them by what can be why.
    ``cards`` have the same answer in other cards; None where the rules are others, as cards name their rules.
    """

    a: FinishedRun
    b: FinishedRun
    both: int
    only_a: Alone
    only_b: Alone
    namesakes: int
    outcomes: dict[Move, int]
    decided: dict[Move, int]
    rules: tuple[RuleMoves, ...]
    changed: int
    causes: dict[tuple[str, ...], int]
    cards: int | None
    examples: tuple[Example, ...]


def compared(a: FinishedRun, b: FinishedRun, most: int) -> Comparison:
    """The comparison, with at most so many examples of each change.

    Raises:
        NotARunError: the answers of a run cannot be read.

    """
    runs = made_otherwise(a, b)
    with paired(a, b) as connection:
        causes = _counted(connection, "new_data", "changed")
        examples = connection.execute(_EXAMPLES, {"most": most}).fetchall()
        return Comparison(
            a,
            b,
            _count(connection, BOTH),
            _alone(connection, "only_a", most),
            _alone(connection, "only_b", most),
            _count(connection, "FROM namesakes"),
            _counted(connection, "outcome_a, outcome_b"),
            _counted(connection, "decided_a, decided_b", "decided_a IS DISTINCT FROM decided_b"),
            tuple(RuleMoves(*row) for row in connection.execute(_MOVED).fetchall()),
            _count(connection, f"{BOTH} AND changed"),
            {_why(new_data, runs): count for (new_data,), count in causes.items()},
            None if "rulebook" in runs else _count(connection, f"{BOTH} AND NOT changed AND new_cards"),
            tuple(_example(row, runs) for row in examples),
        )


def made_otherwise(a: FinishedRun, b: FinishedRun) -> tuple[str, ...]:
    """In what the runs differ for every patient alike: ``rulebook``, ``day``, ``program``."""
    differ = {"rulebook": a.sha256 != b.sha256, "day": a.as_of != b.as_of, "program": a.program != b.program}
    return tuple(name for name, other in differ.items() if other)


def _why(new_data: bool, runs: tuple[str, ...]) -> tuple[str, ...]:
    return ("data", *runs) if new_data else runs


def _count(connection: DuckDBPyConnection, what: str) -> int:
    return int(connection.execute(f"SELECT count(*) {what}").fetchall()[0][0])


def _counted(connection: DuckDBPyConnection, names: str, where: str = "true") -> dict[Any, int]:
    """The patients of both runs by these columns."""
    found = connection.execute(f"SELECT {names}, count(*) {BOTH} AND {where} GROUP BY ALL ORDER BY ALL")
    return {tuple(row[:-1]): row[-1] for row in found.fetchall()}


def _alone(connection: DuckDBPyConnection, where: str, most: int) -> Alone:
    found = connection.execute(
        f"SELECT patient FROM pairs WHERE {where} ORDER BY patient, which LIMIT $most",  # noqa: S608
        {"most": most},
    )
    names = tuple(name for (name,) in found.fetchall())
    return Alone(_count(connection, f"FROM pairs WHERE {where}"), names)


def _example(row: tuple[Any, ...], runs: tuple[str, ...]) -> Example:
    patient, file, *moves, came, went, new_data = row
    outcome, decided_by = (moves[0], moves[1]), (moves[2], moves[3])
    # A patient without an answer has an empty list of rules, so that neither is null for one of both runs.
    return Example(patient, file, outcome, decided_by, tuple(came), tuple(went), _why(new_data, runs))
