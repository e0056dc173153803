"""``POST /cds-services/{id}``: a call of a service."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.hooks.answering import Answered, answered
from cds.hooks.envelope import Call, Hidden, call_of
from cds.hooks.reading import read_json
from cds.hooks.refusal import RefusedError
from cds.hooks.services import CdsService, services_of
from cds.service.admission import admitted
from cds.service.bodies import json_response, raw_body
from cds.service.limits import kept_or_503
from cds.service.repeats import asked_of
from cds.service.state import Decided, Service
from cds.trust.caller import Caller

LARGE = 256 * 1024
"""Calls of more bytes are answered in a thread of their own; a usual one takes about a millisecond, less than a hop."""

NOT_RECORDED = "The decision could not be recorded, so it is not given."


def routes(service: Service) -> list[BaseRoute]:
    """The routes of this module."""

    async def call(request: Request) -> Response:
        name = request.path_params["service"]
        caller = await admitted(service, request, f"/cds-services/{name}")
        asked_service = cds_service_of(service, name, caller)
        with service.seats.taken():
            raw = await raw_body(request, service.settings.limits)
            asked = call_of(read_json(raw), asked_service)
            return json_response(200, await _answer(service, asked, caller, len(raw)))

    return [Route("/cds-services/{service}", call, methods=["POST"])]


def cds_service_of(service: Service, name: str, caller: Caller) -> CdsService:
    """The service of an id.

    Raises:
        RefusedError: 404.

    """
    found = services_of(service.shelf.book, service.settings.hooks, caller.profile).get(name)
    if found is None:
        raise RefusedError(404, "There is no service with this id; GET /cds-services names those that are.")
    return found


async def _answer(service: Service, call: Call, caller: Caller, size: int) -> object:
    """The body of the answer; it is sent only after the decision was kept."""
    book, day, sent = service.book, service.today(), call
    if service.completion is not None:
        call = await service.completion.complete(call, caller, book)
    call = call._replace(access=Hidden())
    asked = asked_of(call, book, day, caller.profile)
    found = service.repeats.found(asked)
    if found is None:
        work = partial(answered, call, book, day, caller.profile)
        found = work() if size <= LARGE and call.body is sent.body else await _aside(service, work)
        service.repeats.keep(asked, found)
    cards = found.cards if service.cool_down is None else await service.cool_down.awake(found.cards, call, caller)
    decided = Decided(call, found, cards, caller, book, day, service.now())
    if service.decisions is not None:
        with kept_or_503(NOT_RECORDED, service.settings.limits.answer_seconds):
            await service.decisions.write(decided)
    if service.metrics is not None:
        service.metrics.decided(decided)
    return decided.response()


async def _aside(service: Service, work: Callable[[], Answered]) -> Answered:
    """A long piece of work in a thread, one at a time, so that the others are answered meanwhile.

    Raises:
        RefusedError: 503 when it takes too long; the thread is left to end by itself.

    """
    try:
        with anyio.fail_after(service.settings.limits.answer_seconds):
            return await run_sync(work, abandon_on_cancel=True, limiter=service.aside)
    except TimeoutError:
        raise RefusedError(503, "The answer took too long. Send less.", {"Retry-After": "10"}) from None
