"""``/livez``, ``/readyz``, ``/version`` and ``/metrics``: open to whoever reaches the service, and without data."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.service.bodies import json_response
from cds.service.health import Answer
from cds.service.state import Service


def routes(service: Service) -> list[BaseRoute]:
    """The routes of this module: those whose part is on."""
    found: list[BaseRoute] = []
    if (health := service.health) is not None:
        found += [_told("/livez", health.livez), _told("/readyz", health.readyz), _told("/version", health.version)]
    else:
        found.append(_told("/livez", lambda: (200, {"status": "ok"})))
    if (metrics := service.metrics) is not None:

        async def exposition(_: Request) -> Response:
            content, kind = metrics.exposition()
            return Response(content, headers={"content-type": kind})

        found.append(Route("/metrics", exposition, methods=["GET"]))
    return found


def _told(path: str, answer: Callable[[], Answer]) -> Route:
    async def told(_: Request) -> Response:
        return json_response(*answer())

    return Route(path, told, methods=["GET"])
