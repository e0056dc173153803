"""The answers to patients for programs: a line of JSON each, or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from cds.commands.answers import Asked, Writer
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.overview import csv_text
from cds.overview.rows import Refused, Row


def json_line(file: str, data: Mapping[str, object]) -> bytes:
    """A line of JSON about a file."""
    return orjson.dumps({"file": file, **data}, option=orjson.OPT_APPEND_NEWLINE)


class JsonWriter(Writer):
    """A line of JSON for each patient and each error."""

    def made(self, evaluation: Evaluation, result: Json, row: Row) -> bytes:
        """The line of a patient."""
        return json_line(row.file, result)

    def shown(self, row: Row, made: Any) -> Iterable[bytes]:
        """The same."""
        return (made,)

    def refused(self, refused: Refused) -> Iterable[bytes]:
        """The line of an error; of one patient among several it names the patient."""
        who = {"patient": refused.patient} if refused.patient else {}
        return (json_line(refused.file, {**who, "error": {"code": refused.code, "text": refused.text}}),)


class CsvWriter(Writer):
    """A line of headings, and one for each patient and each error."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.about = asked.day.isoformat(), f"{asked.book.version} {asked.book.sha256[:12]}"
        self.heading = [csv_text.heading()]

    def made(self, evaluation: Evaluation, result: Json, row: Row) -> str:
        """The line of a patient."""
        return csv_text.row_line(row, *self.about)

    def shown(self, row: Row, made: Any) -> Iterator[str]:
        """The same, after the headings."""
        yield from (*self.end(), made)

    def refused(self, refused: Refused) -> Iterator[str]:
        """The line of an error."""
        yield from (*self.end(), csv_text.refused_line(refused, *self.about))

    def end(self) -> Iterator[str]:
        """The headings, once."""
        while self.heading:
            yield self.heading.pop()
