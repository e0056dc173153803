"""The page with nothing around it: the routes that the service gives it, for tests in a browser."""

from __future__ import annotations

from datetime import date

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cds.errors import CdsError
from cds.rulebook.model import RuleBook
from cds.service.page.evaluated import evaluated
from cds.service.page.files import PAGE_HEADERS, page_files
from cds.service.page.samples import sample, samples


def page_app(book: RuleBook) -> Starlette:
    """The application."""

    async def page(request: Request) -> Response:
        file = page_files()[request.path_params.get("name", "index.html")]
        return Response(file.content, media_type=file.media_type, headers=PAGE_HEADERS)

    async def listed(_: Request) -> Response:
        return _json(200, samples())

    async def one(request: Request) -> Response:
        return Response(sample(request.path_params["name"]), media_type="application/fhir+json")

    async def answer(request: Request) -> Response:
        day = date.fromisoformat(request.query_params["asOf"])
        try:
            return _json(200, evaluated(await request.body(), book, day))
        except CdsError as error:
            issue = {"severity": "error", "code": "invalid", "diagnostics": str(error)}
            return _json(400, {"resourceType": "OperationOutcome", "issue": [issue]})

    return Starlette(
        routes=[
            Route("/", page),
            Route("/page/{name}", page),
            Route("/samples", listed),
            Route("/samples/{name}", one),
            Route("/evaluate", answer, methods=["POST"]),
        ]
    )


def _json(status: int, data: object) -> Response:
    return Response(orjson.dumps(data), status, media_type="application/json")
