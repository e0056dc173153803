"""Files -> rows by patient: a task reads its part of the files, counts every line, and writes what matters.

A line that cannot be read is a dead letter at once where nobody knows whose it is; else its patient's answer says that
something is missing.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cds.errors import CdsError, RecordError
from cds.intake.bundles.entries import incomplete, placed_in
from cds.intake.elements import name_of
from cds.intake.record import Issue
from cds.one_file import LARGEST, rest_of
from cds.population.books.ledger import NOT_ABOUT, REFUSED, UNKNOWN_TYPE, Tally
from cds.population.lines.blocks import Block, blocks_of
from cds.population.lines.marks import (
    ALSO,
    PATIENT,
    Mark,
    is_whole,
    mark_of_broken,
    parsed,
    patients_among,
    plain_mark,
)
from cds.population.lines.marks import DOCUMENT as BUNDLE
from cds.population.lines.opening import opened
from cds.population.lines.placing import Placing
from cds.population.lines.projection import projection
from cds.population.lines.rows import Staged
from cds.population.lines.sources import DELETED, DOCUMENT, OUTPUT, Source

NOT_JSON = "not-json"
PATIENT_KEY = f"{PATIENT}/"
BARE = "bare-resource"
"""The issue about a resource that does not stand under its name in its entry, and was read."""
_NOT_USUAL = frozenset({PATIENT, "Medication", "Substance"})


class Piece(NamedTuple):
    """A file, or the lines of it that begin from one offset up to another."""

    source: Source
    start: int = 0
    end: int | None = None


class Task(NamedTuple):
    """Pieces of files that are read together, and into how many parts the patients are divided."""

    number: int
    pieces: tuple[Piece, ...]
    parts: int


def read_task(task: Task, folder: Path) -> Tally:
    """What was counted in the pieces of a task; what matters in them is written to files in the folder."""
    reader = _Reader(task.parts)
    for piece in task.pieces:
        reader.read(piece)
    reader.staged.write(folder, f"{task.number:05}")
    return reader.tally


class _Reader:
    """Reads pieces of files."""

    def __init__(self, parts: int) -> None:
        self.staged, self.tally = Staged(parts), Tally()
        self.projection = projection()
        self.placing = Placing(self.staged, self.tally)

    def read(self, piece: Piece) -> None:
        """Read a piece; what cannot be read to its end is a problem of the run."""
        source = piece.source
        try:
            with opened(source.file) as file:
                if source.kind == DOCUMENT:
                    self._document(source, file)
                else:
                    for block in blocks_of(source, file, piece.start, piece.end):
                        self._block(source, block)
        except CdsError as error:
            self.tally.problems.append(f"{source.file}: it could not be read to its end. {error}")

    def _block(self, source: Source, block: Block) -> None:
        file, tally, add = source.number, self.tally, self.staged.add
        tally.raw[file] += block.number
        tally.looked_at[file] += len(block.lines)
        for offset, line in block.lines:
            mark = plain_mark(line)
            if mark is None or source.role != OUTPUT or source.continues or not self._is_usual(mark):
                self._careful(source, offset, line)
            else:
                tally.met[file, mark.kind] += 1
                add(mark.key, file, offset, mark.kind, line)
                if mark.needs:
                    self.staged.need(mark.key, mark.needs)
        if block.is_cut:
            tally.problems.append(f"{source.file}: the file is cut off: its last line is not whole.")

    def _is_usual(self, mark: Mark) -> bool:
        """Whether a line is of a patient, and of a type that is read."""
        return mark.kind in self.projection.read and mark.kind not in _NOT_USUAL and mark.key.startswith(PATIENT_KEY)

    def _careful(self, source: Source, offset: int, line: bytes) -> None:
        """Look at a line that is not plain: it is parsed."""
        if not line.strip():
            self.tally.blank[source.number] += 1
            return
        try:
            if len(line) > LARGEST:
                raise RecordError("too-long", "The line is longer than any resource.")
            data = parsed(line)
        except RecordError as error:
            self._broken(source, offset, line, error.code)
            return
        if source.role == DELETED:
            self.placing.deletions(source, offset, data)
        elif is_whole(data):
            self._whole(source, offset, data, line)
        else:
            self.placing.resource(source, offset, ("", 1, "", data), line)

    def _broken(self, source: Source, offset: int, line: bytes, reason: str) -> None:
        """A line that cannot be read: everybody whom it names lacks something, and it is counted once."""
        kind, keys = mark_of_broken(line)
        kind = kind or UNKNOWN_TYPE
        self.tally.meet(source.number, kind)
        if source.kind == DOCUMENT and reason == NOT_JSON:
            self.tally.problems.append(f"{source.file}: it is no JSON, or cut off; nothing in it was read.")
        if source.role != OUTPUT:
            self.tally.problems.append(
                f"{source.file}: a line cannot be read; what was deleted, or failed, is not known."
            )
        if not keys:
            self.tally.bury(source.number, offset, kind, reason)
        for number, key in enumerate(keys):
            self.staged.add(key, source.number, offset, ALSO if number else kind, line)

    def _document(self, source: Source, file: BinaryIO) -> None:
        raw = rest_of(file)
        self.tally.raw[source.number] += 1
        self.tally.looked_at[source.number] += 1
        self._careful(source, 0, raw)

    def _whole(self, source: Source, offset: int, data: object, line: bytes) -> None:
        """A record of its own where it has a Patient; else resources that belong with the others."""
        issues: list[Issue] = []
        placed = placed_in(data, issues)
        if not patients_among(placed):
            self._aside(source, issues, is_empty=not placed)
            for item in placed:
                self.placing.resource(source, offset, item, None)
            return
        for _, _, _, resource in placed:
            self.tally.meet(source.number, resource["resourceType"])
        key = f"{name_of(patients_among(placed)[0])} in {sha256(line).hexdigest()}"
        self.staged.add(key, source.number, offset, BUNDLE, line)

    def _aside(self, source: Source, issues: list[Issue], *, is_empty: bool) -> None:
        """What a Bundle that belongs with other lines says of itself; one that holds nothing is counted, too."""
        file, tally = source.number, self.tally
        for issue in issues:
            if issue.code == incomplete("").code:
                problem = f"{source.file}: a Bundle in it is not whole: it goes on elsewhere, or an entry is empty."
                tally.problems += [problem] if problem not in tally.problems else []
            elif issue.code != BARE:
                tally.meet(file, UNKNOWN_TYPE)
                tally.count(file, UNKNOWN_TYPE, REFUSED, issue.code)
        if is_empty and not issues:
            tally.meet(file, BUNDLE)
            tally.count(file, BUNDLE, NOT_ABOUT)
