"""Two states of one resource, or of one laboratory report: which of them is the later one."""

from __future__ import annotations

from typing import Any

from cds.intake.dates import instant
from cds.intake.record import Json

PRELIMINARY, FINAL, CORRECTED = 1, 2, 3
STANDING = {
    "registered": 0, "preliminary": PRELIMINARY, "final": FINAL, "amended": CORRECTED, "corrected": CORRECTED
}  # fmt: skip
"""The statuses of a laboratory result in the order in which it goes through them (FHIR ObservationStatus)."""


def standing(resource: Json) -> int:
    """How far a result has come; -1 for one that was withdrawn or has no known status."""
    status = resource.get("status")
    return STANDING.get(status, -1) if isinstance(status, str) else -1


def later_version(one: Json, other: Json) -> Json:
    """The later of two resources with one id: by when, or as which version, the server stored them.

    Where the server does not say, of two results the one that has come farther, and else the one that was read last.
    """
    for tell in (stored_at, version_of):
        first, second = tell(one), tell(other)
        if first is not None and second is not None and first != second:
            return one if first > second else other
    return one if standing(one) > standing(other) >= 0 else other


def stored_at(resource: Json) -> float | None:
    """When a server stored a resource, in seconds; None where it does not say."""
    meta = resource.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return instant(text) if isinstance(text, str) else None


def version_of(resource: Json) -> float | None:
    """As which version a server stored a resource; None where that is no number."""
    meta = resource.get("meta")
    return number_of(meta.get("versionId")) if isinstance(meta, dict) else None


def number_of(text: Any) -> float | None:
    """The number of a version id; None where it is none."""
    return float(text) if isinstance(text, str) and text.isascii() and text.isdigit() else None
