"""The application: the routes of the endpoints, CORS by explicit origin, and the middleware around every request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cds.boundary import place_of
from cds.hooks.refusal import RefusedError
from cds.service.bounds.connection_bounds import bounds_of
from cds.service.endpoints import call_routes, discovery_routes, feedback_routes, operator_routes
from cds.service.messages import http_error, refused, unexpected
from cds.service.observability.request_id import HEADER, current_id, request_id_of
from cds.service.observability.telemetry.middleware import SpanMiddleware
from cds.service.page.handlers import page_routes
from cds.service.state import Service

Routes = Callable[[Service], list[BaseRoute]]
ROUTES: tuple[Routes, ...] = (discovery_routes, call_routes, feedback_routes, operator_routes, page_routes)
"""Each gives its routes for a service; a new group of endpoints is a name here."""
BROWSER_HEADERS = ["authorization", "content-type", "traceparent", "tracestate", "x-request-id"]


class RequestMiddleware:
    """Wraps the routes; errors that nobody expected become 500 and a line in the journal without their text."""

    def __init__(self, app: ASGIApp, service: Service, paths: Mapping[object, str]) -> None:
        """``paths`` gives the template of the path of each endpoint, which is all that is counted of a path."""
        self.app, self.service, self.paths = app, service, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, identity = time.perf_counter(), 0, request_id_of(scope["headers"])
        outside = current_id.set(identity)

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, identity.encode("ascii"))]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            self._log(error)
            if not status:
                await unexpected(error)(scope, receive, send_and_note)
        finally:
            self._count(scope, status, time.perf_counter() - started)
            current_id.reset(outside)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        endpoint = self.paths.get(scope.get("endpoint"), "none")
        if self.service.metrics is not None:
            self.service.metrics.observe(endpoint, status, seconds)
        if self.service.journal is not None:
            self.service.journal.write("request", endpoint=endpoint, status=status, seconds=round(seconds, 6))

    def _log(self, error: Exception) -> None:
        if self.service.journal is not None:
            self.service.journal.write("error", kind=type(error).__name__, place=place_of(error))


def application(service: Service, groups: Sequence[Routes] = ROUTES) -> Starlette:
    """The application of a service."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=service.settings.origins,
        allow_methods=["GET", "POST"],
        allow_headers=BROWSER_HEADERS,
        expose_headers=[HEADER.decode()],
        allow_private_network=True,
    )
    handlers: dict[Any, Any] = {RefusedError: refused, HTTPException: http_error}
    routes = [route for group in groups for route in group(service)]
    paths: dict[object, str] = {route.endpoint: route.path for route in routes if isinstance(route, Route)}
    around = [cors, Middleware(RequestMiddleware, service=service, paths=paths)]
    if service.telemetry is not None:
        around.append(Middleware(SpanMiddleware, telemetry=service.telemetry, paths=paths))
    app = Starlette(
        routes=routes,
        middleware=around,
        exception_handlers=handlers,
        lifespan=_lifespan(service),
    )
    app.router.redirect_slashes = False
    return app


def _lifespan(service: Service) -> Callable[[Starlette], AbstractAsyncContextManager[dict[str, Any]]]:
    """Run the tasks; what is yielded is the state that each connection sees."""
    told = service.metrics.event if service.metrics else lambda event: None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        for prepare in service.before:
            await prepare()
        running = [asyncio.ensure_future(task()) for task in service.tasks]
        try:
            yield {"bounds": bounds_of(service.settings.limits, told)}
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for close in service.closers:
                await close()

    return lifespan
