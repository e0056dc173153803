"""Asks a service four times a second whether it is ready, as a load balancer does, and notes what it says."""

from __future__ import annotations

import asyncio
import time

import orjson
from kept_wire import KeptWire

EVERY = 0.25
PATIENCE = 5.0
READY = 200


class ReadinessWatch:
    """``said`` are moments in monotonic seconds, statuses (0: no answer) and problems."""

    def __init__(self, port: int) -> None:
        self.said: list[tuple[float, int, str]] = []
        self._request = f"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode()
        self._wire = KeptWire(port)

    async def look_until(self, over: asyncio.Event) -> None:
        """Ask until it is over."""
        while not over.is_set():
            asked = time.monotonic()
            self.said.append((asked, *await self.ask()))
            await asyncio.sleep(EVERY)
        self._wire.close()

    async def ask(self) -> tuple[int, str]:
        """Status and problems of now."""
        try:
            status, body = await asyncio.wait_for(self._wire.exchange(self._request), PATIENCE)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError):
            self._wire.close()
            return 0, ""
        told = orjson.loads(body)
        return status, "; ".join((*told.get("problems", ()), *told.get("warnings", ())))

    def noticed(self, begun: float, lifted: float) -> float | None:
        """Seconds until it first said something else than ready after a fault began; None where it never did."""
        return next((at - begun for at, status, _ in self.said if begun <= at <= lifted and status != READY), None)

    def back(self, lifted: float) -> float | None:
        """Seconds until it was ready for good after a fault was lifted; None where it never was."""
        after = [(at, status) for at, status, _ in self.said if at >= lifted]
        bad = [number for number, (_, status) in enumerate(after) if status != READY]
        rest = after[bad[-1] + 1 :] if bad else after
        return (rest[0][0] - lifted if bad else 0.0) if rest else None

    def words(self, begun: float) -> str:
        """The first problem or warning that was told after a moment."""
        return next((words for at, _, words in self.said if at >= begun and words), "")
