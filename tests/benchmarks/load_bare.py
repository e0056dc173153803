"""Starlette that only parses a request and answers, for ``load.py``: PYTHON FILE PORT."""

from __future__ import annotations

import sys

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def answer(request: Request) -> Response:
    """No cards."""
    orjson.loads(await request.body())
    return Response(orjson.dumps({"cards": []}), media_type="application/json")


app = Starlette(routes=[Route("/cds-services/{service}", answer, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False,
                http="httptools", loop="uvloop")  # fmt: skip
