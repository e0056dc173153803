"""The application: routes of small modules, CORS by explicit origin, and one front that every request passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route

from cds.hooks.refusal import RefusedError
from cds.service import calls, discovery, feedback, operation
from cds.service.front import Front, http_error, refused
from cds.service.page import routes as page
from cds.service.state import Service

Routes = Callable[[Service], list[BaseRoute]]
ROOMS: tuple[Routes, ...] = (discovery.routes, calls.routes, feedback.routes, operation.routes, page.routes)
"""Each gives its routes for a service; a new room is a line here."""
BROWSER_HEADERS = ["authorization", "content-type"]


def application(service: Service, rooms: Sequence[Routes] = ROOMS) -> Starlette:
    """The application of a service."""
    cors = Middleware(
        CORSMiddleware, allow_origins=service.settings.origins, allow_methods=["GET", "POST"],
        allow_headers=BROWSER_HEADERS, allow_private_network=True,
    )  # fmt: skip
    handlers: dict[Any, Any] = {RefusedError: refused, HTTPException: http_error}
    routes = [route for room in rooms for route in room(service)]
    paths: dict[object, str] = {route.endpoint: route.path for route in routes if isinstance(route, Route)}
    app = Starlette(
        routes=routes,
        middleware=[cors, Middleware(Front, service=service, paths=paths)],
        exception_handlers=handlers,
        lifespan=_lifespan(service),
    )
    app.router.redirect_slashes = False
    return app


def _lifespan(service: Service) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = [asyncio.ensure_future(task()) for task in service.tasks]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for close in service.closers:
                await close()

    return lifespan
