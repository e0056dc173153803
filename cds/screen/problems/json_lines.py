"""Problems as one JSON object for each line, the figures in the last."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cds.screen.problems.report import Report


def json_lines(report: Report) -> str:
    """One object for each problem, warning and note; then one with the figures.

    ``file`` is the name inside the rules, ``path`` where the file is from the working directory.
    """
    return "".join(f"{json.dumps(item)}\n" for item in _objects(report))


def _objects(report: Report) -> Iterator[dict[str, object]]:
    for level, problem in report.found:
        said: dict[str, object] = {**problem._asdict(), "path": report.sources.path(problem.file), "level": level}
        yield said if level == "error" else {**said, level: True}
    yield {**report.figures, **({"not shown": list(report.held_back)} if report.held_back else {})}
