"""One worker as its supervisor sees it: whether it lives, whether it serves, and whether it still answers."""

from __future__ import annotations

import socket
import time

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Process

ASK_SECONDS = 1.0
"""Seconds from an answer to the next question."""
SILENT_SECONDS = 10.0
"""A worker that serves and does not answer for so long hangs."""
START_SECONDS = 120.0
"""How long a worker may take until it serves."""


class Working:
    """A worker that was started; uvicorn asks and answers for it, through a pipe."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        self._uvicorn = Process(config, sockets)
        self._uvicorn.start()
        self.serves, self._begun = False, time.monotonic()
        self._asked, self._heard = 0.0, self._begun
        self._leaves = float("inf")

    @property
    def name(self) -> int:
        """The id of the process."""
        return self._uvicorn.pid or 0

    @property
    def lives(self) -> bool:
        """Whether the process is there."""
        return self._uvicorn.process.is_alive()

    def look(self, now: float) -> str:
        """Hear it and ask it again; why it is of no use (empty: it is, or may become so)."""
        if not self.lives:
            return f"ended with status {self._uvicorn.exitcode}"
        try:
            self._exchange(now)
        except (OSError, EOFError):  # it dies just now, as the next look will see
            return ""
        if not self.serves:
            return "it did not begin in time" if now - self._begun > START_SECONDS else ""
        return "it does not answer" if self._asked and now - self._asked > SILENT_SECONDS else ""

    def _exchange(self, now: float) -> None:
        pipe = self._uvicorn.parent_conn
        while pipe.poll():
            self.serves, self._heard, self._asked = bool(pipe.recv()), now, 0.0
        if not self._asked and (now - self._heard >= ASK_SECONDS or not self.serves):
            pipe.send(b"ping")
            self._asked = now

    def dismiss(self, seconds: float) -> None:
        """Let it end its calls and go, within so many seconds."""
        self._leaves = time.monotonic() + seconds
        self._uvicorn.terminate()

    def has_gone(self) -> bool:
        """Whether a worker that was dismissed is gone; one that takes too long is killed."""
        if self.lives and time.monotonic() > self._leaves:
            self.kill()
        return not self.lives

    def kill(self) -> None:
        """End it at once."""
        self._uvicorn.process.kill()
        self._uvicorn.process.join()
