"""A FHIR Bulk Data server on the loopback address that behaves as it is told, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import orjson
from browser import served
from click.testing import CliRunner, Result
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from cds.cli import app as cli

Json = dict[str, Any]
CLIENT = "client-of-the-tests"
CANARY = "CANARY"
"""Stands in every name of an invented patient: no message may have it."""


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "")


class Reply(NamedTuple):
    """An answer that is told beforehand."""

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""


def ndjson(kind: str, number: int) -> bytes:
    """Invented resources."""
    return b"".join(
        orjson.dumps({"resourceType": kind, "id": f"{kind}-{n}", "note": CANARY}, option=orjson.OPT_APPEND_NEWLINE)
        for n in range(number)
    )


def outcome(text: str, code: str = "processing", severity: str = "error") -> bytes:
    """An OperationOutcome."""
    issue = {"severity": severity, "code": code, "details": {"text": text}}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})


class BulkData:
    """What the server does; every switch may be changed while it runs."""

    def __init__(self) -> None:
        self.output = {"1.Patient.ndjson": ndjson("Patient", 3), "1.Observation.ndjson": ndjson("Observation", 5)}
        self.deleted: dict[str, bytes] = {}
        self.error: dict[str, bytes] = {}
        self.counts: dict[str, int | None] = {}
        self.polls = 1
        self.progress = "50 % done"
        self.kick_offs: deque[Reply] = deque()
        self.statuses: deque[Reply] = deque()
        self.file_replies: dict[str, deque[Reply]] = {}
        self.token_replies: deque[Reply] = deque()
        self.redirects: dict[str, str] = {}
        self.short: set[str] = set()
        self.slow: set[str] = set()
        self.gzip = self.paged = False
        self.requires_token = self.protected = False
        self.elsewhere = ""
        self.status_elsewhere = ""
        self.capabilities: list[str] = []
        self.lifetime: float = 300
        self.key: ECKey | RSAKey | None = None
        self.go_on = threading.Event()
        self.asked: list[Asked] = []
        self.tokens: set[str] = set()
        self.given: list[str] = []
        self.scopes: list[str] = []
        self.ids: set[str] = set()
        self.ended = False
        self.base = ""

    def of(self, method: str, start: str) -> list[Asked]:
        """The requests with a method whose path begins so."""
        return [one for one in self.asked if one.method == method and one.path.startswith(start)]

    def begun(self) -> list[Asked]:
        """The kick-off requests."""
        return [one for one in self.asked if one.path.endswith("$export")]

    def app(self) -> Starlette:
        methods = ["GET", "POST", "DELETE"]
        places = {
            "/fhir/.well-known/smart-configuration": self.configuration, "/token": self.token,
            "/fhir/{rest:path}": self.kick_off, "/jobs/{page}": self.status, "/files/{name}": self.file,
        }  # fmt: skip
        return Starlette(routes=[Route(path, self.noted(answer), methods=methods) for path, answer in places.items()])

    def noted(self, answer: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            query = parse_qs(request.url.query)
            asked = Asked(request.method, request.url.path, query, dict(request.headers), await request.body())
            self.asked.append(asked)
            found: Response = await answer(request, asked)
            return found

        return endpoint

    async def configuration(self, _: Request, __: Asked) -> Response:
        return JSONResponse({"token_endpoint": f"{self.base}/token", "capabilities": self.capabilities})

    async def token(self, _: Request, asked: Asked) -> Response:
        if self.token_replies:
            return _told(self.token_replies.popleft())
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if reason := self.refusal(form):
            return JSONResponse({"error": "invalid_client", "error_description": reason + CANARY}, 400)
        self.scopes.append(form["scope"])
        given = f"SECRET-TOKEN-{len(self.given)}"
        self.given.append(given)
        self.tokens.add(given)
        return JSONResponse({"access_token": given, "token_type": "bearer", "expires_in": self.lifetime})

    def refusal(self, form: dict[str, str]) -> str:
        """Why a client is not the one that is registered; empty where it is."""
        assert self.key is not None
        token = jwt.decode(form["client_assertion"], self.key, algorithms=["ES384", "RS384"])
        claims, fresh = token.claims, token.claims["jti"] not in self.ids
        self.ids.add(claims["jti"])
        right = {
            "grant": form["grant_type"] == "client_credentials",
            "type": form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "kid": token.header["kid"] == self.key.kid,
            "iss": claims["iss"] == claims["sub"] == CLIENT,
            "aud": claims["aud"] == f"{self.base}/token",
            "exp": 0 < claims["exp"] - time.time() <= 300,
            "jti": fresh,
        }
        return " ".join(name for name, good in right.items() if not good)

    def allowed(self, asked: Asked) -> bool:
        return not self.protected or asked.token.removeprefix("Bearer ") in self.tokens

    async def kick_off(self, _: Request, asked: Asked) -> Response:
        if self.kick_offs:
            return _told(self.kick_offs.popleft())
        if not self.allowed(asked):
            return Response(outcome("Who are you?", "login"), 401)
        return Response(status_code=202, headers={"Content-Location": f"{self.status_elsewhere or self.base}/jobs/1"})

    async def status(self, request: Request, asked: Asked) -> Response:
        if self.statuses:
            return _told(self.statuses.popleft())
        if not self.allowed(asked):
            return Response(outcome("Who are you?", "login"), 401)
        if asked.method == "DELETE":
            self.ended = True
            return Response(status_code=202)
        if self.ended:
            return Response(outcome("No such export", "not-found"), 404)
        if self.polls > 0:
            self.polls -= 1
            return Response(status_code=202, headers={"X-Progress": self.progress, "Retry-After": "1"})
        return JSONResponse(self.manifest(int(request.path_params["page"])))

    def manifest(self, page: int) -> Json:
        """A page of the manifest: one file of output on each, where it is paged."""
        names = list(self.output)
        shown = names[page - 1 : page] if self.paged else names
        found = {
            "transactionTime": "2026-11-22T00:00:00Z", "request": f"{self.base}/fhir/Patient/$export",
            "requiresAccessToken": self.requires_token, "output": [self.item(name, self.output) for name in shown],
            "deleted": [{"type": "Bundle", "url": f"{self.base}/files/{name}"} for name in self.deleted],
            "error": [{"type": "OperationOutcome", "url": f"{self.base}/files/{name}"} for name in self.error],
            "extension": {"https://server.example.org/mark": {"kept": True}},
        }  # fmt: skip
        more = self.paged and page < len(names)
        return found | ({"link": [{"relation": "next", "url": f"{self.base}/jobs/{page + 1}"}]} if more else {})

    def item(self, name: str, files: dict[str, bytes]) -> Json:
        count = self.counts.get(name, files[name].count(b"\n"))
        item = {"type": name.split(".")[1], "url": f"{self.elsewhere or self.base}/files/{name}"}
        return item | ({"count": count} if count is not None else {})

    async def file(self, request: Request, asked: Asked) -> Response:
        name = request.path_params["name"]
        if replies := self.file_replies.get(name):
            return _told(replies.popleft())
        if name in self.redirects:
            return RedirectResponse(self.redirects[name], 307)
        if self.requires_token and not self.allowed(asked):
            return Response(outcome("Who are you?", "login"), 401)
        if not self.requires_token and asked.token:
            return Response(outcome("A token is not wanted here"), 400)
        return self.content(name, {**self.output, **self.deleted, **self.error}[name])

    def content(self, name: str, data: bytes) -> Response:
        headers = {"Content-Type": "application/fhir+ndjson"}
        if name in self.slow:
            return StreamingResponse(self.slowly(data), headers=headers)
        if self.gzip:
            # Two members, as servers write that put files together.
            half = data.index(b"\n") + 1
            data = gzip.compress(data[:half]) + gzip.compress(data[half:])
            headers["Content-Encoding"] = "gzip"
        if name in self.short:
            headers["Content-Length"] = str(len(data) + 100)
        return Response(data, headers=headers)

    async def slowly(self, data: bytes) -> AsyncIterator[bytes]:
        yield data[:20]
        while not self.go_on.is_set():
            await asyncio.sleep(0.01)
        yield data[20:]


def _told(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)


@contextmanager
def serving(data: BulkData) -> Iterator[BulkData]:
    """The server while it runs; ``base`` is its address."""
    with served(data.app()) as base:
        data.base = base
        try:
            yield data
        finally:
            data.go_on.set()


def registered(server: BulkData, pair: ECKey | RSAKey, folder: Path) -> Path:
    """The file of a key that a server knows; it asks for a token from now on."""
    server.key, server.protected = pair, True
    path = folder / "key.json"
    path.write_text(json.dumps(pair.as_dict(private=True)), encoding="utf-8")
    return path


def who(key: Path) -> tuple[str, ...]:
    """The options that say who asks."""
    return "--client-id", CLIENT, "--key", str(key)


def words(server: BulkData, out: Path, *more: object) -> list[str]:
    """The words of the command, which never waits for long."""
    quick = ("--longest-wait", "0.05")
    return ["population", "export", f"{server.base}/fhir", "--out", str(out), *quick, *map(str, more)]


def export(server: BulkData, out: Path, *more: object) -> Result:
    """What the command does; nothing that it prints has patient data or a token."""
    done = CliRunner().invoke(cli, words(server, out, *more))
    assert CANARY not in done.output
    assert "SECRET" not in done.output
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def kept(out: Path, name: str = "export.json") -> Any:
    """What a JSON file of the folder holds."""
    return json.loads((out / name).read_bytes())
