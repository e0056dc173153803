"""A resource -> its place among the rows: with its patient, what is shared, or where it shows later whose it is."""

from __future__ import annotations

from typing import Any

import orjson

from cds.intake.bundles.bundle import same_text
from cds.intake.bundles.entries import is_error
from cds.intake.bundles.history import deletion_of, is_deletion
from cds.intake.bundles.linked_patients import linked_references
from cds.intake.bundles.people import SOMEBODYS
from cds.intake.elements import Placed, listed, name_of, objects
from cds.jsontypes import Json
from cds.population.books.ledger import NOT_ABOUT, REFUSED, Tally
from cds.population.lines.marks import BY_IDENTIFIER, DOCUMENT, NOBODYS, PATIENT, Mark, key_of, mark_of
from cds.population.lines.projection import projection
from cds.population.lines.rows import Staged
from cds.population.lines.sources import Source

DELETION = "deleted "
"""Begins the key of what a file of deletions names."""
MESSAGE = "OperationOutcome"


class Placing:
    """Puts resources that were parsed among the rows that wait, and counts those that need no place."""

    def __init__(self, staged: Staged, tally: Tally) -> None:
        self.staged, self.tally = staged, tally
        self.projection = projection()

    def resource(self, source: Source, offset: int, placed: Placed, line: bytes | None) -> None:
        """Place a resource of a file; ``line`` is its text where it has a line of its own."""
        _, _, url, resource = placed
        mark, file, raw = mark_of(resource), source.number, line if line is not None else orjson.dumps(resource)
        if mark.kind == MESSAGE:
            self._message(source, resource)
            return
        self.tally.meet(file, mark.kind)
        if source.continues:
            self.staged.renewed.append((name_of(resource), file))
        if self.projection.passes_over(mark.kind, raw):
            self.tally.count(file, mark.kind, NOT_ABOUT)
        elif mark.kind in self.projection.referred_to:
            self._shared(mark, resource, file, offset, raw, url)
        elif mark.kind == PATIENT:
            self._patient(mark, resource, file, offset, raw, url)
        elif not _is_patient(mark.key):
            self._nobodys(mark, file, offset, raw, url)
        else:
            self.staged.add(mark.key, file, offset, mark.kind, raw, url or None)
            self.staged.need(mark.key, mark.needs)

    def _shared(self, mark: Mark, resource: Json, file: int, offset: int, raw: bytes, url: str) -> None:
        """What records refer to: by its type and id, and by the full URL where that is another name."""
        name = name_of(resource)
        other = url if url != name else ""
        for called in (name, other) if other else (name,):
            self.staged.shared.append((called, file, offset, mark.kind, other or None, raw, mark.needs))

    def _patient(self, mark: Mark, resource: Json, file: int, offset: int, raw: bytes, url: str) -> None:
        key = mark.key or f"{PATIENT} {same_text(resource)}"
        marks = [
            f"{BY_IDENTIFIER}{item['system']}|{item['value']}"
            for item in objects(resource.get("identifier"))
            if isinstance(item.get("system"), str) and isinstance(item.get("value"), str)
        ]
        links = [key_of(name) for name in linked_references(resource)]
        self.staged.patients.append((key, file, offset, marks, links))
        self.staged.add(key, file, offset, PATIENT, raw, url or None)

    def _nobodys(self, mark: Mark, file: int, offset: int, raw: bytes, url: str) -> None:
        """What names no patient may be of the only one; that shows when everything was read."""
        if mark.kind in SOMEBODYS or mark.kind not in self.projection.read:
            key = mark.key if mark.key.startswith(BY_IDENTIFIER) else NOBODYS
            self.staged.add_loose((key, file, offset, mark.kind, url or None, raw), mark.needs)
        else:
            self.tally.count(file, mark.kind, NOT_ABOUT)

    def _message(self, source: Source, message: Json) -> None:
        """Count what the server says beside its data: an error is about a part that it could not give."""
        failed = is_error(message)
        self.tally.meet(source.number, MESSAGE)
        self.tally.count(source.number, MESSAGE, REFUSED if failed else NOT_ABOUT, "server-message" if failed else "")
        if failed:
            self.tally.problems.append(f"{source.file}: the server says that it could not give a part of the export.")

    def deletions(self, source: Source, offset: int, data: object) -> None:
        """Note what a Bundle of deletions names."""
        entries = listed(data.get("entry")) if isinstance(data, dict) else [None]
        names = [_names_of_deleted(item, data) for item in entries]
        for name in sorted(frozenset().union(*names)):
            self.staged.add_loose((f"{DELETION}{key_of(name)}", source.number, offset, DOCUMENT, None, b"{}"))
        if not all(names):
            self.tally.problems.append(f"{source.file}: it says that something was deleted, and not what.")
        self.tally.meet(source.number, DOCUMENT)
        self.tally.count(source.number, DOCUMENT, NOT_ABOUT)


def _names_of_deleted(item: Any, bundle: object) -> frozenset[str]:
    return deletion_of(item, bundle).names if is_deletion(item) else frozenset()


def _is_patient(key: str) -> bool:
    """Whether a key can be that of a patient: no reference to another type."""
    kind, slash, _ = key.partition("/")
    return key != NOBODYS and not key.startswith(BY_IDENTIFIER) and (not slash or kind == PATIENT)
