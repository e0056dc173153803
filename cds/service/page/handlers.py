"""The routes of the page: ``/``, its files, the samples, and the evaluation of what a person opened.

There is no authentication here, so the page is for this machine only: it is not served where the service listens
beyond the loopback address or stands behind a proxy (it has a public URL), nor to a browser that came by another name:
a foreign site can point its own name here. Where issuers are named it is served only if the configuration says so.
Nothing that is sent to it is kept or logged. One evaluation runs at a time, beside the calls of clients.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.cards.unit_systems import UnitSystem, in_units
from cds.errors import RecordError
from cds.hooks.refusal import RefusedError
from cds.rulebook.model import RuleBook
from cds.service.configuration.reading import is_loopback
from cds.service.configuration.settings import Settings
from cds.service.messages import json_body, json_response
from cds.service.page.evaluated import evaluated
from cds.service.page.files import PAGE_HEADERS, first_page, page_files, sample, samples
from cds.service.state import Service

INDEX = "index.html"
Handler = Callable[[Request], Awaitable[Response]]


def has_page(settings: Settings) -> bool:
    """Whether there is a page: somebody wants it, and it cannot be reached from elsewhere."""
    return settings.wants_page and not settings.public_url and is_loopback(settings.listen.host)


def page_routes(service: Service) -> list[BaseRoute]:
    """The routes of this module; none where there is no page."""
    if not has_page(service.settings):
        return []
    files, one_at_a_time = page_files(), anyio.CapacityLimiter(1)

    async def file(request: Request) -> Response:
        name = request.path_params.get("name", INDEX)
        found = files.get(name)
        if found is None:
            raise RefusedError(404, "The page has no such file.")
        content = first_page(found.content, service.book.topic.question) if name == INDEX else found.content
        return Response(content, media_type=found.media_type)

    async def listed(_: Request) -> Response:
        return json_response(200, samples(service.current.samples, service.book.topic.first_sample))

    async def one(request: Request) -> Response:
        found = sample(service.current.samples, request.path_params["name"])
        if found is None:
            raise RefusedError(404, "There is no sample of this name; GET /samples names those that are.")
        return Response(found, media_type="application/fhir+json")

    async def evaluate(request: Request) -> Response:
        day = _day(request.query_params.get("asOf"), service.today())
        book = _in_units(request.query_params.get("units"), service.book)
        data = await json_body(request, service.settings.limits)
        try:
            found = await run_sync(partial(evaluated, data, book, day), limiter=one_at_a_time)
            return json_response(200, found)
        except RecordError as error:
            raise RefusedError(400, str(error)) from None

    paths = {"/": file, "/page/{name}": file, "/samples": listed, "/samples/{name}": one}
    found = [Route(path, _guarded(handler), methods=["GET"]) for path, handler in paths.items()]
    return [*found, Route("/evaluate", _guarded(evaluate), methods=["POST"])]


def _guarded(handler: Handler) -> Handler:
    """The handler for requests to a loopback name, with the headers that keep the page inside this service."""

    async def guarded(request: Request) -> Response:
        if not is_loopback(request.url.hostname or ""):
            raise RefusedError(403, "The page is for this machine only: open it at http://127.0.0.1 or localhost.")
        response = await handler(request)
        response.headers.update(PAGE_HEADERS)
        return response

    return guarded


def _day(text: str | None, today: date) -> date:
    """The day that ``?asOf=`` names; today without it."""
    try:
        return date.fromisoformat(text) if text else today
    except ValueError:
        raise RefusedError(400, "'asOf' is not a date. Write it like 2026-11-22.") from None


def _in_units(text: str | None, book: RuleBook) -> RuleBook:
    """The rulebook with the units first that ``?units=`` names; as it is without it."""
    try:
        return in_units(book, UnitSystem(text)) if text else book
    except ValueError:
        raise RefusedError(400, f"'units' is neither {' nor '.join(UnitSystem)}. Write one of them.") from None
