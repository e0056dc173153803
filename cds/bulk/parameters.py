"""The parameters of an export as a user writes them, and as a plan does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from cds.bulk.kick_off import Parameter
from cds.errors import CdsError, nearest
from cds.intake.bundles.releases import R4_TYPES

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class ParameterError(CdsError):
    """A parameter of an export is not what FHIR Bulk Data knows."""

    code = "parameter"


def planned(raw: bytes) -> Iterator[Parameter]:
    """The parameters of a plan, as ``cds population plan --json`` prints it.

    Raises:
        ParameterError: it is none.

    """
    try:
        found: Any = orjson.loads(raw)
        pairs = [(item["name"], item["value"]) for item in found["parameters"]]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        pairs = [("", None)]
    if not all(isinstance(text, str) and text for pair in pairs for text in pair):
        raise ParameterError("The plan is not what 'cds population plan --json' prints.")
    yield from pairs


def written(types: Sequence[str], filters: Sequence[str], since: str, output_format: str) -> Iterator[Parameter]:
    """The parameters for what was written at the options.

    Raises:
        ParameterError: a type that FHIR R4 does not have, a filter that is no query, or a time without a time zone.

    """
    for name in (name.strip() for text in types for name in text.split(",")):
        if name not in R4_TYPES:
            raise ParameterError(f"FHIR R4 has no resource type '{name}'. {nearest(name, R4_TYPES)}")
        yield "_type", name
    for query in filters:
        if query.partition("?")[0] not in R4_TYPES or "?" not in query:
            raise ParameterError(f"'{query}' is no query. Write it like 'Observation?category=laboratory'.")
        yield "_typeFilter", query
    if since:
        if not INSTANT.fullmatch(since):
            raise ParameterError(f"'{since}' is no instant. Write it like 2026-11-22T00:00:00Z.")
        yield "_since", since
    if output_format:
        yield "_outputFormat", output_format
