"""``POST /cds-services/{id}``: a call of a service."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.hooks.answering import answered
from cds.hooks.envelope import Call, Hidden, call_of
from cds.hooks.refusal import RefusedError
from cds.hooks.services import Offer, offers_of
from cds.service.admission import admitted
from cds.service.bodies import json_body, json_response
from cds.service.limits import busy_is_503
from cds.service.state import Decided, Service
from cds.trust.caller import Caller


def routes(service: Service) -> list[BaseRoute]:
    """The routes of this module."""

    async def call(request: Request) -> Response:
        name = request.path_params["service"]
        caller = await admitted(service, request, f"/cds-services/{name}")
        offer = offer_of(service, name, caller)
        with service.seats.taken():
            checked = call_of(await json_body(request, service.settings.limits), offer)
            return json_response(200, await _answer(service, checked, caller))

    return [Route("/cds-services/{service}", call, methods=["POST"])]


def offer_of(service: Service, name: str, caller: Caller) -> Offer:
    """The service of an id.

    Raises:
        RefusedError: 404.

    """
    offer = offers_of(service.settings.hooks, caller.profile).get(name)
    if offer is None:
        raise RefusedError(404, "There is no service with this id; GET /cds-services names those that are.")
    return offer


async def _answer(service: Service, call: Call, caller: Caller) -> object:
    """The body of the answer; it is sent only after the decision was kept."""
    book, day = service.book, service.today()
    if service.completion is not None:
        call = await service.completion.complete(call, caller, book)
    call = call._replace(access=Hidden())
    found = answered(call, book, day, caller.profile)
    cards = found.cards if service.cool_down is None else service.cool_down.awake(found.cards, call, caller)
    decided = Decided(call, found, cards, caller, book, day, service.now())
    if service.decisions is not None:
        with busy_is_503():
            await service.decisions.write(decided)
    if service.metrics is not None:
        service.metrics.decided(decided)
    return {**found.response(), "cards": cards}
