"""One specimen, reported more than once: a result that a later report of the same specimen replaced does not count.

A laboratory reports first a preliminary result, then a final one, and corrects a wrong one; a server may keep each
report as a resource of its own. Only a report that could be read itself takes the place of another: what was not
understood replaces nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from cds.intake.dates import Moment, instant, moment
from cds.intake.record import Json, Mention, Reading, Record
from cds.intake.versions import FINAL, PRELIMINARY, standing
from cds.quantity import UNKNOWN

REPLACES = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
Item = TypeVar("Item", Reading, Mention)
Key = TypeVar("Key", str, tuple[str, str])


class Report(NamedTuple):
    """What tells one report from another: how far it has come, its specimen, and what it says that it replaces.

    ``drawn`` are the times of the specimen as points in time, or as texts where they have no zone.
    """

    name: str
    standing: int
    drawn: tuple[float | str, ...]
    day: Moment | None
    specimen: str
    numbers: frozenset[tuple[str, str]]
    replaces: frozenset[str]

    @property
    def timed(self) -> bool:
        """Whether the time of day is known."""
        return bool(self.drawn) and all(isinstance(time, float) or "T" in time for time in self.drawn)


def settle_results(record: Record, observations: Sequence[Json]) -> None:
    """Take out the results that another report replaced, and say so; say which preliminary results count."""
    if all(resource.get("status") == "final" and "extension" not in resource for resource in observations):
        return
    named = ((record.name_of(resource), resource) for resource in observations)
    reports = {name: _report(name, resource) for name, resource in named}
    replaced = {*_taken_out(record.readings, reports), *_taken_out(record.answers, reports)}
    lists: list[Sequence[Reading | Mention]] = [*record.readings.values(), *record.answers.values()]
    left = {item.source for items in lists for item in items}
    for name, report in reports.items():
        if name in replaced:
            record.note("replaced-result", name)
        if name in left and report.standing == PRELIMINARY:
            record.note("preliminary-result", name)


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
    if later.specimen and report.specimen and later.specimen != report.specimen:
        return False
    if (later.specimen and later.specimen == report.specimen) or later.numbers & report.numbers:
        return not _was_drawn_after(report, later)
    return bool(report.drawn) and later.drawn == report.drawn and (report.timed or report.standing < FINAL)


def _was_drawn_after(report: Report, other: Report) -> bool:
    return report.day is not None and other.day is not None and report.day.minute > other.day.minute


def _report(name: str, resource: Json) -> Report:
    times = _times(resource)
    return Report(
        name=name,
        standing=standing(resource),
        drawn=tuple(text if (point := instant(text)) is None else point for text in times),
        day=moment(times[-1]) if times else None,
        specimen=_reference(resource, "specimen"),
        numbers=frozenset(
            (str(item.get("system")), str(item["value"]))
            for item in _objects(resource, "identifier")
            if item.get("value")
        ),
        replaces=frozenset(
            _relative(_reference(item, "valueReference"))
            for item in _objects(resource, "extension")
            if item.get("url") == REPLACES
        ),
    )


def _times(resource: Json) -> list[str]:
    """When the specimen was taken, as written: one time, or the ends of a period."""
    period = resource.get("effectivePeriod")
    ends = [period.get("start"), period.get("end")] if isinstance(period, dict) else []
    texts = (resource.get("effectiveDateTime"), resource.get("effectiveInstant"), *ends)
    return [text for text in texts if isinstance(text, str) and text]


def _objects(resource: Json, key: str) -> list[Json]:
    listed = resource.get(key)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _reference(resource: Json, key: str) -> str:
    value: Any = resource.get(key)
    reference = value.get("reference") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) else ""


def _relative(reference: str) -> str:
    """``Observation/id`` of a reference, which may be a full URL or name a version."""
    return "/".join(reference.split("/_history/", maxsplit=1)[0].split("/")[-2:])
