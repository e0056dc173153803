"""The books of a run: of every line, what became of it; of every patient, whether there is an answer.

They have to balance: lines = used + not about the question + refused + dead letters, for each file and type, and
patients in = answered + refused. A run whose books do not balance, or to which a file is missing, is incomplete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cds.jsontypes import Json
from cds.population.books.fate import Fate

USED, NOT_ABOUT, REFUSED, DEAD = "used", "notAboutTheQuestion", "refused", "deadLetter"
ALSO = "countedWithAnother"
"""The standing of a broken line with a patient who is named in it beside the first one."""
STANDINGS = (USED, NOT_ABOUT, REFUSED, DEAD)
UNKNOWN_TYPE = "unknown"
NO_NAME = "names-no-patient"
"""The reason for which a line is refused that names no patient of the data."""


class Line(NamedTuple):
    """What became of lines of a file: their type, their standing, and the reason where they were refused or dead."""

    file: int
    kind: str
    standing: str
    reason: str = ""


class DeadLetter(NamedTuple):
    """A line that cannot be read: where it stands, why, and whether it is known whose it is."""

    file: int
    offset: int
    reason: str
    attributed: bool

    def data(self) -> Json:
        """As a line of ``dead-letters.ndjson``."""
        return {**self._asdict(), "attributed": self.attributed}


class Tally:
    """What was counted: lines met by file and type, what became of them, dead letters, patients, what went wrong.

    ``raw`` are the lines of each file by its bytes, ``looked_at`` those of which something was made, empty ones too;
    ``blank`` are the empty ones.
    """

    def __init__(self) -> None:
        self.raw: Counter[int] = Counter()
        self.looked_at: Counter[int] = Counter()
        self.blank: Counter[int] = Counter()
        self.met: Counter[tuple[int, str]] = Counter()
        self.lines: Counter[Line] = Counter()
        self.dead: list[DeadLetter] = []
        self.shared_used: set[tuple[int, int]] = set()
        self.patients: Counter[str] = Counter()
        self.problems: list[str] = []

    def meet(self, file: int, kind: str, number: int = 1) -> None:
        """Count lines that were read from a file."""
        self.met[file, kind] += number

    def count(self, file: int, kind: str, standing: str, reason: str = "", number: int = 1) -> None:
        """Count what became of lines."""
        self.lines[Line(file, kind, standing, reason)] += number

    def bury(self, file: int, offset: int, kind: str, reason: str, *, attributed: bool = False) -> None:
        """Count a line that cannot be read."""
        self.count(file, kind, DEAD, reason)
        self.dead.append(DeadLetter(file, offset, reason, attributed))

    def settle(self, fates: Iterable[Fate], verdict: str) -> None:
        """Count a patient (answered, or refused for a reason), and what became of the resources."""
        self.patients[verdict] += 1
        for fate in fates:
            if fate.shared:
                if fate.standing == USED:
                    self.shared_used.add((fate.file, fate.offset))
            elif fate.standing == DEAD:
                self.bury(fate.file, fate.offset, fate.kind, fate.reason, attributed=True)
            elif fate.standing != ALSO:
                self.count(fate.file, fate.kind, fate.standing, fate.reason)

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.raw.update(other.raw)
        self.looked_at.update(other.looked_at)
        self.blank.update(other.blank)
        self.met.update(other.met)
        self.lines.update(other.lines)
        self.dead += other.dead
        self.shared_used |= other.shared_used
        self.patients.update(other.patients)
        self.problems += other.problems

    def data(self) -> Json:
        """As JSON, in a stable order."""
        return {
            "raw": sorted(self.raw.items()),
            "lookedAt": sorted(self.looked_at.items()),
            "blank": sorted(self.blank.items()),
            "met": sorted([*key, number] for key, number in self.met.items()),
            "lines": sorted([*key, number] for key, number in self.lines.items()),
            "dead": sorted(map(list, self.dead)),
            "sharedUsed": sorted(self.shared_used),
            "patients": dict(sorted(self.patients.items())),
            "problems": self.problems,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Tally:
        """What ``data`` gave."""
        tally = cls()
        tally.raw.update(dict(data["raw"]))
        tally.looked_at.update(dict(data["lookedAt"]))
        tally.blank.update(dict(data["blank"]))
        tally.met.update({(file, kind): number for file, kind, number in data["met"]})
        tally.lines.update({Line(*key): number for *key, number in data["lines"]})
        tally.dead = [DeadLetter(*item) for item in data["dead"]]
        tally.shared_used = {(file, offset) for file, offset in data["sharedUsed"]}
        tally.patients.update(data["patients"])
        tally.problems = [*data["problems"]]
        return tally


ANSWERED = "answered"
"""The key under which patients with an answer are counted; the others stand under the reason."""


def ledger_of(tally: Tally, problems: Iterable[str], export: Json, duplicates: Mapping[int, int]) -> Json:
    """``ledger.json``: a row for each file and type, the patients, the counts of manifests, what does not add up."""
    rows = [_row(tally, file, kind) for file, kind in sorted(tally.met.keys() | {line[:2] for line in tally.lines})]
    refused = {reason: number for reason, number in sorted(tally.patients.items()) if reason != ANSWERED}
    answered = tally.patients[ANSWERED]
    patients = {"in": answered + sum(refused.values()), "answered": answered, "refused": refused}
    return {
        "rows": rows,
        "patients": patients,
        "unattributed": sum(not letter.attributed for letter in tally.dead),
        "export": export,
        "notes": list(_notes(tally, duplicates)),
        "problems": [*problems, *tally.problems, *_lost(tally), *(text for row in rows for text in _imbalance(row))],
    }


def _notes(tally: Tally, duplicates: Mapping[int, int]) -> Iterator[str]:
    """What somebody should know who reads the answers: lines that count for nobody, files that are there twice."""
    dead, nobodys = len(tally.dead), sum(not letter.attributed for letter in tally.dead)
    unnamed = sum(number for line, number in tally.lines.items() if line.reason == NO_NAME)
    if dead:
        yield f"{dead} lines cannot be read; of {nobodys} of them nobody knows whose they are."
    if unnamed:
        yield f"{unnamed} lines name no patient of these data."
    for again, first in duplicates.items():
        yield f"File {again} is the same as file {first}; it was counted once."


def _lost(tally: Tally) -> list[str]:
    return [
        f"File {file}: it has {number} lines, and {tally.looked_at[file]} were looked at."
        for file, number in sorted(tally.raw.items())
        if tally.looked_at[file] != number
    ]


def _row(tally: Tally, file: int, kind: str) -> Json:
    own = [(line, number) for line, number in tally.lines.items() if line[:2] == (file, kind)]
    by = {standing: sum(number for line, number in own if line.standing == standing) for standing in STANDINGS}
    reasons = sorted((line.reason, number) for line, number in own if line.standing == REFUSED)
    return {
        "file": file,
        "type": kind,
        "lines": tally.met[file, kind],
        USED: by[USED],
        NOT_ABOUT: by[NOT_ABOUT],
        REFUSED: dict(reasons),
        DEAD: by[DEAD],
    }


def _imbalance(row: Json) -> list[str]:
    accounted = row[USED] + row[NOT_ABOUT] + sum(row[REFUSED].values()) + row[DEAD]
    if accounted == row["lines"]:
        return []
    return [f"File {row['file']}, {row['type']}: {row['lines']} lines were read and {accounted} are accounted for."]
