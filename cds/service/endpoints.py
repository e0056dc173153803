"""The endpoints: discovery, calls and feedback of CDS Hooks 2.0, the OpenAPI document, and those for operators."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import anyio
import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.hooks.answering import Answered, answered
from cds.hooks.calls import Call, Secret, call_of, read_json
from cds.hooks.feedback import feedback_of
from cds.hooks.openapi import openapi_of
from cds.hooks.profiles import PROFILES, Profile
from cds.hooks.refusal import RefusedError
from cds.hooks.services import CdsService, discovery, services_of
from cds.rulebook.model import RuleBook
from cds.service.answered_call import AnsweredCall
from cds.service.authentication import authenticated, use_up, used_in_vain
from cds.service.health import StatusAndBody
from cds.service.limits import recorded_or_503
from cds.service.messages import json_body, json_response, raw_body
from cds.service.response_cache import cache_key
from cds.service.state import Service
from cds.trust.caller import Caller

LARGE_BYTES = 256 * 1024
"""Calls of more bytes are answered in a thread of their own; a usual one takes about a millisecond, less than a hop."""
NOT_RECORDED = "The decision could not be recorded, so it is not given."


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
        name = request.path_params["service"]
        caller = await authenticated(service, request, f"/cds-services/{name}")
        try:
            book, asked_service = cds_service_of(service, name, caller)
            with service.concurrency.slot(caller.issuer):
                raw = await raw_body(request, service.settings.limits)
                asked = call_of(read_json(raw), asked_service)
                return json_response(200, await _answer(service, asked, book, caller, len(raw)))
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


async def _answer(service: Service, call: Call, book: RuleBook, caller: Caller, size: int) -> object:
    """The body of the answer; it is sent only after the decision was kept."""
    day, sent = service.today(), call
    if service.completion is not None:
        with service.span("fetch"):
            call = await service.completion.complete(call, caller, book)
    call = call._replace(access=Secret())
    key = cache_key(call, book, day, caller.profile)
    found = service.response_cache.get(key)
    if found is None:
        work = partial(answered, call, book, day, caller.profile)
        with service.span("evaluate"):
            found = work() if size <= LARGE_BYTES and call.body is sent.body else await _in_thread(service, work)
        if service.card_ids is not None:
            found = found._replace(cards=service.card_ids.keyed(found.cards))
        service.response_cache.put(key, found)
    cards = found.cards
    if service.cool_down is not None:
        cards = await service.cool_down.without_resting(cards, call, caller)
    decided = AnsweredCall(call, found, cards, caller, book, day, service.now())
    if service.decisions is not None:
        with service.span("record"), recorded_or_503(NOT_RECORDED, service.settings.limits.answer_seconds):
            await service.decisions.write(decided)
    if service.metrics is not None:
        service.metrics.count_call(decided)
    if service.telemetry is not None:
        service.telemetry.count_call(found.evaluation.decision.outcome)
    return decided.response()


async def _in_thread(service: Service, work: Callable[[], Answered]) -> Answered:
    """A long piece of work in a thread, one at a time, so that the others are answered meanwhile.

    Raises:
        RefusedError: 503 when it takes too long; the thread is left to end by itself.

    """
    try:
        with anyio.fail_after(service.settings.limits.answer_seconds):
            return await run_sync(work, abandon_on_cancel=True, limiter=service.threads)
    except TimeoutError:
        raise RefusedError(503, "The answer took too long. Send less.", {"Retry-After": "10"}) from None


def feedback_routes(service: Service) -> list[BaseRoute]:
    """What users did with the cards of a service."""

    async def feedback(request: Request) -> Response:
        name = request.path_params["service"]
        caller = await authenticated(service, request, f"/cds-services/{name}/feedback")
        try:
            cds_service_of(service, name, caller)
            with service.concurrency.slot(caller.issuer):
                entries = feedback_of(await json_body(request, service.settings.limits))
            if service.feedback is not None:
                with recorded_or_503("The feedback could not be kept.", service.settings.limits.answer_seconds):
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
        found += [_get("/livez", health.livez), _get("/readyz", health.readyz), _get("/version", health.version)]
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
