"""An earlier run whose answers still stand: for whom neither the data nor, by the day, the answer has changed.

The rules and the options have to be the same. An answer that is not given is asked again whenever the day is another
one: what would settle it is tried with results of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow.parquet as pq

from cds.jsontypes import Json
from cds.population.answers.parts import part_file
from cds.population.answers.question import NONE, Row
from cds.population.answers.results import Answered, Value
from cds.population.books.fate import Fate
from cds.population.books.finished_run import RUN_FILE, RunError, finished_run
from cds.rulebook.model import RuleBook

SAME = ("rulebook", "versions", "options")
"""What of ``run.json`` has to be the same."""


class Earlier(NamedTuple):
    """The folder of an earlier run, its day, in how many parts it is, and the parts of the one that asks."""

    folder: str
    as_of: date
    parts: int
    of: int

    def answers(self, part: int) -> dict[str, list[Answered]]:
        """The answers of the earlier run that can be of this part, by the digest of their lines."""
        found: dict[str, list[Answered]] = {}
        for number in _parts_of(part, self.of, self.parts):
            for row in pq.read_table(part_file(Path(self.folder), number)).to_pylist():
                found.setdefault(row["digest"], []).append(_answered(row))
        return found


def earlier_run(folder: Path, manifest: Json, as_of: date, parts: int) -> Earlier | None:
    """The earlier run in a folder, if its answers can stand in one that is made with this; None where they cannot.

    Raises:
        RunError: the run is of a later day.
        NotARunError: the folder holds no finished run.

    """
    finished_run(folder)
    before = orjson.loads((folder / RUN_FILE).read_bytes())
    day = date.fromisoformat(before["asOf"])
    if day > as_of:
        raise RunError(
            f"--since: the run in '{folder}' is of {day}, which is later than {as_of}. Nothing follows from it."
        )
    if any(before.get(key) != manifest[key] for key in SAME) or manifest["options"]["trace"] != NONE:
        return None
    return Earlier(str(folder.resolve()), day, before["parts"], parts)


def _parts_of(part: int, of: int, parts: int) -> Sequence[int]:
    """The parts of a run of so many that hold the patients of a part of another: both numbers are powers of two."""
    return [part % parts] if parts <= of else range(part, parts, of)


def _answered(row: dict[str, Any]) -> Answered:
    evidence = [(item["reference"], item["file"], item["offset"]) for item in row["evidence"]]
    values = [Value(*item.values())._replace(day=item["day"] and item["day"].toordinal()) for item in row["values"]]
    orphans = [tuple(item.values()) for item in row["orphans"]]
    lines = [Fate(*item.values()) for item in row["lines"]]
    return Answered(*{**row, "evidence": evidence, "values": values, "orphans": orphans, "lines": lines}.values())


def still_standing(before: Sequence[Answered], book: RuleBook, day: date, since: date) -> bool:
    """Whether answers of an earlier day stand on a day, if the data are the same."""
    return all(answer.error is not None or _stands(answer, book, day, since) for answer in before)


def _stands(answer: Answered, book: RuleBook, day: date, since: date) -> bool:
    if day == since:
        return True
    return answer.outcome != book.no_answer and (answer.next_change is None or answer.next_change > day)


def moved(before: Sequence[Answered], rows: Sequence[Row], file: str) -> list[Answered] | None:
    """Earlier answers with the places at which the same lines stand now; None where they are not so many."""
    new = list(dict.fromkeys((row.file, row.offset) for row in rows))
    old = list(dict.fromkeys((fate.file, fate.offset) for answer in before for fate in answer.lines))
    if len(old) != len(new):
        return None
    places = dict(zip(old, new, strict=True))
    return [answer._replace(file=file, **_placed(answer, places)) for answer in before]


def _placed(answer: Answered, places: dict[tuple[int, int], tuple[int, int]]) -> dict[str, Any]:
    lines = (fate._replace(file=file, offset=offset) for fate in answer.lines for file, offset in [places[fate[:2]]])
    evidence = ((reference, *places[file, offset]) for reference, file, offset in answer.evidence)
    return {"lines": list(lines), "evidence": list(evidence)}
