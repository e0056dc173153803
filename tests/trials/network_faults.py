"""Servers that the service asks: one with the keys of the issuer, one with FHIR resources; both misbehave on demand."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import orjson
from callers import Signer
from deployment import Setting
from sick_people import PEOPLE, Patient
from trial import Stage

EMPTY = orjson.dumps({"resourceType": "Bundle", "type": "searchset", "entry": []})
HANG_SECONDS = 30


class Loopback:
    """A server on the loopback address; ``answer`` writes what it wants to a request."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        self._handler = Handler
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._serve()

    def _serve(self) -> None:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        """Listen again at the same port."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self._serve()


def sent(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, cut: int = 0, **headers: str) -> None:
    """Send an answer; ``cut`` bytes of what its head promises do not come."""
    handler.send_response(status)
    handler.send_header("content-type", "application/fhir+json")
    handler.send_header("content-length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body[: len(body) - cut])
    if cut:
        handler.close_connection = True


class _KeyServer:
    """A service whose issuer has its keys behind a URL."""

    disk_mb: ClassVar[int] = 0

    def __init__(self) -> None:
        self.keys = b"{}"
        self.server = Loopback(lambda handler: sent(handler, self.keys))

    def setting(self) -> Setting:
        return Setting(keys_url=f"http://127.0.0.1:{self.server.port}/jwks.json")

    def begin(self, signer: Signer) -> None:
        """Before the service starts: the keys are there."""
        self.keys = signer.key_set()


class KeyServerDown(_KeyServer):
    """The key server does not answer; meanwhile the service is started anew, and so knows no key."""

    name = "key server down for 20 s, service restarted meanwhile"

    async def cause(self, stage: Stage) -> str:
        self.server.stop()
        os.kill(stage.deployment.process.pid, signal.SIGKILL)
        await asyncio.sleep(20)
        self.server.start()
        return ""


class KeysRotated(_KeyServer):
    """The issuer signs with a new key, which its key server names at once; a minute after the last fetch."""

    name = "keys rotated"

    async def prepare(self, stage: Stage) -> None:
        """A service asks for keys at most once a minute, and has done so at its start."""
        await asyncio.sleep(60)

    async def cause(self, stage: Stage) -> str:
        stage.signer.rotate()
        self.keys = stage.signer.key_set()
        return ""


class KeysRotatedTwice(KeysRotated):
    """A second key within the minute in which the service asks at most once."""

    name = "keys rotated twice within 10 s"

    async def cause(self, stage: Stage) -> str:
        for _ in range(2):
            stage.signer.rotate()
            self.keys = stage.signer.key_set()
            await asyncio.sleep(10)
        return ""


class _FhirServer:
    """A FHIR server that answers a search for Goals rightly, until it does not."""

    disk_mb: ClassVar[int] = 0

    def __init__(self) -> None:
        self.fails = False
        self.goals = {
            p.body["context"]["patientId"]: p.body["prefetch"].get("goals") for p in map(Patient, range(PEOPLE))
        }
        self.server = Loopback(lambda handler: self.wrong(handler) if self.fails else self.right(handler))

    def setting(self) -> Setting:
        return Setting(fhir=f"http://127.0.0.1:{self.server.port}/fhir")

    def right(self, handler: BaseHTTPRequestHandler) -> None:
        """The goals of the patient that is asked for."""
        asked = next(
            (
                name
                for name in self.goals
                if handler.path.split("patient=")[-1].split("&")[0] in (name, f"Patient/{name}", f"Patient%2F{name}")
            ),
            "",
        )
        sent(handler, orjson.dumps(self.goals[asked]) if self.goals.get(asked) else EMPTY)

    def wrong(self, handler: BaseHTTPRequestHandler) -> None:
        """What it does while it fails."""
        raise NotImplementedError

    async def cause(self, stage: Stage) -> str:
        self.fails = True
        await asyncio.sleep(15)
        self.fails = False
        return ""


class FhirHangs(_FhirServer):
    name = "FHIR server hanging for 15 s"

    def wrong(self, handler: BaseHTTPRequestHandler) -> None:
        ends = time.monotonic() + HANG_SECONDS
        while self.fails and time.monotonic() < ends:
            time.sleep(0.1)
        handler.close_connection = True


class FhirTruncates(_FhirServer):
    name = "FHIR server truncating for 15 s"

    def wrong(self, handler: BaseHTTPRequestHandler) -> None:
        sent(handler, EMPTY, cut=20)


class FhirRedirects(_FhirServer):
    name = "FHIR server redirecting elsewhere for 15 s"

    def wrong(self, handler: BaseHTTPRequestHandler) -> None:
        sent(handler, b"", status=307, location="http://127.0.0.1:9/elsewhere")


FAULTS = (KeyServerDown, KeysRotated, KeysRotatedTwice, FhirHangs, FhirTruncates, FhirRedirects)
