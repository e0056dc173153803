"""The span around every request but those of probes."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cds.service.observability.telemetry.telemetry import Telemetry

OF_PROBES = frozenset({"/livez", "/readyz", "/startupz", "/metrics"})
"""They are asked every few seconds, by machines, and tell of nobody's call."""


class SpanMiddleware:
    """Puts a request into a span; it stands inside of what turns exceptions into answers, and lets them through."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, paths: Mapping[object, str]) -> None:
        """``paths`` gives the template of the path of each endpoint, which is all that is told of a path."""
        self.app, self.telemetry, self.paths = app, telemetry, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in OF_PROBES:
            await self.app(scope, receive, send)
            return
        status, error = 0, ""

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self.telemetry.request(scope) as span:
            try:
                await self.app(scope, receive, send_and_note)
            except Exception as raised:
                status, error = status or 500, type(raised).__name__
                raise
            finally:
                span.end(self.paths.get(scope.get("endpoint"), ""), status, error)
