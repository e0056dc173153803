"""One connection of a client: uvicorn's protocol over httptools, bounded in number, time and length of heads.

uvicorn closes a connection that is idle after an answer, and no other one: not one that never sends a request, nor one
that sends its head a byte at a time. httptools bounds no head: a request line, headers or trailers would fill the
memory as long as a client sends them. So whoever is slow, or too many, would take from all others.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from cds.hooks.refusal import outcome_of
from cds.service.bounds.connection_bounds import Bounds, bounds_of
from cds.service.configuration.settings import RequestLimits

LINGER_SECONDS = 0.5
"""How long a connection without a call stays when the process ends: a call may be on its way."""
LONGEST_HEAD = 16 * 1024
"""Bytes of the request line and the headers together."""
TOO_LARGE = "The head of the request is too large."
TOO_MANY = "Too many connections are open. Try again."

GRACE_SECONDS = 0.2
"""How long a new connection may take to send anything, before it has to make room."""
MOST_TURNED_AWAY = 4
"""Refused connections that are kept for the moment in which their answer is read; each holds a descriptor."""
_turned_away: set[BoundedConnection] = set()


class BoundedConnection(HttpToolsProtocol):
    """One connection; its bounds stand in the state of the application (``Bounds`` under ``bounds``).

    It refuses a request (400) and closes when its head is too large; nothing of such a request is handled.
    """

    _went_on = _is_last = _in_message = False
    _held = 0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.bounds: Bounds = app_state.get("bounds") or bounds_of(RequestLimits())
        self.timeout_keep_alive = self.bounds.idle_seconds
        self._ends: asyncio.TimerHandle | None = None
        self._since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, where needed in place of the one that waits longest; 503 where all are at work."""
        if len(self.connections) >= self.bounds.most and not self._make_room():
            self._turn_away(transport)
            return
        super().connection_made(transport)
        self._end_in(self.bounds.head_seconds)

    def _make_room(self) -> bool:
        """Close the connection that has waited longest for a request; whether there was one.

        One that has just been made, or answered, is about to send.
        """
        before = self.loop.time() - GRACE_SECONDS
        others = (other for other in self.connections if isinstance(other, BoundedConnection))
        waiting = [other for other in others if other.waits and other._since < before]
        if waiting:
            self.bounds.told("connection-closed-for-another")
            min(waiting, key=lambda other: other._since).transport.abort()
        return bool(waiting)

    def _turn_away(self, transport: asyncio.Transport) -> None:
        """Refuse the connection, and wait a moment with its end: what it sends unread would take the answer away."""
        self.bounds.told("connection-refused")
        self.transport = transport
        self._write_refusal(503, TOO_MANY, "retry-after: 1\r\n")
        if transport.can_write_eof() and len(_turned_away) < MOST_TURNED_AWAY:
            _turned_away.add(self)
            transport.write_eof()
            self._end_in(GRACE_SECONDS)
        else:
            transport.close()

    @property
    def waits(self) -> bool:
        """Whether no request of this connection is being answered."""
        return not self.transport.is_closing() and self._is_idle()

    @property
    def _drains(self) -> bool:
        """Whether the rest of a body comes that was answered already."""
        return self.cycle is not None and self.cycle.response_complete and self.cycle.more_body

    def _end_in(self, seconds: float) -> None:
        """Give the connection up after so many seconds, unless something comes before; 0: not."""
        if self._ends is not None:
            self._ends.cancel()
        self._ends = self.loop.call_later(seconds, self._give_up) if seconds else None

    def _give_up(self) -> None:
        if self not in _turned_away:
            self.bounds.told("connection-too-slow")
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; ``_held`` are the bytes since the parser last gave something away."""
        if self.transport.is_closing() or self in _turned_away:
            return
        super().data_received(data)
        self._held = 0 if self._went_on else self._held + len(data)
        self._went_on = False
        if self._held > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse_head()

    def _refuse_head(self) -> None:
        """In trailers without a word: what was answered already would have a second answer."""
        if self._in_message:
            self.transport.close()
        else:
            self.send_400_response(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins: from here on its head has so many seconds, whatever comes of it meanwhile."""
        super().on_message_begin()
        if self.waits:
            self._end_in(self.bounds.head_seconds)

    def on_headers_complete(self) -> None:
        """Begin the request, unless its head came at once and is too large all the same.

        While more than half of the connections are taken, each ends with its answer, which says so: to close one that
        waits would cut off a request that is on its way.
        """
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            raise ValueError(TOO_LARGE)  # httptools tells its caller, who answers 400
        self._went_on = self._in_message = True
        self._end_in(self.bounds.request_seconds)
        super().on_headers_complete()
        if self._is_last or len(self.connections) > self.bounds.most // 2:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._went_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; one that was answered before it was is not waited for any more."""
        self._went_on, self._in_message = True, False
        if self._drains:
            self.cycle.more_body = False
            self._end_in(0)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request as long as a connection may be idle, and for the rest of this one not so long."""
        self._since = self.loop.time()
        self._end_in(self.bounds.head_seconds if self._drains else 0)
        super().on_response_complete()
        if not self.waits and not self.transport.is_closing():
            self._end_in(self.bounds.request_seconds)

    def shutdown(self) -> None:
        """Close after the call that is under way, or after one that still comes."""
        self._is_last = True
        if self._is_idle():
            self.loop.call_later(LINGER_SECONDS, self._close_idle)
        else:
            self.cycle.keep_alive = False

    def _close_idle(self) -> None:
        if self._is_idle() and not self._held:
            self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and its time."""
        self._end_in(0)
        _turned_away.discard(self)
        if self.flow is not None:
            super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the form of every other refusal."""
        self._write_refusal(400, msg)
        self.transport.close()

    def _write_refusal(self, status: int, text: str, headers: str = "") -> None:
        body = orjson.dumps(outcome_of(status, text))
        head = f"content-type: application/json\r\n{headers}content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + body)
