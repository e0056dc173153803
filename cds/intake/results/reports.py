"""One specimen, reported more than once: a result that a later report of the same specimen replaced does not count.

A laboratory reports first a preliminary result, then a final one, and corrects a wrong one; a server may keep each
report as a resource of its own. What tells them apart are their numbers, their specimen and their times. Only a report
that could be read itself takes the place of another: what was not understood replaces nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple, TypeAlias, TypeVar

from cds.intake.bundles.history import CORRECTED, FINAL, PRELIMINARY, standing
from cds.intake.elements import objects
from cds.intake.record import Mention, Reading, Record
from cds.intake.times import Moment, instant, moment
from cds.jsontypes import Json
from cds.quantity import UNKNOWN

REPLACES = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
Marks: TypeAlias = "frozenset[tuple[str, str]]"
"""Identifiers, or references to a specimen, each with the system in which it is one."""
Systems: TypeAlias = "frozenset[tuple[str, str]]"
"""The systems of identifiers and of specimens, apart."""


class Report(NamedTuple):
    """What tells one report from another: how far it has come, its specimen, and what it says that it replaces.

    ``drawn`` are the times of the specimen as points in time, or as texts where they have no zone. ``number`` is its
    value as it is written; ``issued`` is when it was made known.
    """

    name: str
    standing: int
    drawn: tuple[float | str, ...]
    day: Moment | None
    specimen: Marks
    numbers: Marks
    replaces: frozenset[str]
    issued: float | None
    number: Any

    @property
    def timed(self) -> bool:
        """Whether the time of day is known."""
        return bool(self.drawn) and all(isinstance(time, float) or "T" in time for time in self.drawn)


def differ(one: Marks, other: Marks) -> bool:
    """Whether two sets of marks name different things: they share a system, and nothing in it."""
    return not one & other and bool({system for system, _ in one} & {system for system, _ in other})


def report_of(name: str, resource: Json) -> Report:
    """The report of which an Observation is a result."""
    times = _times(resource)
    issued, quantity = resource.get("issued"), resource.get("valueQuantity")
    return Report(
        name=name,
        standing=standing(resource),
        drawn=tuple(text if (point := instant(text)) is None else point for text in times),
        day=moment(times[-1]) if times else None,
        specimen=_specimen(resource.get("specimen")),
        numbers=_identifiers(objects(resource.get("identifier"))),
        replaces=frozenset(
            _relative(_reference(item.get("valueReference")))
            for item in objects(resource.get("extension"))
            if item.get("url") == REPLACES
        ),
        issued=instant(issued) if isinstance(issued, str) else None,
        number=quantity.get("value") if isinstance(quantity, dict) else None,
    )


def _times(resource: Json) -> list[str]:
    """When the specimen was taken, as written: one time, or the ends of a period."""
    period = resource.get("effectivePeriod")
    ends = [period.get("start"), period.get("end")] if isinstance(period, dict) else []
    texts = (resource.get("effectiveDateTime"), resource.get("effectiveInstant"), *ends)
    return [text for text in texts if isinstance(text, str) and text]


def _specimen(named: Any) -> Marks:
    """The specimen by its reference and by its identifier."""
    reference, identifier = _reference(named), named.get("identifier") if isinstance(named, dict) else None
    own = frozenset({("", _relative(reference))}) if reference else frozenset()
    return own | _identifiers([identifier] if isinstance(identifier, dict) else [])


def _identifiers(listed: list[Json]) -> Marks:
    return frozenset((str(item.get("system")), str(item["value"])) for item in listed if item.get("value"))


def _reference(value: Any) -> str:
    reference = value.get("reference") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) else ""


def _relative(reference: str) -> str:
    """``Observation/id`` of a reference, which may be a full URL or name a version."""
    return "/".join(reference.split("/_history/", maxsplit=1)[0].split("/")[-2:])


Item = TypeVar("Item", Reading, Mention)
Place = TypeVar("Place", str, tuple[str, str])


def settle_results(record: Record, observations: Sequence[Json]) -> None:
    """Take out the results that another report replaced, and say so; say which preliminary results count."""
    if not [one for one in observations if one.get("status") != "final" or "extension" in one]:
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


def _take_back(found: dict[Place, list[Item]], record: Record, reports: Mapping[str, Report]) -> None:
    """Take out, term by term, the results whose own report was withdrawn by a resource of its own; each is lost.

    A withdrawal without a day may be of any result that shares a number with it: none is taken out, and it is said.
    """
    for name in [name for name in found if name in record.withdrawn]:
        own = list({item.source: reports[item.source] for item in found[name] if item.source in reports}.values())
        numbered = _by_number(own)
        withdrawn = [reports[source] for source in record.withdrawn[name]]
        shared = [(one, own[i]) for one in withdrawn for i in _alike(one, numbered) if _withdraws(one, own[i])]
        out = {report.name for one, report in shared if one.day or report.name in one.replaces}
        found[name] = [item for item in found[name] if item.source not in out]
        lost = dict.fromkeys(report.name if report.name in out else one.name for one, report in shared)
        for source in lost:
            record.lose_result("withdrawn-result", source, name if isinstance(name, str) else "")


ANY_DAY = "any day"


def _by_number(reports: Sequence[Report]) -> Mapping[object, list[int]]:
    """The places of reports by their names, and by each of their numbers with their day, and with any."""
    found: dict[object, list[int]] = {}
    for place, report in enumerate(reports):
        days = (report.day.text if report.day else None, ANY_DAY)
        for key in (report.name, *((mark, day) for mark in report.numbers for day in days)):
            found.setdefault(key, []).append(place)
    return found


def _alike(withdrawn: Report, numbered: Mapping[object, list[int]]) -> list[int]:
    """The places of the reports that a withdrawal names, or that share a number with it and may be of its day."""
    days = (withdrawn.day.text, None) if withdrawn.day else (ANY_DAY,)
    keys = (*withdrawn.replaces, *((mark, day) for mark in withdrawn.numbers for day in days))
    return sorted({place for key in keys for place in numbered.get(key, ())})


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


def _taken_out(found: dict[Place, list[Item]], reports: Mapping[str, Report]) -> Iterator[str]:
    """Take out what was replaced, term by term; gives the names of the reports that it came from."""
    for name, items in found.items():
        own = {item.source: reports[item.source] for item in items if item.source in reports}
        unclear = {item.source for item in items if _is_unclear(item)}
        later = LaterReports(report for source, report in own.items() if source not in unclear)
        out = {source for source, report in own.items() if later.replace(report)}
        found[name] = [item for item in items if item.source not in out]
        yield from (item.source for item in items if item.source in out)


def _is_unclear(item: Reading | Mention) -> bool:
    return isinstance(item, Mention) and item.state is UNKNOWN


DRAWN = "drawn"


class LaterReports:
    """Reports of one test that may take the place of others.

    They are kept by what two reports of one specimen share, so that each is looked up and none is searched for: for
    each status the last minute at which the specimen was drawn.
    """

    def __init__(self, reports: Iterable[Report]) -> None:
        self.named: set[str] = set()
        self.known: dict[object, dict[Systems, dict[int, float]]] = {}
        for report in reports:
            self.named |= report.replaces
            minute = report.day.minute if report.day else inf
            for key, systems in _shared(report):
                latest = self.known.setdefault(key, {}).setdefault(systems, {})
                latest[report.standing] = max(latest.get(report.standing, -inf), inf if key[0] == DRAWN else minute)

    def replace(self, report: Report) -> bool:
        """Whether one of them takes the place of a report: it says so, or it is a later one of the same specimen.

        Where only the day is known, a corrected result does not hide a final one: they may be of two specimens.
        """
        if report.name in self.named:
            return True
        drawn = -inf if report.day is None else report.day.minute
        return report.standing >= PRELIMINARY and any(
            standing > report.standing and latest >= drawn
            for key, systems in _shared(report)
            if key[0] != DRAWN or report.timed or report.standing < FINAL
            for others, of_standing in self.known.get(key, {}).items()
            if others.isdisjoint(systems)
            for standing, latest in of_standing.items()
        )


def _shared(report: Report) -> Iterator[tuple[tuple[str, object], Systems]]:
    """What another report of the same specimen may share, each with the systems in which it may name nothing else."""
    specimen = frozenset(("specimen", system) for system, _ in report.specimen)
    yield from ((("specimen", mark), frozenset()) for mark in report.specimen)
    yield from ((("number", mark), specimen) for mark in report.numbers)
    if report.drawn:
        yield (DRAWN, report.drawn), specimen | {("number", system) for system, _ in report.numbers}
