"""What the service asks of telemetry, whatever library it is by."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from cds.errors import CdsError


class TelemetryError(CdsError):
    """Telemetry is asked for and cannot be had; the service answers all the same."""

    code = "telemetry"


class RequestSpan(Protocol):
    """The span of a request, while it is answered."""

    def end(self, route: str, status: int, error: str) -> None:
        """End it; ``route`` is the template of the path or empty, ``error`` the class of an exception or empty."""


class Telemetry(Protocol):
    """What the service tells of itself, beside journal and metrics."""

    def request(self, scope: Mapping[str, object]) -> AbstractContextManager[RequestSpan]:
        """The span around a request, below that of the caller where it names one."""

    def span(self, name: str) -> AbstractContextManager[None]:
        """A span around a part of a call."""

    def count_call(self, outcome: str) -> None:
        """Count one decision; its advice goes out with the request under way."""

    async def close(self) -> None:
        """Send what is not sent yet."""
