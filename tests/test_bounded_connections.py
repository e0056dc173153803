"""Connections that are slow, idle or too many, and large bodies: each is bounded, and others are answered meanwhile."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
import uvicorn
from browser import until
from calls import REVIEW, body_of, call, client_of, service_for

from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.bounds.bodies import LARGE_BYTES
from cds.service.bounds.connections import GRACE_SECONDS, LONGEST_HEAD, BoundedConnection
from cds.service.bounds.memory import MemoryBound, resident
from cds.service.configuration.settings import RequestLimits
from cds.service.state import Service

HEAD = f"POST {REVIEW} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def bounded(**bounds: float) -> RequestLimits:
    """Limits with some of them set."""
    return RequestLimits().model_copy(update=bounds)


@contextmanager
def serving(service: Service) -> Iterator[int]:
    """The port of a service on a real socket, in a thread."""
    config = uvicorn.Config(application(service), port=0, http=BoundedConnection, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def service(book: RuleBook) -> Service:
    return service_for(book, limits=bounded(head_seconds=0.3, idle_seconds=1, body_seconds=0.5))


@pytest.fixture(scope="module")
def port(service: Service) -> Iterator[int]:
    with serving(service) as found:
        yield found


def connected(port: int, sent: str = "") -> socket.socket:
    """A connection that has sent something."""
    found = socket.create_connection(("127.0.0.1", port), 10)
    found.sendall(sent.encode())
    return found


def status(port: int) -> int:
    """What a usual caller gets, with a connection of its own."""
    return httpx2.post(f"http://127.0.0.1:{port}{REVIEW}", json=call(), trust_env=False).status_code


def rest(connection: socket.socket) -> bytes:
    """Everything until the other side closes the connection; nothing where it breaks off."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize("sent", ["", "POST /cds", HEAD, f"{HEAD}content-length: 9\r\n\r\n{{"])
def test_whoever_sends_nothing_or_half_a_request_is_not_waited_for(port: int, sent: str) -> None:
    with connected(port, sent) as slow:
        assert status(port) == 200
        assert rest(slow)[:12] in (b"", b"HTTP/1.1 408")


def test_a_head_that_comes_byte_by_byte_has_no_more_time_than_one_that_does_not_come(port: int) -> None:
    with connected(port) as slow:
        sent = 0
        try:
            for byte in HEAD.encode():
                slow.sendall(bytes([byte]))
                sent += 1
                time.sleep(0.05)
        except ConnectionError:
            pass
        assert sent < len(HEAD)


def test_a_head_without_an_end_is_refused_in_the_form_of_every_refusal(port: int) -> None:
    with connected(port, f"GET / HTTP/1.1\r\nx: {'y' * 3 * LONGEST_HEAD}") as long:
        head, _, body = rest(long).partition(b"\r\n\r\n")
    assert (head[:12], json.loads(body)["resourceType"]) == (b"HTTP/1.1 400", "OperationOutcome")


def test_an_idle_connection_is_kept_for_the_next_request_and_closed_after_its_time(port: int) -> None:
    with connected(port, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n") as idle:
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        idle.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        assert rest(idle) == b""


def test_of_too_many_connections_one_that_waits_makes_room_and_the_others_end_with_their_answer(book: RuleBook) -> None:
    patient = bounded(connections=4, head_seconds=60)
    with serving(service_for(book, limits=patient)) as port, ExitStack() as stack:
        held = [stack.enter_context(connected(port)) for _ in range(4)]
        time.sleep(2 * GRACE_SECONDS)
        assert status(port) == 200
        closed = select.select(held, [], [], 0)[0]
        assert [rest(one) for one in closed] == [b""]
        (kept, *_) = (one for one in held if one not in closed)
        kept.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = rest(kept)
        assert (answer[:12], b"connection: close" in answer) == (b"HTTP/1.1 200", True)


def test_where_every_connection_is_at_work_a_further_one_is_refused_with_a_503(book: RuleBook) -> None:
    with serving(service_for(book, limits=bounded(connections=2))) as port, ExitStack() as stack:
        busy = [
            stack.enter_context(connected(port, f"{HEAD}connection: close\r\ncontent-length: 2\r\n\r\n{{"))
            for _ in range(2)
        ]
        time.sleep(0.2)
        with connected(port) as further:
            head, _, body = rest(further).partition(b"\r\n\r\n")
        assert (head[:12], b"retry-after: 1" in head) == (b"HTTP/1.1 503", True)
        assert json.loads(body)["issue"][0]["diagnostics"] == "Too many connections are open. Try again."
        for one in busy:
            one.sendall(b"}")
            assert rest(one).startswith(b"HTTP/1.1 400")


def large(size: int) -> bytes:
    return body_of({**call(), "extension": {"x": "y" * size}})


def test_large_bodies_wait_for_room_and_small_ones_pass_them(book: RuleBook) -> None:
    limits = bounded(body_bytes=2 * LARGE_BYTES, bodies_bytes=2 * LARGE_BYTES + 50_000, body_seconds=30)
    service, body = service_for(book, limits=limits), large(2 * LARGE_BYTES - 5000)
    with serving(service) as port, ExitStack() as stack:
        head = f"{HEAD}connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
        first, second = (stack.enter_context(connected(port, head)) for _ in range(2))
        until(lambda: bool(service.bodies._waiting))
        assert status(port) == 200
        for one in (second, first):
            threading.Thread(target=one.sendall, args=(body,)).start()
        assert [rest(one)[:12] for one in (first, second)] == [b"HTTP/1.1 200"] * 2
        until(lambda: service.bodies.free == limits.bodies_bytes)


def test_a_large_body_that_finds_no_room_in_time_is_a_503(book: RuleBook) -> None:
    limits = bounded(body_bytes=LARGE_BYTES, bodies_bytes=LARGE_BYTES, body_seconds=0.3, head_seconds=0.3)
    with serving(service_for(book, limits=limits)) as port:
        head = f"{HEAD}content-length: {LARGE_BYTES - 100}\r\n\r\n"
        with connected(port, head), connected(port, head) as second:
            second.sendall(large(LARGE_BYTES - 5000))
            assert rest(second)[:12] in (b"HTTP/1.1 503", b"HTTP/1.1 408")


def test_a_call_that_memory_does_not_suffice_for_is_a_503_before_it_is_read(book: RuleBook) -> None:
    service = service_for(book)
    service.bodies._memory = MemoryBound(resident() + 40 * 1024 * 1024)
    service.bodies._memory.granted = int(resident() / 0.9) + 8 * 1024 * 1024
    client = client_of(service)
    assert client.post(REVIEW, json=call()).status_code == 200
    refused = client.post(REVIEW, content=large(1_800_000), headers={"content-type": "application/json"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "no memory left" in refused.json()["issue"][0]["diagnostics"]
