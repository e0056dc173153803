"""The HTTP application: the only door to Starlette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cds.errors import CdsError
from cds.hooks.call import RefusedError, answer
from cds.hooks.feedback import Keep, entries_of
from cds.hooks.services import HOOKS, discovery
from cds.intake.reading import parse_json
from cds.rulebook.model import RuleBook

LARGEST = 2 * 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]


def application(book: RuleBook, origins: Sequence[str], keep: Keep, today: Callable[[], date]) -> Starlette:
    """The application for a rulebook; ``origins`` are the browser clients that may call it."""
    found = orjson.dumps(discovery(book))

    async def discover(_: Request) -> Response:
        return Response(found, media_type="application/json")

    async def call(request: Request) -> Response:
        hook = HOOKS.get(request.path_params["service"])
        if hook is None:
            raise RefusedError(404, "There is no service with this id.")
        body = await _json_body(request)
        return _json(200, await run_in_threadpool(answer, body, hook, book, today()))

    async def feedback(request: Request) -> Response:
        service = request.path_params["service"]
        if service not in HOOKS:
            raise RefusedError(404, "There is no service with this id.")
        for entry in entries_of(await _json_body(request)):
            keep(service, entry)
        return Response(status_code=200)

    async def alive(_: Request) -> Response:
        return _json(200, {"status": "ok", "rulebook": {"version": book.version, "sha256": book.sha256}})

    routes = [
        Route("/cds-services", discover, methods=["GET"]),
        Route("/cds-services/{service}", call, methods=["POST"]),
        Route("/cds-services/{service}/feedback", feedback, methods=["POST"]),
        Route("/livez", alive, methods=["GET"]),
    ]
    headers = ["authorization", "content-type"]
    cors = Middleware(CORSMiddleware, allow_origins=list(origins), allow_methods=["GET", "POST"], allow_headers=headers)
    handlers: dict[Any, Any] = {
        RefusedError: _refused,
        HTTPException: _http_error,
        CdsError: _failed,
        Exception: _failed,
    }
    return Starlette(routes=routes, middleware=[cors], exception_handlers=handlers)


async def _json_body(request: Request) -> object:
    """The body as JSON: at most 2 MB, counted while it arrives, and not encoded."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("application/json", "application/fhir+json"):
        raise RefusedError(415, "Send the body as application/json.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RefusedError(415, "Send the body without content-encoding.")
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > LARGEST:
            raise RefusedError(413, "The body is larger than 2 MB.")
    try:
        return parse_json(bytes(raw))
    except CdsError as error:
        raise RefusedError(400, str(error)) from None


async def _refused(_: Request, error: RefusedError) -> Response:
    return _outcome(error.status, str(error))


async def _http_error(_: Request, error: HTTPException) -> Response:
    return _outcome(error.status_code, error.detail)


async def _failed(_: Request, error: Exception) -> Response:
    """An evaluation that failed is said, never an empty list of cards; without anything from the request."""
    text = str(error) if isinstance(error, CdsError) else "The evaluation failed; no advice was given."
    return _outcome(500, text)


def _outcome(status: int, text: str) -> Response:
    issue = {"severity": "error", "code": "processing" if status >= 500 else "invalid", "diagnostics": text}
    return _json(status, {"resourceType": "OperationOutcome", "issue": [issue]})


def _json(status: int, data: object) -> Response:
    return Response(orjson.dumps(data), status_code=status, media_type="application/json")
