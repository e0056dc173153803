"""How the answers to patients are written one after the other; each format has a module of its own.

``answer`` may run in another process; ``tell`` and ``end`` run in this one, and give what is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cds.commands.options import tried
from cds.errors import CdsError, with_code
from cds.evaluation import Evaluation
from cds.files.people import Found, Item, Trouble
from cds.jsontypes import Json
from cds.one_file import text_of
from cds.overview.rows import Refused, Row, refused_of, row_of
from cds.overview.tally import Tally
from cds.result import result_of
from cds.rulebook.model import RuleBook


class Asked(NamedTuple):
    """By which rules, as of which day, and the outcomes that are shown (none: all)."""

    book: RuleBook
    day: date
    only: frozenset[str]


class Said(NamedTuple):
    """What was answered about a person or a part of a file; nothing was ``made`` of a person who is not shown."""

    path: Path
    row: Row | Refused
    made: Any = None
    error: str = ""


class Writer:
    """Counts everybody, and writes those who are shown."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.tally = asked, Tally(asked.only)

    def answer(self, item: Item) -> Said:
        """What is answered to a person, or what is wrong with a part of a file."""
        if isinstance(item, Trouble):
            return self._refused(item.path, "", item.error)
        found = tried(partial(self._answered, item))
        if isinstance(found, CdsError):
            return self._refused(item.path, item.patient if item.several else "", found)
        return found

    def _answered(self, found: Found) -> Said:
        evaluation = found.evaluation(self.asked.book, self.asked.day)
        result = result_of(evaluation)
        row = row_of(text_of(found.path), result)
        return Said(found.path, row, self.made(evaluation, result, row) if self.tally.shows(row) else None)

    @staticmethod
    def _refused(path: Path, patient: str, error: CdsError) -> Said:
        return Said(path, refused_of(text_of(path), patient, error), error=with_code(error))

    def made(self, evaluation: Evaluation, result: Json, row: Row) -> Any:
        """What ``shown`` needs of a person, made where the person is evaluated."""
        raise NotImplementedError

    def tell(self, said: Said) -> Iterator[str | bytes]:
        """Count what was answered; what is printed of it."""
        if isinstance(said.row, Refused):
            self.tally.refuse(said.row)
            yield from self.refused(said.row)
        else:
            self.tally.add(said.row)
            if self.tally.shows(said.row):
                yield from self.shown(said.row, said.made)

    def shown(self, row: Row, made: Any) -> Iterable[str | bytes]:
        """What is printed of a person as soon as he was answered."""
        raise NotImplementedError

    def refused(self, refused: Refused) -> Iterable[str | bytes]:
        """What is printed of an error, beside the line on the error stream."""
        return ()

    def end(self) -> Iterator[str | bytes]:
        """What is printed once everybody was answered."""
        yield from ()

    def summary(self) -> Json:
        """The summary so far."""
        return self.tally.data(self.asked.book, self.asked.day)
