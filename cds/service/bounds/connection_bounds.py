"""How many connections of clients there may be, and how long: from the configuration and what the system grants."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cds.service.configuration.settings import RequestLimits

SPARE_SECONDS = 15.0
"""Added to the time that a request may take by its limits, before its connection is given up."""
FEWEST = 2
KEPT_FREE = (8, 64)
"""Descriptors that connections of clients never take, at least and at most: a quarter of those that are not in use."""
DESCRIPTORS = Path("/proc/self/fd")


class Bounds(NamedTuple):
    """How many connections, and for how many seconds each may take for its head, be idle, and take for a request.

    ``told`` hears the name of what happened to a connection.
    """

    most: int
    head_seconds: float
    idle_seconds: int
    request_seconds: float
    told: Callable[[str], None]


def bounds_of(limits: RequestLimits, told: Callable[[str], None] = lambda event: None) -> Bounds:
    """The bounds that follow from the limits of the configuration, and from what the system grants this process."""
    whole = limits.body_seconds + limits.answer_seconds + limits.record_seconds + SPARE_SECONDS
    most = min(limits.connections, _descriptors_left())
    return Bounds(most, limits.head_seconds, limits.idle_seconds, whole, told)


def _descriptors_left() -> int:
    """How many descriptors connections may take: the database, key servers and rule files need some as well."""
    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if granted < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    in_use = len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.is_dir() else 32
    left, (least, enough) = most - in_use, KEPT_FREE
    return max(FEWEST, left - max(least, min(enough, left // 4)))
