"""One specimen, reported more than once: a result that a later report of the same specimen replaced does not count.

A laboratory reports first a preliminary result, then a final one, and corrects a wrong one; a server may keep each
report as a resource of its own. Only a report that could be read itself takes the place of another: what was not
understood replaces nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from cds.intake.record import Json, Mention, Reading, Record
from cds.intake.reports import Report, differ, report_of
from cds.intake.versions import CORRECTED, FINAL, PRELIMINARY
from cds.quantity import UNKNOWN

Item = TypeVar("Item", Reading, Mention)
Key = TypeVar("Key", str, tuple[str, str])


def settle_results(record: Record, observations: Sequence[Json]) -> None:
    """Take out the results that another report replaced, and say so; say which preliminary results count."""
    if all(resource.get("status") == "final" and "extension" not in resource for resource in observations):
        return
    named = ((record.name_of(resource), resource) for resource in observations)
    reports = {name: report_of(name, resource) for name, resource in named}
    _take_back(record.readings, record, reports)
    _take_back(record.answers, record, reports)
    replaced = {*_taken_out(record.readings, reports), *_taken_out(record.answers, reports)}
    lists: list[Sequence[Reading | Mention]] = [*record.readings.values(), *record.answers.values()]
    left = {item.source for items in lists for item in items}
    for name, report in reports.items():
        if name in replaced:
            record.note("replaced-result", name)
        if name in left and report.standing == PRELIMINARY:
            record.note("preliminary-result", name)


def _take_back(found: dict[Key, list[Item]], record: Record, reports: Mapping[str, Report]) -> None:
    """Take out, term by term, the results whose own report was withdrawn by a resource of its own; each is lost.

    A withdrawal without a day may be of any result that shares a number with it: none is taken out, and it is said.
    """
    for name, items in found.items():
        withdrawn = [reports[source] for source in record.withdrawn.get(name, ())]
        shared = [(w, i) for w in withdrawn for i in items if i.source in reports and _withdraws(w, reports[i.source])]
        out = [item for one, item in shared if one.day or item.source in one.replaces]
        found[name] = [item for item in items if item not in out]
        lost = dict.fromkeys(item.source if item in out else one.name for one, item in shared)
        for source in lost:
            record.lose_result("withdrawn-result", source, name if isinstance(name, str) else "")


def _withdraws(withdrawn: Report, report: Report) -> bool:
    """Whether an entry in error, or a cancellation, is of the very report: it shares a number, and nothing is other.

    A result that was issued after the withdrawal, or corrected, stands: it was made in place of the withdrawn one.
    """
    if report.name in withdrawn.replaces:
        return True
    if not withdrawn.numbers & report.numbers or differ(withdrawn.specimen, report.specimen):
        return False
    if withdrawn.day and report.day and withdrawn.day.text != report.day.text:
        return False
    if None not in (withdrawn.number, report.number) and withdrawn.number != report.number:
        return False
    if withdrawn.issued is not None and report.issued is not None:
        return withdrawn.issued >= report.issued
    return report.standing < CORRECTED


def _taken_out(found: dict[Key, list[Item]], reports: Mapping[str, Report]) -> Iterator[str]:
    """Take out what was replaced, term by term; gives the names of the reports that it came from."""
    for name, items in found.items():
        readable = [reports[i.source] for i in items if i.source in reports and not _is_unclear(i)]
        out = [i for i in items if i.source in reports and any(_replaces(r, reports[i.source]) for r in readable)]
        found[name] = [item for item in items if item not in out]
        yield from (item.source for item in out)


def _is_unclear(item: Reading | Mention) -> bool:
    return isinstance(item, Mention) and item.state is UNKNOWN


def _replaces(later: Report, report: Report) -> bool:
    """Whether a report takes the place of another one of the same test.

    Where only the day is known, a corrected result does not hide a final one: they may be of two specimens.
    """
    if report.name in later.replaces:
        return True
    if later.standing <= report.standing or report.standing < PRELIMINARY:
        return False
    if differ(later.specimen, report.specimen):
        return False
    if later.specimen & report.specimen or later.numbers & report.numbers:
        return not _was_drawn_after(report, later)
    if differ(later.numbers, report.numbers):
        return False
    return bool(report.drawn) and later.drawn == report.drawn and (report.timed or report.standing < FINAL)


def _was_drawn_after(report: Report, other: Report) -> bool:
    return report.day is not None and other.day is not None and report.day.minute > other.day.minute
