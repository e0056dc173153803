"""``GET /cds-services`` and ``GET /openapi.json``."""

from __future__ import annotations

from functools import lru_cache

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.hooks.openapi import openapi_of
from cds.hooks.profiles import PROFILES, Profile
from cds.hooks.services import discovery
from cds.rulebook.model import RuleBook
from cds.service.admission import admitted
from cds.service.bodies import json_response
from cds.service.state import Service


def routes(service: Service) -> list[BaseRoute]:
    """The routes of this module."""
    hooks = tuple(service.settings.hooks)

    async def discover(request: Request) -> Response:
        caller = await admitted(service, request, "/cds-services")
        return Response(_discovery(service.shelf.book, hooks, caller.profile), media_type="application/json")

    async def document(_: Request) -> Response:
        return json_response(200, openapi_of(service.shelf.book, hooks, PROFILES[service.settings.profile]))

    return [Route("/cds-services", discover, methods=["GET"]), Route("/openapi.json", document, methods=["GET"])]


@lru_cache(maxsize=64)
def _discovery(book: RuleBook, hooks: tuple[str, ...], profile: Profile) -> bytes:
    return orjson.dumps(discovery(book, hooks, profile))
