"""Bodies under way: room for the bytes of all of them together, and the large ones one after another.

A call of 2 MB becomes twenty times as much while it is answered: 64 of them at once would take all memory there is.
Whoever waits for room is not read from, so that what waits is with the client and not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
from starlette.requests import Request

from cds.hooks.refusal import RefusedError
from cds.service.bounds.memory import MemoryBound, give_back
from cds.service.configuration.settings import RequestLimits

LARGE_BYTES = 256 * 1024
"""Bodies of more bytes are read as JSON and answered in turn, in a thread; usual ones take about a millisecond."""
TRIM_SECONDS = 1.0
"""How long after a large call memory is given back: those that come one after another are followed by one."""
OF_WHAT_IS_LEFT = 4
"""Bodies take at most a quarter of the memory that is left at the start; the one that is answered takes more."""
FULL = "Too many large calls are under way. Try again."


class Bodies:
    """Room for the bodies of calls; ``free`` are the bytes that are not taken."""

    def __init__(self, limits: RequestLimits, memory: MemoryBound) -> None:
        self._limits, self._memory = limits, memory
        self.free = max(limits.body_bytes, min(limits.bodies_bytes, memory.left() // OF_WHAT_IS_LEFT))
        self._waiting: list[anyio.Event] = []
        self._turn = anyio.Lock()
        self._trims: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def room(self, request: Request) -> AsyncIterator[None]:
        """Hold room for the body of a request, from before it is read until its call was answered.

        Raises:
            RefusedError: 503 where there is none for too long, or no memory for it.

        """
        size = self._announced(request)
        self._memory.refuse_beyond(size)
        if self.free < size:
            await self._wait_for(size)
        self.free -= size
        try:
            yield
        finally:
            self.free += size
            waiting, self._waiting = self._waiting, []
            for event in waiting:
                event.set()

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """For a large body, the turn to be answered; afterwards its memory is given back. Others need not wait."""
        if size <= LARGE_BYTES:
            yield
            return
        with _in(self._limits.answer_seconds):
            await self._turn.acquire()
        try:
            self._memory.refuse_beyond(size)
            yield
        finally:
            self._turn.release()
            self._give_back_soon()

    async def _wait_for(self, size: int) -> None:
        with _in(self._limits.body_seconds):
            while self.free < size:
                self._waiting.append(event := anyio.Event())
                await event.wait()

    def _announced(self, request: Request) -> int:
        """The bytes that a body may have; a body that does not say may have all that are allowed."""
        said = request.headers.get("content-length", "")
        return min(
            int(said) if said.isdecimal() and len(said) < 16 else self._limits.body_bytes, self._limits.body_bytes
        )

    def _give_back_soon(self) -> None:
        loop = asyncio.get_running_loop()
        if self._trims is not None:
            self._trims.cancel()
        self._trims = loop.call_later(TRIM_SECONDS, loop.run_in_executor, None, give_back)


@contextmanager
def _in(seconds: float) -> Iterator[None]:
    """Wait for so long, and then refuse."""
    try:
        with anyio.fail_after(seconds):
            yield
    except TimeoutError:
        raise RefusedError(503, FULL, {"Retry-After": "5"}) from None
