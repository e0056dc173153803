"""A connection of a client, byte by byte: heads that are too large are refused, and no call is cut off at the end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import uvicorn
from browser import until
from calls import REVIEW, body_of, call, service_for

from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.settings import Listen
from cds.service.server import options


@pytest.fixture(scope="module")
def server(book: RuleBook) -> Iterator[uvicorn.Server]:
    """A server for the tests that do not end it."""
    with listening(book) as found:
        yield found


@contextmanager
def listening(book: RuleBook) -> Iterator[uvicorn.Server]:
    """The service as ``cds serve`` runs it, in a thread and at any port."""
    service = service_for(book)
    settings = service.settings.model_copy(update={"listen": Listen(port=0)})
    server = uvicorn.Server(uvicorn.Config(application(service), **options(settings)))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield server
    finally:
        server.should_exit = True
        thread.join()


def connected(server: uvicorn.Server) -> socket.socket:
    found = socket.create_connection(server.servers[0].sockets[0].getsockname()[:2], timeout=30)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def answer(wire: socket.socket) -> bytes:
    """Everything that comes until the server closes."""
    parts = []
    while part := wire.recv(65536):
        parts.append(part)
    return b"".join(parts)


def sent_until_closed(wire: socket.socket, begin: bytes, part: bytes, times: int) -> tuple[int, bytes]:
    """How many bytes were taken of a head that has no end, and the answer."""
    wire.sendall(begin)
    taken = len(begin)
    with suppress(OSError):
        for _ in range(times):
            wire.sendall(part)
            taken += len(part)
    with suppress(ConnectionResetError):
        return taken, answer(wire)
    return taken, b""


ENDLESS = {
    "a request line": b"GET /",
    "the value of a header": b"GET /livez HTTP/1.1\r\nhost: x\r\na: ",
    "the name of a header": b"GET /livez HTTP/1.1\r\nhost: x\r\n",
}
TRAILER = b"POST /livez HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\na: "


@pytest.mark.parametrize("name", ENDLESS)
def test_a_head_without_an_end_is_refused_before_it_fills_the_memory(server: uvicorn.Server, name: str) -> None:
    with connected(server) as wire:
        taken, said = sent_until_closed(wire, ENDLESS[name], b"x" * 4096, 5 * 256)
    assert taken < 5_000_000
    assert said.startswith(b"HTTP/1.1 400 ") or not said


def test_a_trailer_without_an_end_closes_the_connection_without_a_second_answer(server: uvicorn.Server) -> None:
    with connected(server) as wire:
        taken, said = sent_until_closed(wire, TRAILER, b"x" * 4096, 5 * 256)
    assert taken < 5_000_000
    assert said.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize(
    "head",
    [
        b"a: " + b"x" * 20_000 + b"\r\n",
        b"".join(b"h%d: x\r\n" % number for number in range(3000)),
    ],
    ids=["one header", "many headers"],
)
def test_a_head_that_is_too_large_is_refused_also_when_it_comes_whole(server: uvicorn.Server, head: bytes) -> None:
    with connected(server) as wire:
        wire.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n")
        said = answer(wire)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b'"ok"' not in said


def test_headers_that_come_slowly_and_end_in_time_are_a_request(server: uvicorn.Server) -> None:
    head = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with connected(server) as wire:
        for place in range(len(head)):
            wire.sendall(head[place : place + 1])
        assert answer(wire).endswith(b'{"status":"ok"}')


def post(connection: str = "keep-alive") -> bytes:
    body = body_of(call())
    head = f"POST {REVIEW} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: {connection}\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def test_several_calls_over_one_connection_are_counted_anew_each_time(server: uvicorn.Server) -> None:
    with connected(server) as wire:
        wire.sendall(post() * 30 + post("close"))
        assert answer(wire).count(b"HTTP/1.1 200 OK") == 31


def test_a_call_that_is_on_its_way_when_the_service_ends_is_answered(book: RuleBook) -> None:
    with listening(book) as server, connected(server) as idle, connected(server) as begun:
        begun.sendall(post()[:300])
        until(lambda: len(server.server_state.connections) == 2)
        server.should_exit = True
        until(lambda: all(one._is_last for one in server.server_state.connections))  # type: ignore[union-attr]
        idle.sendall(post())
        begun.sendall(post()[300:])
        for wire in (idle, begun):
            said = answer(wire)
            assert said.startswith(b"HTTP/1.1 200 OK")
            assert b"connection: close" in said


def test_an_idle_connection_does_not_keep_the_service_from_ending(book: RuleBook) -> None:
    begin = time.monotonic()
    with listening(book) as server, connected(server):
        until(lambda: len(server.server_state.connections) == 1)
    assert time.monotonic() - begin < 60
