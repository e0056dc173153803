"""A load generator on bare asyncio streams: prebuilt requests over kept connections, answers compared byte for byte.

A closed loop keeps a fixed number of requests under way and finds what a server can do; an open one sends at a fixed
rate, however slow the answers are, and counts the time from the moment when a request was due.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

PATIENCE = 30.0
MOST_OPEN = 1000
"""Connections at once; a request that is due while all are busy waits for one, and its waiting counts."""


class Target(NamedTuple):
    """Where requests go: the head of each, the body of all, and the body of the right answer."""

    port: int
    heads: Iterator[bytes]
    body: bytes
    right: bytes


@dataclass
class Seen:
    """What came back: times of right answers in seconds, the number of answers of each kind, and how long it took.

    ``busy`` are the seconds for which the server kept a processor busy.
    """

    times: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    busy: float = 0.0

    def add(self, other: Seen) -> None:
        """Count another turn with this one."""
        self.times += other.times
        self.kinds += other.kinds
        self.seconds += other.seconds
        self.busy += other.busy

    def rate(self) -> float:
        """Right answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time within which this share of the right answers came, in milliseconds."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Wire:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a request; a connection that the server closed is opened again."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        reader, writer = self.streams
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), body

    def close(self) -> None:
        """Give the connection up."""
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


async def once(wire: Wire, target: Target, seen: Seen, due: float = 0.0) -> None:
    """Send one request, and note its time (from when it was due, or now) and what became of it."""
    request = next(target.heads) + target.body
    due = due or time.perf_counter()
    try:
        status, body = await asyncio.wait_for(wire.exchange(request), PATIENCE)
    except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
        wire.close()
        seen.kinds[type(error).__name__] += 1
        return
    right = status == 200 and body == target.right
    if right:
        seen.times.append(time.perf_counter() - due)
    refused = status in (429, 503) and b"OperationOutcome" in body
    seen.kinds["right" if right else str(status) if refused else f"{status}, wrong"] += 1


async def closed_loop(target: Target, under_way: int, seconds: float) -> Seen:
    """As many requests as get answered, so many under way at any time."""
    seen, start = Seen(), time.perf_counter()

    async def worker() -> None:
        wire = Wire(target.port)
        while time.perf_counter() - start < seconds:
            await once(wire, target, seen)
        wire.close()

    await asyncio.gather(*(worker() for _ in range(under_way)))
    seen.seconds = time.perf_counter() - start
    return seen


async def open_loop(target: Target, rate: float, seconds: float) -> Seen:
    """So many requests a second, whatever comes back."""
    seen, free = Seen(), [Wire(target.port) for _ in range(MOST_OPEN)]
    gate, tasks, start = asyncio.Semaphore(MOST_OPEN), set(), time.perf_counter()

    async def send(due: float) -> None:
        async with gate:
            wire = free.pop()
            await once(wire, target, seen, due)
            free.append(wire)

    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(send(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    seen.seconds = time.perf_counter() - start
    for wire in free:
        wire.close()
    return seen
