"""What ``cds check`` found, as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds.review.checked import Checked
from cds.screen.problems.report import Report
from cds.screen.problems.sources import Sources

if TYPE_CHECKING:
    from cds.review.changes import Change

TITLE = "cds check"
CAUSES = frozenset({"impossible-code", "impossible-threshold"})
"""What makes cases fail stands above them."""


def report_of_check(result: Checked, sources: Sources, promises: str = "", *, each: bool = False) -> Report:
    """The report; ``promises`` says which of them were tried. With ``each``, each of many warnings has a line."""
    summary = f"{result.rules} rules, {result.cases} cases, {_changes(result)} {_problems(result)}"
    problems = tuple(sorted(result.problems, key=lambda problem: problem.code not in CAUSES))
    report = Report(TITLE, problems, sources, summary, _figures(result), each=each)
    told = (promises,) if promises else ()
    return report._replace(warnings=result.warnings, notes=result.notes, promises=told)


def with_changes(report: Report, found: list[Change], old: str, proposed: str) -> Report:
    """The report, with what changed since another version and the version that this calls for."""
    told = [f"[{change.level}] {change.what}" for change in found]
    calls_for = f"{len(found)} changes since {old}; this calls for version {proposed}."
    figures = {**report.figures, "old": old, "proposed": proposed, "changes": [change._asdict() for change in found]}
    return report._replace(changes=(*told, calls_for), figures=figures)


def _figures(result: Checked) -> dict[str, float | None]:
    return {
        "rules": result.rules,
        "cases": result.cases,
        "changes tried": result.mutants,
        "noticed": None if result.caught is None else round(result.caught, 1),
        "accepted": result.accepted,
        "problems": len(result.problems),
        "overridden": len(result.notes),
        "warnings": len(result.warnings),
        "held back": result.held_back,
    }


def _changes(result: Checked) -> str:
    """What the small changes show; while a case fails they were not tried, as it would seem to notice each of them."""
    if result.caught is None:
        waiting = f" {result.held_back} wait until every case holds" if result.held_back else " there are none"
        return f"no small change tried:{waiting}."
    said = f"{result.mutants} small changes tried: {result.caught:.1f} % noticed, {result.accepted} accepted."
    back = "until every rule has its cases and every finding is read"
    return f"{said} {result.held_back} that were not noticed are held back {back}." if result.held_back else said


def _problems(result: Checked) -> str:
    notes = f" {len(result.notes)} things of the base are overridden by the overlay." if result.notes else ""
    warnings = f" {len(result.warnings)} warnings about evidence." if result.warnings else ""
    return f"{len(result.problems)} problems.{warnings}{notes}"
