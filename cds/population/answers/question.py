"""What is asked about everybody, and the rows about whom it is asked: values that can be sent to another machine."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cds.bookshelf import open_exactly
from cds.rulebook.model import RuleBook

NONE, FIRED, ALL = "none", "fired", "all"
"""Which why-trees are kept with an answer."""
SAMPLED = 10_000


class Row(NamedTuple):
    """A line of a patient; ``shared``: it belongs to no patient, and something of this one refers to it."""

    file: int
    offset: int
    kind: str
    url: str | None
    line: bytes
    shared: bool = False


class Question(NamedTuple):
    """By which rules, as of which day, with what trace, and for how many of a hundred patients resources are validated.

    ``files`` are the names of the inputs. ``exports`` is the export of each; ``continued`` are those that continue an
    earlier one, of which a later version takes the place of an older one; ``deleted`` names what was deleted, with the
    file that says so; ``renewed`` is the folder of what they hold.
    """

    rules: str
    overlays: tuple[str, ...]
    as_of: date
    trace: str = NONE
    validated: float = 100.0
    files: tuple[str, ...] = ()
    exports: tuple[int, ...] = ()
    continued: frozenset[int] = frozenset()
    deleted: tuple[tuple[str, int], ...] = ()
    renewed: str = ""

    def book(self) -> RuleBook:
        """The rulebook, opened."""
        return open_exactly(Path(self.rules), *map(Path, self.overlays))

    def validates(self, patient: str) -> bool:
        """Whether a patient is among those whose resources are validated: that follows from the name, whoever asks."""
        if self.validated in (0, 100):
            return self.validated == 100
        return int(sha256(patient.encode()).hexdigest()[:8], 16) % SAMPLED < self.validated * SAMPLED / 100
