"""A load generator on bare sockets: prebuilt requests over kept connections, answers compared byte for byte.

A closed loop keeps a fixed number of requests under way and finds what a server can do; an open one sends at a fixed
rate, however slow the answers are, and counts the time from the moment when a request was due. One exchange costs the
client some 0.06 ms of a processor: on a machine of two it takes that from the servers.
"""

from __future__ import annotations

import select
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

PATIENCE = 30.0
MOST_OPEN = 500
"""Connections at once; a request that is due while all are busy waits for one, and its waiting counts."""
PART = 1 << 20


class Exchange(NamedTuple):
    """A request on the wire, and the body of its right answer; None where any of status 200 is taken."""

    request: bytes
    right: bytes | None


Exchanges = Iterator[Exchange]


@dataclass
class Seen:
    """What came back: times of right answers in seconds, the number of answers of each kind, and how long it took.

    ``busy`` are the seconds for which the server kept a processor busy, ``beside`` those of its database server.
    """

    times: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    busy: float = 0.0
    beside: float = 0.0

    def add(self, other: Seen) -> None:
        """Count another turn with this one."""
        self.times += other.times
        self.kinds += other.kinds
        self.seconds += other.seconds
        self.busy += other.busy
        self.beside += other.beside

    def rate(self) -> float:
        """Right answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time within which this share of the right answers came, in milliseconds."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Wire:
    """One kept connection, and the exchange that is under way on it."""

    def __init__(self, port: int, poll: select.epoll, wires: dict[int, Wire]) -> None:
        self.port, self.poll, self.wires = port, poll, wires
        self.socket: socket.socket | None = None
        self.came = bytearray()

    def send(self, exchange: Exchange, due: float) -> None:
        """Send a request; a connection that the server closed is opened again."""
        self.exchange, self.due, self.came, self.needed = exchange, due, bytearray(), -1
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.poll.register(self.socket, select.EPOLLIN)
            self.wires[self.socket.fileno()] = self
        self.socket.sendall(exchange.request)

    def receive(self) -> str:
        """What became of the exchange; empty while its answer has not come whole."""
        assert self.socket is not None
        try:
            part = self.socket.recv(PART)
        except OSError as error:
            return self.closed(type(error).__name__)
        self.came += part
        if not part:
            return self.closed("closed")
        if self.needed < 0 and (head := self.came.find(b"\r\n\r\n")) >= 0:
            length = bytes(self.came[:head]).lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.needed = head + 4 + int(length)
        return self._kind() if 0 <= self.needed <= len(self.came) else ""

    def closed(self, why: str) -> str:
        """The connection is given up."""
        if self.socket is not None:
            del self.wires[self.socket.fileno()]
            self.poll.unregister(self.socket)
            self.socket.close()
            self.socket = None
        return why

    def _kind(self) -> str:
        status, right = self.came[9:12].decode(), self.exchange.right
        if status == "200" and (right is None or self.came.endswith(right)):
            return "right"
        return status if status in ("429", "503") and b"OperationOutcome" in self.came else f"{status}, wrong"


class Load:
    """Connections to a server, and what comes back."""

    def __init__(self, port: int, exchanges: Exchanges, connections: int) -> None:
        self.exchanges, self.seen, self.poll = exchanges, Seen(), select.epoll()
        self.wires: dict[int, Wire] = {}
        self.free = deque(Wire(port, self.poll, self.wires) for _ in range(connections))

    def send(self, due: float) -> None:
        """Send the next request on a free connection; ``due`` is when its time began."""
        wire = self.free.popleft()
        exchange = next(self.exchanges)
        try:
            wire.send(exchange, due or time.perf_counter())
        except OSError as error:
            self._end(wire, wire.closed(type(error).__name__))

    def wait(self, seconds: float) -> None:
        """Take what comes back within so many seconds."""
        for number, _ in self.poll.poll(max(0.0, seconds)):
            wire = self.wires[number]
            if kind := wire.receive():
                self._end(wire, kind)

    def _end(self, wire: Wire, kind: str) -> None:
        if kind == "right":
            self.seen.times.append(time.perf_counter() - wire.due)
        self.seen.kinds[kind] += 1
        self.free.append(wire)

    def end(self, under_way: Callable[[], bool]) -> None:
        """Wait for what is under way, and close."""
        late = time.perf_counter() + PATIENCE
        while under_way() and time.perf_counter() < late:
            self.wait(0.1)
        for wire in list(self.wires.values()):
            self.seen.kinds["no answer"] += wire not in self.free
            wire.closed("")
        self.poll.close()


def closed_loop(port: int, exchanges: Exchanges, under_way: int, seconds: float) -> Seen:
    """As many requests as get answered, so many under way at any time."""
    load, start = Load(port, exchanges, under_way), time.perf_counter()
    while time.perf_counter() - start < seconds:
        while load.free:
            load.send(0.0)
        load.wait(0.1)
    load.seen.seconds = time.perf_counter() - start
    times = len(load.seen.times)
    load.end(lambda: len(load.free) < under_way)
    del load.seen.times[times:]
    return load.seen


def open_loop(port: int, exchanges: Exchanges, rate: float, seconds: float) -> Seen:
    """So many requests a second, whatever comes back."""
    load, start = Load(port, exchanges, MOST_OPEN), time.perf_counter()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        while (left := due - time.perf_counter()) > 0 or not load.free:
            load.wait(left if load.free else 0.1)
        load.send(due)
    load.end(lambda: len(load.free) < MOST_OPEN)
    load.seen.seconds = time.perf_counter() - start
    return load.seen


def once_each(port: int, requests: list[bytes]) -> tuple[list[bytes], list[float]]:
    """The bodies of the answers to requests that are sent one after another, and their times in seconds."""
    bodies, times = [], []
    load = Load(port, iter([Exchange(request, None) for request in requests]), 1)
    for _ in requests:
        wire = load.free[0]
        load.send(0.0)
        while not load.free:
            load.wait(PATIENCE)
        assert load.seen.kinds.keys() <= {"right"}, bytes(wire.came[:400])
        bodies.append(bytes(wire.came).partition(b"\r\n\r\n")[2])
        times.append(load.seen.times[-1])
    load.end(lambda: False)
    return bodies, times
