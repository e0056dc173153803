"""What every request passes: it is counted, and whatever goes wrong becomes an answer without anything of its data."""

from __future__ import annotations

import time
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cds.boundary import place_of
from cds.errors import CdsError
from cds.hooks.refusal import RefusedError
from cds.service.bodies import refusal
from cds.service.state import Service

HTTP_TEXTS = {
    404: "There is nothing at this path. Discovery is at /cds-services.",
    405: "This path does not answer this method.",
}


class Front:
    """Wraps the routes; errors that nobody expected become 500 and a line in the journal without their text."""

    def __init__(self, app: ASGIApp, service: Service, paths: Mapping[object, str]) -> None:
        """``paths`` gives the template of the path of each endpoint, which is all that is counted of a path."""
        self.app, self.service, self.paths = app, service, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            self._tell(error)
            if not status:
                await unexpected(error)(scope, receive, noting)
        finally:
            self._count(scope, status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        endpoint = self.paths.get(scope.get("endpoint"), "none")
        if self.service.metrics is not None:
            self.service.metrics.observe(endpoint, status, seconds)
        if self.service.journal is not None:
            self.service.journal.write("request", endpoint=endpoint, status=status, seconds=round(seconds, 6))

    def _tell(self, error: Exception) -> None:
        if self.service.journal is not None:
            self.service.journal.write("error", kind=type(error).__name__, place=place_of(error))


def unexpected(error: Exception) -> Response:
    """The answer to a call that failed: never an empty list of cards."""
    text = str(error) if isinstance(error, CdsError) else "Something failed in this service; no advice was given."
    return refusal(500, text)


async def refused(_: Request, error: Exception) -> Response:
    """The answer to a refused call."""
    assert isinstance(error, RefusedError)  # noqa: S101
    return refusal(error.status, str(error), error.headers)


async def http_error(_: Request, error: Exception) -> Response:
    """The answer to a path or method that is not there."""
    assert isinstance(error, HTTPException)  # noqa: S101
    return refusal(error.status_code, HTTP_TEXTS.get(error.status_code, error.detail), error.headers)
