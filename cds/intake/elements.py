"""Elements of FHIR JSON of any shape, as the lists that they should be."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


def listed(value: Any) -> list[Any]:
    """A list as it is; nothing where there is none."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """The objects of a list; nothing where there is no list."""
    return [item for item in listed(value) if isinstance(item, dict)]
