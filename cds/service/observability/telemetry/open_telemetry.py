"""Spans and figures of the service: the only door to OpenTelemetry, whose SDK is configured by the environment alone.

Names are those of the semantic conventions for HTTP (https://opentelemetry.io/docs/specs/semconv/http/). Left out is
what a caller could write patient data into: path (``url.path``), query, headers, the texts of exceptions.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import metrics, propagate, trace
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import SpanKind, Status, StatusCode

from cds.about import PROGRAM
from cds.service.observability.journal import Journal
from cds.service.observability.request_id import current_id
from cds.service.observability.telemetry.sdk import end_sdk, start_sdk

METHODS = frozenset("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split())
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The bounds that the conventions give for ``http.server.request.duration``."""
_outcome: ContextVar[list[str] | None] = ContextVar("outcome", default=None)
"""The outcomes that were decided in the request under way."""


def started(base_url: str, version: str, journal: Journal) -> OpenTelemetry:
    """The telemetry of a service, its SDK configured by the variables.

    Raises:
        TelemetryError: the variables name what is not there.

    """
    start_sdk(version, journal)
    return OpenTelemetry(base_url)


class OpenTelemetry:
    """The telemetry of a service that clients know by a URL."""

    def __init__(self, base_url: str) -> None:
        server = urlsplit(base_url)
        self._about: dict[str, Any] = {"url.scheme": server.scheme, "server.address": server.hostname or ""}
        if server.port:
            self._about["server.port"] = server.port
        self._tracer = trace.get_tracer(PROGRAM)
        meter, prefix = metrics.get_meter(PROGRAM), PROGRAM.replace("-", "_")
        about: dict[str, Any] = {"unit": "s", "explicit_bucket_boundaries_advisory": SECONDS}
        self._requests = meter.create_histogram(
            "http.server.request.duration", description="Duration of HTTP server requests.", **about
        )
        self._decisions = meter.create_counter(
            f"{prefix}.decisions", unit="{decision}", description="Decisions by outcome."
        )
        self._advice = meter.create_histogram(
            f"{prefix}.advice.duration", description="From a call to its advice.", **about
        )

    @contextmanager
    def request(self, scope: Mapping[str, Any]) -> Iterator[_RequestSpan]:
        """The span around a request, below that of the caller."""
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        given = {"http.request.method": method, **self._about, f"{PROGRAM}.request_id": current_id.get()}
        above = propagate.extract(scope["headers"], getter=_HEADERS)
        name = "HTTP" if method == "_OTHER" else method
        with self._tracer.start_as_current_span(
            name, above, SpanKind.SERVER, given, record_exception=False, set_status_on_exception=False
        ) as span:
            decided = _outcome.set([])
            try:
                yield _RequestSpan(self, span, name, method)
            finally:
                _outcome.reset(decided)

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A span around a part of a call; of an exception it tells the class."""
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
            try:
                yield
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def count_call(self, outcome: str) -> None:
        """Count one decision."""
        self._decisions.add(1, {"outcome": outcome})
        if (decided := _outcome.get()) is not None:
            decided.append(outcome)

    def measure(self, seconds: float, about: Mapping[str, Any]) -> None:
        """Count a request that was answered."""
        self._requests.record(seconds, {**about, "url.scheme": self._about["url.scheme"]})
        for outcome in _outcome.get() or ():
            self._advice.record(seconds, {"outcome": outcome})

    async def close(self) -> None:
        """Send what is not sent yet, for a few seconds."""
        await end_sdk()


class _RequestSpan:
    """The span of a request, while it is answered."""

    def __init__(self, telemetry: OpenTelemetry, span: trace.Span, name: str, method: str) -> None:
        self._telemetry, self._span, self._name, self._method = telemetry, span, name, method
        self._started = time.perf_counter()

    def end(self, route: str, status: int, error: str) -> None:
        """Say how the request was answered, and count it."""
        error = error or (str(status) if status >= 500 else "")
        told: dict[str, Any] = {"http.route": route, "http.response.status_code": status, "error.type": error}
        told = {name: value for name, value in told.items() if value}
        self._span.set_attributes(told)
        if route:
            self._span.update_name(f"{self._name} {route}")
        if error:
            self._span.set_status(Status(StatusCode.ERROR))
        self._telemetry.measure(time.perf_counter() - self._started, {"http.request.method": self._method, **told})


class _Headers(Getter[Iterable[tuple[bytes, bytes]]]):
    """How the propagators of OpenTelemetry read the headers of a request."""

    def get(self, carrier: Iterable[tuple[bytes, bytes]], key: str) -> list[str] | None:
        """Every value of a header."""
        return [value.decode("latin-1") for name, value in carrier if name.decode("latin-1") == key.lower()] or None

    def keys(self, carrier: Iterable[tuple[bytes, bytes]]) -> list[str]:
        """The names of the headers."""
        return [name.decode("latin-1") for name, _ in carrier]


_HEADERS = _Headers()
