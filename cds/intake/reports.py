"""What tells one laboratory report from another: its numbers, its specimen and its times."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from cds.intake.dates import Moment, instant, moment
from cds.intake.elements import objects
from cds.intake.record import Json
from cds.intake.versions import standing

REPLACES = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
Marks: TypeAlias = "frozenset[tuple[str, str]]"
"""Identifiers, or references to a specimen, each with the system in which it is one."""


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
