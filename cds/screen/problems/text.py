"""Problems for a person: each with its line; many warnings of one kind in one line; what counts stands last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from cds.errors import Problem, few
from cds.screen.problems.excerpt import excerpt
from cds.screen.problems.report import Level, Report, meaning_of

MOST_ALIKE = 3
"""Of how many warnings of one kind each has its own line."""
NAMED = 5
"""How many of more than that are named."""


def text(report: Report) -> str:
    """The lines of a terminal."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield from report.changes
    yield from _remarks("note", report.notes, each=report.each)
    yield from _remarks("warning", report.warnings, each=report.each)
    for problem in report.problems:
        yield str(problem)
        yield from excerpt(problem, report.sources)
    yield from report.held_back
    yield from report.promises
    yield report.summary


def _remarks(level: Level, found: Sequence[Problem], *, each: bool) -> Iterator[str]:
    code = attrgetter("code")
    for kind, group in groupby(sorted(found, key=code), code):
        own = list(group)
        if each or len(own) <= MOST_ALIKE:
            yield from (f"{level}: {problem}" for problem in own)
        else:
            places = few(list(dict.fromkeys(problem.place for problem in own)), NAMED)
            yield f"{level}: {len(own)} times: {_what(kind)}: {places}. --warnings shows each. [{kind}]"


def _what(code: str) -> str:
    """What a code means, without the word that says its level."""
    said = meaning_of(code).removeprefix("A warning: ").removesuffix(".").replace(" (a note, no problem)", "")
    return said[0].lower() + said[1:]
