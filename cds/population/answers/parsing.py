"""The rows of one patient -> resources: what cannot be read is a dead letter, what a later export replaced is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import orjson
import pyarrow.parquet as pq

from cds.errors import RecordError
from cds.intake.bundles.entries import incomplete
from cds.intake.elements import Placed, name_of
from cds.intake.json_text import DEEPEST
from cds.intake.record import Issue
from cds.jsontypes import Json
from cds.population.answers.question import Question, Row
from cds.population.books.fate import Fate
from cds.population.books.ledger import ALSO as COUNTED
from cds.population.books.ledger import DEAD, REFUSED
from cds.population.lines.marks import ALSO, PATIENT, NotAResourceError, parsed
from cds.population.lines.rows import NEW


class Read(NamedTuple):
    """A row, its resource, and the number of the row among those of the patient."""

    row: Row
    resource: Json
    number: int = 0


class Lines(NamedTuple):
    """The resources of a patient, own and shared, what is missing, and what became of those that do not count."""

    own: list[Read]
    shared: list[Read]
    issues: list[Issue]
    fates: dict[int, Fate]
    """By the number of the row."""

    @property
    def patient(self) -> Read | None:
        """The first Patient; None where the patient is only named."""
        return next((item for item in self.own if item.resource["resourceType"] == PATIENT), None)

    def placed(self) -> list[Placed]:
        """The patient's own resources in their places."""
        return [("", 1, item.row.url or "", item.resource) for item in self.own]

    def by_name(self) -> dict[str, Json]:
        """The shared resources by what they may be called."""
        named = ((name, item.resource) for item in self.shared for name in (name_of(item.resource), item.row.url))
        return {name: resource for name, resource in named if name}


def lines_of(rows: Sequence[Row], question: Question) -> Lines:
    """The resources of rows, without what later exports replaced or deleted; with a broken one they are not whole."""
    lines = Lines([], [], [], {})
    for number, row in enumerate(rows):
        found = _resource(row)
        if isinstance(found, RecordError):
            lines.issues[:] = [incomplete("Bundle")]
            lines.fates[number] = fate_of(row, DEAD if row.kind != ALSO else COUNTED, found.code)
        else:
            (lines.shared if row.shared else lines.own).append(Read(row, found, number))
    if question.continued or question.deleted:
        lines.own[:] = _latest(lines.own, question, lines.fates)
        lines.shared[:] = _latest(lines.shared, question, lines.fates)
    return lines


def _resource(row: Row) -> Json | RecordError:
    """The resource of a row, or what is wrong with it; what is nested deeply is looked at as every file is."""
    if row.line.count(b"{") + row.line.count(b"[") <= DEEPEST:
        try:
            data = orjson.loads(row.line)
        except orjson.JSONDecodeError:
            pass
        else:
            if type(data) is dict and type(data.get("resourceType")) is str:
                return data
    try:
        found = parsed(row.line)
    except RecordError as error:
        return error
    return found if isinstance(found, dict) else NotAResourceError()


def fate_of(row: Row, standing: str, reason: str = "") -> Fate:
    """What became of the line of a row."""
    return Fate(row.file, row.offset, row.kind, standing, reason, row.shared)


def _latest(read: Sequence[Read], question: Question, fates: dict[int, Fate]) -> list[Read]:
    """What later exports left: what was deleted, or has a version in an export that continues its own, is gone."""
    deleted, renewed = _last(question.deleted, question.exports), _renewed(question.renewed, question.exports)
    kept = []
    for item in read:
        name, export = name_of(item.resource), question.exports[item.row.file]
        if deleted.get(name, export) > export:
            fates[item.number] = fate_of(item.row, REFUSED, "deleted-resource")
        elif renewed.get(name, export) > export:
            fates[item.number] = fate_of(item.row, REFUSED, "replaced-version")
        else:
            kept.append(item)
    return kept


@lru_cache(maxsize=1)
def _renewed(folder: str, exports: tuple[int, ...]) -> dict[str, int]:
    """The last export that continues another one and holds a resource, by the name of that."""
    if not folder or not Path(folder).is_dir():
        return {}
    names, files = pq.read_table(folder, schema=NEW).to_pydict().values()
    return _last(zip(names, files, strict=True), exports)


def _last(named: Iterable[tuple[str, int]], exports: tuple[int, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, file in named:
        found[name] = max(found.get(name, 0), exports[file])
    return found
