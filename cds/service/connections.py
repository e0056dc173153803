"""One connection of a client: uvicorn's protocol over httptools, with a bound for heads, and an end that loses no call.

httptools has no bound: a request line, headers or trailers would fill the memory as long as a client sends them.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 16 * 1024
"""Bytes of the request line and the headers together."""
TOO_LARGE = "The head of the request is too large."
LINGER_SECONDS = 0.5
"""How long a connection without a call stays when the process ends: a call may be on its way."""


class BoundedConnection(HttpToolsProtocol):
    """Refuses a request (400) and closes when its head is too large; nothing of such a request is handled."""

    _went_on = _is_last = _in_message = False
    _held = 0

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; ``_held`` are the bytes since the parser last gave something away."""
        super().data_received(data)
        self._held = 0 if self._went_on else self._held + len(data)
        self._went_on = False
        if self._held > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse()

    def _refuse(self) -> None:
        """In trailers without a word: what was answered already would have a second answer."""
        if self._in_message:
            self.transport.close()
        else:
            self.send_400_response(TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begin the request, unless its head came at once and is too large all the same."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            raise ValueError(TOO_LARGE)  # httptools tells its caller, who answers 400
        self._went_on = self._in_message = True
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._went_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._went_on, self._in_message = True, False
        super().on_message_complete()

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
