"""HTTP messages: request bodies, bounded while they arrive; JSON responses; and errors as OperationOutcomes."""

from __future__ import annotations

from collections.abc import Mapping

import anyio
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cds.errors import CdsError, PassingError
from cds.hooks.calls import read_json
from cds.hooks.refusal import RefusedError, outcome_of
from cds.service.configuration.settings import RequestLimits

HTTP_TEXTS = {
    404: "There is nothing at this path. Discovery is at /cds-services.",
    405: "This path does not answer this method.",
}
NOT_NOW = "This service cannot answer now; no advice was given. Try again later."
JSON_TYPES = frozenset({"application/json", "application/fhir+json"})


async def json_body(request: Request, limits: RequestLimits) -> object:
    """The body as a JSON value.

    Raises:
        RefusedError: 400 not JSON, and as ``raw_body``.

    """
    return read_json(await raw_body(request, limits))


async def raw_body(request: Request, limits: RequestLimits) -> bytes:
    """The bytes of a body that is said to be JSON.

    Raises:
        RefusedError: 408 too slow, 413 too large, 415 another type or an encoding.

    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in JSON_TYPES:
        raise RefusedError(415, "Send the body as application/json.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise RefusedError(415, "Send the body without content-encoding.")
    too_large = RefusedError(413, f"The body is larger than {limits.body_bytes} bytes.")
    declared = request.headers.get("content-length", "0")
    if len(declared) > 15 or (declared.isdecimal() and int(declared) > limits.body_bytes):
        raise too_large
    raw = bytearray()
    try:
        with anyio.fail_after(limits.body_seconds):
            async for part in request.stream():
                raw += part
                if len(raw) > limits.body_bytes:
                    raise too_large
    except TimeoutError:
        raise RefusedError(408, "The body took too long to arrive.") from None
    except ClientDisconnect:
        raise RefusedError(400, "The body ended early.") from None
    return bytes(raw)


def json_response(status: int, data: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return json_content(status, orjson.dumps(data), headers)


def json_content(status: int, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer whose text is written already."""
    return Response(content, status_code=status, media_type="application/json", headers=headers)


def refusal(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that is not 2xx, with its OperationOutcome."""
    return json_response(status, outcome_of(status, text), headers)


def unexpected(error: Exception) -> Response:
    """The answer to a call that failed: never an empty list of cards; 503 for what is ours and may pass."""
    if _passes(error):
        return refusal(503, NOT_NOW, {"Retry-After": "10"})
    text = str(error) if isinstance(error, CdsError) else "Something failed in this service; no advice was given."
    return refusal(500, text)


def _passes(error: Exception) -> bool:
    """Whether the same call may succeed in a moment: no memory, descriptors, threads, disk, database or engine now.

    Every OSError is of the system; of threads, Python says it as a RuntimeError.
    """
    no_thread = isinstance(error, RuntimeError) and "start new thread" in str(error)
    return no_thread or isinstance(error, (PassingError, MemoryError, OSError))


async def refused(_: Request, error: Exception) -> Response:
    """The answer to a refused call."""
    assert isinstance(error, RefusedError)  # noqa: S101
    return refusal(error.status, str(error), error.headers)


async def http_error(_: Request, error: Exception) -> Response:
    """The answer to a path or method that is not there."""
    assert isinstance(error, HTTPException)  # noqa: S101
    return refusal(error.status_code, HTTP_TEXTS.get(error.status_code, error.detail), error.headers)
