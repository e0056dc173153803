"""Runs over many patients for tests: the command as it is typed, and what is in its folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from click.testing import CliRunner
from pyarrow import dataset

from cds import CdsError, RuleBook, cards_of
from cds.cli import app
from cds.files.people import Found, people_of
from cds.result import issue_data

ANSWER = ("outcome", "decidedBy", "advice", "fired", "cards", "issues")
"""What of an answer is compared with that of ``cds evaluate``."""


class Ran(NamedTuple):
    """What a run said, and its folder."""

    folder: Path
    status: int
    text: str
    errors: str

    @property
    def ledger(self) -> dict[str, Any]:
        """The books."""
        found: dict[str, Any] = orjson.loads((self.folder / "ledger.json").read_bytes())
        return found

    @property
    def dead(self) -> list[dict[str, Any]]:
        """The dead letters."""
        return [orjson.loads(line) for line in (self.folder / "dead-letters.ndjson").read_bytes().splitlines()]

    def rows(self) -> list[dict[str, Any]]:
        """The table of answers, with its JSON parsed."""
        return [
            parsed(row) for row in dataset.dataset(self.folder / "results", format="parquet").to_table().to_pylist()
        ]

    def answers(self) -> dict[str, dict[str, Any]]:
        """What is said of each patient."""
        return {row["patient"]: answer_in(row) for row in self.rows()}

    def files(self) -> dict[str, bytes]:
        """The content of every file, but that which may differ."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in paths if path.name != "environment.json"
        }


def parsed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its JSON parsed."""
    return row | {name: orjson.loads(row[name]) for name in ("cards", "issues")}


def answer_in(row: dict[str, Any]) -> dict[str, Any]:
    """What a row says of its patient; the code of the error where there is no answer."""
    if row["error"]:
        return {"error": orjson.loads(row["error"])["code"]}
    return {name: row[name] for name in ANSWER}


def run(out: Path, *inputs: Path | str, options: Sequence[str] = ()) -> Ran:
    """``cds population run``."""
    arguments = ["population", "run", *map(str, inputs), "--out", str(out), *options]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return Ran(out, done.exit_code, done.stdout, done.stderr)


def one_by_one(book: RuleBook, day: date, *places: Path) -> dict[str, dict[str, Any]]:
    """What ``cds evaluate`` says of each patient."""
    return dict(_each(book, day, places))


def _each(book: RuleBook, day: date, places: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    for place in places:
        for found in people_of(place, lambda *_: None):
            if isinstance(found, Found):
                yield found.patient, _answer(found, book, day)


def _answer(found: Found, book: RuleBook, day: date) -> dict[str, Any]:
    try:
        evaluation = found.evaluation(book, day)
    except CdsError as error:
        return {"error": error.code}
    decision = evaluation.decision
    return {
        "outcome": evaluation.outcome,
        "decidedBy": decision.decided_by,
        "advice": sorted({code for said in decision.said for code in said.codes}),
        "fired": sorted(said.rule for said in decision.said),
        "cards": orjson.loads(orjson.dumps(cards_of(evaluation))),
        "issues": [issue_data(issue) for issue in evaluation.chart.record.issues],
    }
