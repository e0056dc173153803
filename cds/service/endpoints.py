"""The endpoints: discovery, calls and feedback of CDS Hooks 2.0, the OpenAPI document, and those for operators."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.hooks.feedback import feedback_of
from cds.hooks.openapi import openapi_of
from cds.hooks.profiles import PROFILES, Profile
from cds.hooks.refusal import RefusedError
from cds.hooks.services import CdsService, discovery, services_of
from cds.rulebook.model import RuleBook
from cds.service.access.authentication import authenticated, use_up, used_in_vain
from cds.service.answers import answer
from cds.service.bounds.limits import recorded_or_503
from cds.service.messages import json_body, json_content, json_response, raw_body
from cds.service.observability.health import StatusAndBody
from cds.service.state import Service
from cds.trust.caller import Caller


def discovery_routes(service: Service) -> list[BaseRoute]:
    """Discovery, and the OpenAPI document."""
    hooks = tuple(service.settings.hooks)

    async def discover(request: Request) -> Response:
        caller = await authenticated(service, request, "/cds-services")
        await use_up(service, request, caller)
        books = tuple(one.book for one in service.rulebooks)
        return Response(_discovery(books, hooks, caller.profile), media_type="application/json")

    async def document(_: Request) -> Response:
        books = tuple(one.book for one in service.rulebooks)
        return json_response(200, openapi_of(books, hooks, PROFILES[service.settings.profile]))

    return [Route("/cds-services", discover, methods=["GET"]), Route("/openapi.json", document, methods=["GET"])]


@lru_cache(maxsize=64)
def _discovery(books: tuple[RuleBook, ...], hooks: tuple[str, ...], profile: Profile) -> bytes:
    return orjson.dumps({"services": [one for book in books for one in discovery(book, hooks, profile)["services"]]})


def call_routes(service: Service) -> list[BaseRoute]:
    """Calls of a service."""

    async def call(request: Request) -> Response:
        name, begun = request.path_params["service"], time.perf_counter()
        caller = await authenticated(service, request, f"/cds-services/{name}")
        try:
            book, asked_service = cds_service_of(service, name, caller)
            async with service.bodies.room(request):
                with service.concurrency.slot(caller.issuer):
                    raw = await raw_body(request, service.settings.limits)
                    async with service.bodies.turn(len(raw)):
                        content = await answer(service, raw, asked_service, book, caller)
            if service.metrics is not None:
                service.metrics.advice(name, asked_service.hook, time.perf_counter() - begun)
            return json_content(200, content)
        except RefusedError as error:
            used_in_vain(service, request, caller, error)
            raise

    return [Route("/cds-services/{service}", call, methods=["POST"])]


def cds_service_of(service: Service, name: str, caller: Caller) -> tuple[RuleBook, CdsService]:
    """The service of an id, and the rulebook that answers it: the one in use, with the switches of now.

    Raises:
        RefusedError: 404.

    """
    for book in service.books:
        if found := services_of(book, service.settings.hooks, caller.profile).get(name):
            return book, found
    raise RefusedError(404, "There is no service with this id; GET /cds-services names those that are.")


def feedback_routes(service: Service) -> list[BaseRoute]:
    """What users did with the cards of a service."""

    async def feedback(request: Request) -> Response:
        name = request.path_params["service"]
        caller = await authenticated(service, request, f"/cds-services/{name}/feedback")
        try:
            cds_service_of(service, name, caller)
            async with service.bodies.room(request):
                with service.concurrency.slot(caller.issuer):
                    entries = feedback_of(await json_body(request, service.settings.limits))
            if service.feedback is not None:
                with recorded_or_503("The feedback could not be kept.", service.settings.limits.record_seconds):
                    await service.feedback.keep(name, entries, caller)
        except RefusedError as error:
            used_in_vain(service, request, caller, error)
            raise
        return Response(status_code=200)

    return [Route("/cds-services/{service}/feedback", feedback, methods=["POST"])]


def operator_routes(service: Service) -> list[BaseRoute]:
    """Open to whoever reaches the service, and without data; those whose part is on."""
    found: list[BaseRoute] = []
    if (health := service.health) is not None:
        found += [_get("/livez", health.livez), _get("/startupz", health.startupz)]
        found += [_get("/readyz", health.readyz), _get("/version", health.version)]
    else:
        found.append(_get("/livez", lambda: (200, {"status": "ok"})))
    if (metrics := service.metrics) is not None:

        async def exposition(_: Request) -> Response:
            content, kind = metrics.exposition()
            return Response(content, headers={"content-type": kind})

        found.append(Route("/metrics", exposition, methods=["GET"]))
    return found


def _get(path: str, answer: Callable[[], StatusAndBody]) -> Route:
    async def respond(_: Request) -> Response:
        return json_response(*answer())

    return Route(path, respond, methods=["GET"])
