"""What a Bulk Data server sends for a kick-off request: ``_type`` and ``_typeFilter`` on resources at hand.

Written from FHIR R4 (search: token, date) and the Bulk Data Access IG, and from nothing of ``cds``. A search is read
from its text: ``Type?parameter=value,value``. Tokens are compared by code alone where a value has no ``|``; a date
matches ``ge`` where its time reaches to that day or beyond, and what has no time never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

TOKENS = {
    "code": ("code", "medicationCodeableConcept"),
    "combo-code": ("code", "component.code"),
    "combo-value-concept": ("valueCodeableConcept", "component.valueCodeableConcept"),
    "status": ("status",),
}
DATES = {
    ("Encounter", "date"): ("period",),
    ("Composition", "date"): ("date",),
    ("Immunization", "date"): ("occurrenceDateTime",),
    ("Observation", "date"): ("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    ("MedicationAdministration", "effective-time"): ("effectiveDateTime", "effectivePeriod"),
}
EVER = datetime.max.replace(tzinfo=timezone.utc)
COMMA = re.compile(r"(?<!\\),")


class RefusedError(Exception):
    """The server does not know a parameter: it never sends more, or less, than it was asked for in silence."""


def sent(resources: Iterable[dict[str, Any]], parameters: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """The resources that a server sends for the parameters of a request, each a name and a value."""
    listed = list(parameters)
    types = {name for key, value in listed if key == "_type" for name in value.split(",")}
    queries = [value for key, value in listed if key == "_typeFilter"]
    if unknown := {key for key, _ in listed} - {"_type", "_typeFilter"}:
        raise RefusedError(str(unknown))
    for resource in resources:
        kind = resource["resourceType"]
        own = [query for query in queries if query.startswith(f"{kind}?")]
        if kind in types and (not own or any(satisfies(resource, query) for query in own)):
            yield resource


def satisfies(resource: dict[str, Any], query: str) -> bool:
    """Whether a resource is found by a search."""
    kind, _, conditions = query.partition("?")
    return resource["resourceType"] == kind and all(
        _holds(resource, *condition.split("=", 1)) for condition in conditions.split("&")
    )


def _holds(resource: dict[str, Any], parameter: str, value: str) -> bool:
    values = [re.sub(r"\\(.)", r"\1", each) for each in COMMA.split(value)]
    if paths := DATES.get((resource["resourceType"], parameter)):
        return any(_reaches(found, each) for found in _at(resource, paths) for each in values)
    if parameter not in TOKENS:
        raise RefusedError(f"{resource['resourceType']}?{parameter}")
    return any(_is_token(found, each) for found in _at(resource, TOKENS[parameter]) for each in values)


def _at(resource: dict[str, Any], paths: Iterable[str]) -> Iterator[Any]:
    for path in paths:
        found: list[Any] = [resource]
        for name in path.split("."):
            below = [each.get(name) for each in found if isinstance(each, dict)]
            found = [item for each in below for item in (each if isinstance(each, list) else [each]) if item]
        yield from found


def _is_token(found: Any, value: str) -> bool:
    if isinstance(found, str):
        return found == value
    system, bar, code = value.rpartition("|")
    codings = found.get("coding", ()) if isinstance(found, dict) else ()
    return any(
        isinstance(coding, dict) and coding.get("code") == code and (not bar or coding.get("system", "") == system)
        for coding in (codings if isinstance(codings, list) else ())
    )


def _reaches(found: Any, value: str) -> bool:
    """Whether a time overlaps what begins on a day (``ge``, FHIR R4: the range above the value intersects)."""
    prefix, day = value[:2], value[2:]
    if prefix != "ge":
        raise RefusedError(value)
    if isinstance(found, dict):
        text = found.get("end") or ("" if found.get("start") else None)
        return text is not None and _end(text) >= _start(day)
    return isinstance(found, str) and _end(found) >= _start(day)


def _start(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=timezone.utc)


def _end(text: str) -> datetime:
    """The last moment of a FHIR date, as precise as it is; an end that is not known is never reached."""
    if not text:
        return EVER
    if len(text) == 4:
        return _start(f"{int(text) + 1}-01-01")
    if len(text) == 7:
        year, month = int(text[:4]) + (text[5:] == "12"), int(text[5:]) % 12 + 1
        return _start(f"{year}-{month:02}-01")
    if len(text) == 10:
        return _start(text) + timedelta(days=1)
    whole = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00"))
    return whole if whole.tzinfo else whole.replace(tzinfo=timezone.utc)
