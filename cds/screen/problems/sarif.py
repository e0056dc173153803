"""Problems as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from cds.about import PROGRAM
from cds.errors import Problem
from cds.screen.problems.excerpt import mark_of
from cds.screen.problems.report import Level, Report, meaning_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(report: Report) -> str:
    """One document with one run."""
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _run(report: Report) -> Mapping[str, object]:
    """The rules are the codes that were found; a result names the one of its code by its index."""
    codes = sorted({problem.code for _, problem in report.found})
    rules = [{"id": code, "shortDescription": {"text": meaning_of(code)}} for code in codes]
    told = [{"level": "note", "message": {"text": line}} for line in report.lines]
    return {
        "tool": {"driver": {"name": PROGRAM, "rules": rules}},
        "invocations": [{"executionSuccessful": report.complete, "toolExecutionNotifications": told}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(level, problem, codes.index(problem.code), report) for level, problem in report.found],
        "properties": dict(report.figures),
    }


def _result(level: Level, problem: Problem, index: int, report: Report) -> Mapping[str, object]:
    place = {
        "artifactLocation": {"uri": _uri(report.sources.path(problem.file))},
        "region": _region(problem, report),
    }
    return {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": level,
        "message": {"text": f"{problem.place}: {problem.what} {problem.todo}"},
        "locations": [{"physicalLocation": place}],
    }


def _region(problem: Problem, report: Report) -> Mapping[str, object]:
    mark = mark_of(problem, report.sources.line(problem.file, problem.line))
    columns = {"startColumn": mark.start + 1, "endColumn": mark.end + 1} if mark.is_word else {}
    return {"startLine": problem.line, **columns}


def _uri(path: str) -> str:
    """Relative for a file below the working directory, which a code host takes for the root of the repository."""
    return PurePosixPath(path).as_uri() if path.startswith("/") else quote(path)
