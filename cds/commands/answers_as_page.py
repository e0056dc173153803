"""The answers to patients as one page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from cds.commands.answers import Asked, Writer
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.overview import page
from cds.overview.rows import Refused, Row


class PageWriter(Writer):
    """One page; what it says of each patient waits in files until the summary above it is known."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.lines, self.sections = _waiting_room(), _waiting_room()

    def made(self, evaluation: Evaluation, result: Json, row: Row) -> Json:
        """The result; its place on the page is known when its turn comes."""
        return result

    def shown(self, row: Row, made: Any) -> Iterable[str]:
        """Nothing yet."""
        return self._keep(page.parts_of(row, made, self.tally.shown, self.asked.book))

    def refused(self, refused: Refused) -> Iterable[str]:
        """Nothing yet."""
        return self._keep(page.refused_part(refused))

    def _keep(self, parts: page.Parts) -> tuple[()]:
        self.lines.write(parts.line)
        self.sections.write(parts.section)
        return ()

    def end(self) -> Iterator[str]:
        """The page."""
        with self.lines as lines, self.sections as sections:
            lines.seek(0)
            sections.seek(0)
            yield from page.page_of(self.summary(), lines, sections, self.asked.book)


def _waiting_room() -> IO[str]:
    return TemporaryFile("w+", encoding="utf-8")
