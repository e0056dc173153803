"""The rows of one patient -> resources: what cannot be read is a dead letter, what a later export replaced is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from cds.errors import RecordError
from cds.intake.bundles.entries import incomplete
from cds.intake.elements import Placed, name_of
from cds.intake.reading import DEEPEST
from cds.intake.record import Issue
from cds.jsontypes import Json
from cds.population.ledger import REFUSED, Tally
from cds.population.marks import ALSO, PATIENT, NotAResourceError, parsed
from cds.population.question import Question, Row


class Read(NamedTuple):
    """A row and its resource."""

    row: Row
    resource: Json


class Lines(NamedTuple):
    """The resources of a patient, own and shared, and what is missing."""

    own: list[Read]
    shared: list[Read]
    issues: list[Issue]

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


def lines_of(rows: Iterable[Row], tally: Tally) -> Lines:
    """The resources of rows; one that cannot be read is counted, and the patient's data are then not whole."""
    lines = Lines([], [], [])
    for row in rows:
        resource = _resource(row, tally)
        if resource is None:
            lines.issues[:] = [incomplete("Bundle")]
        else:
            (lines.shared if row.shared else lines.own).append(Read(row, resource))
    return lines


def _resource(row: Row, tally: Tally) -> Json | None:
    """The resource of a row; what is nested deeply is looked at as every file is."""
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
        if not isinstance(found, dict):
            raise NotAResourceError
    except RecordError as error:
        if row.kind != ALSO:
            tally.bury(row.file, row.offset, row.kind, error.code, attributed=True)
        return None
    return found


def latest(read: Sequence[Read], question: Question, tally: Tally) -> list[Read]:
    """What later exports left of earlier ones: what was deleted, or has a version in one that continues them, is gone."""
    deleted = {name: question.exports[file] for name, file in question.deleted}
    newest: dict[str, int] = {}
    for item in read:
        export = question.exports[item.row.file]
        if export in question.continued:
            newest[name_of(item.resource)] = max(newest.get(name_of(item.resource), 0), export)
    kept = []
    for item in read:
        name, export = name_of(item.resource), question.exports[item.row.file]
        if deleted.get(name, export) > export:
            tally.count(item.row.file, item.row.kind, REFUSED, "deleted-resource")
        elif newest.get(name, export) > export:
            tally.count(item.row.file, item.row.kind, REFUSED, "replaced-version")
        else:
            kept.append(item)
    return kept
