"""Everything that a command has to say about rule files, before it is written in a format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from cds.errors import CHECK_CODES, PROOF_CODES, RULE_CODES, Problem, RulebookError
from cds.screen.problems.sources import Sources

Level: TypeAlias = Literal["error", "warning", "note"]
"""How much one thing weighs: an error makes the command fail."""


class Report(NamedTuple):
    """What was found, each with its level, and what is said of the whole.

    ``title`` is the command; ``figures`` are the counts, for machines. ``changes`` are lines about another version,
    ``held_back`` is what is not said yet, ``promises`` say which of them were tried, and ``summary`` is the last line.
    ``complete`` says whether the rule files loaded, so that all was looked at; ``each`` that no warning is folded into
    a line about many. ``properties`` are what was looked at, by the places of problems, where that is no file.
    """

    title: str
    problems: tuple[Problem, ...]
    sources: Sources
    summary: str
    figures: Mapping[str, object]
    warnings: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    complete: bool = True
    each: bool = False
    properties: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said beside the problems, the summary last."""
        return (*self.changes, *self.held_back, *self.promises, self.summary)

    @property
    def found(self) -> list[tuple[Level, Problem]]:
        """Everything with its level, the gravest first."""
        levels: tuple[tuple[Level, Iterable[Problem]], ...] = (
            ("error", self.problems),
            ("warning", self.warnings),
            ("note", self.notes),
        )
        return [(level, problem) for level, own in levels for problem in own]


def report_of_error(title: str, error: RulebookError, sources: Sources, summary: str) -> Report:
    """The report about rule files that do not load."""
    figures = {"loaded": False, "problems": len(error.problems)}
    held_back = error.lines[len(error.problems) :]
    return Report(title, error.problems, sources, summary, figures, held_back=held_back, complete=False)


def meaning_of(code: str) -> str:
    """What a code of a problem means, in one sentence; the code itself where it is of no list."""
    return {**RULE_CODES, **CHECK_CODES, **PROOF_CODES}.get(code, code)
