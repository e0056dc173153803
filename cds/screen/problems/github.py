"""Problems as workflow commands of GitHub Actions, which shows them beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from cds.errors import Problem
from cds.screen.problems.excerpt import mark_of
from cds.screen.problems.report import Level, Report

_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}


def github(report: Report) -> str:
    """One command for each problem, warning and note; the last line is the summary, as the log shows it."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for level, problem in report.found:
        place = ",".join(f"{name}={_property(str(value))}" for name, value in _place(problem, report).items())
        yield f"::{_COMMANDS[level]} {place}::{_data(f'{problem.place}: {problem.what} {problem.todo}')}"
    if said := (*report.changes, *report.held_back):
        yield f"::notice title={_property(report.title)}::{_data(chr(10).join(said))}"
    yield _data(report.summary)


def _place(problem: Problem, report: Report) -> dict[str, object]:
    """Where the command puts its text; columns only where one word is meant."""
    mark = mark_of(problem, report.sources.line(problem.file, problem.line))
    columns = {"col": mark.start + 1, "endColumn": mark.end} if mark.is_word else {}
    return {"file": report.sources.path(problem.file), "line": problem.line, **columns, "title": problem.code}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
