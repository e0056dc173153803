"""The answers to patients as text: one on a screen; of several a line each and the summary, or everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds.commands.answers import Writer
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.overview.rows import Row
from cds.screen.brief import brief_text
from cds.screen.overviews import heading_text, patient_text, refused_text, summary_text
from cds.screen.patients import evaluation_text


class TextWriter(Writer):
    """A single patient on one screen; of several a line each, and the summary."""

    waiting: tuple[Row, str] | None = None
    is_begun = has_made = False

    def made(self, evaluation: Evaluation, result: Json, row: Row) -> str:
        """The screen of the first patient that this process answers: only the first of all can be the only one."""
        is_first, self.has_made = not self.has_made, True
        return brief_text(evaluation, row.file) if is_first else ""

    def shown(self, row: Row, made: Any) -> Iterator[str]:
        """The line of a patient, and before it that of the first one, which waited for a second."""
        if self.tally.answered == 1 and not self.is_begun:
            self.waiting = row, made
        else:
            yield from self._lines(row)

    def _lines(self, row: Row) -> Iterator[str]:
        if not self.is_begun:
            yield heading_text()
        waiting = [self.waiting[0]] if self.waiting else []
        self.is_begun, self.waiting = True, None
        yield from (patient_text(*one[:5], one.missing) for one in (*waiting, row))

    def end(self) -> Iterator[str]:
        """The one patient, and how much beside him was refused; or the summary of all. Nothing of a single error."""
        refused = self.tally.refused.total()
        if self.waiting:
            yield self.waiting[1]
            yield refused_text(self.summary()) if refused else ""
        elif self.tally.answered + refused > 1 or self.tally.answered > self.tally.shown:
            yield summary_text(self.summary())


class LongWriter(TextWriter):
    """Everything about each patient, and of several the summary."""

    def made(self, evaluation: Evaluation, result: Json, row: Row) -> str:
        """Everything that is said of the patient."""
        return evaluation_text(evaluation, row.file)

    def shown(self, row: Row, made: Any) -> Iterator[str]:
        """That, at once."""
        yield made
