"""HTTP of the Bulk Data client: the only door to the HTTP library here.

No redirect is followed on its own, no cookie kept; proxies of the environment are for https, which they cannot read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from cds.about import PROGRAM
from cds.bulk.addresses import shown
from cds.bulk.gzip_text import decoded
from cds.bulk.problems import ExportError, TransientError

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
"""Seconds; 60 for each piece of an answer, not for the whole."""
MOST_BYTES = 64 * 1024 * 1024
"""Of an answer that is read whole: a manifest, a token, an OperationOutcome."""


class Answer:
    """An answer whose body was not read yet; the names of ``headers`` are in lower case."""

    def __init__(self, url: str, response: httpx2.Response) -> None:
        self.url, self._response = url, response
        self.status = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    def pieces(self) -> Iterator[bytes]:
        """The body, decoded.

        Raises:
            TransientError: it ends before it should, or nothing comes for a minute.

        """
        return decoded(self._raw(), self.headers.get("content-encoding", ""))

    def _raw(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_raw()
        except httpx2.RemoteProtocolError:
            raise TransientError("file-truncated", "The connection ended in the middle of the answer.") from None
        except httpx2.HTTPError:
            raise TransientError("no-answer", f"{shown(self.url)} does not go on with its answer.") from None

    def body(self) -> bytes:
        """The whole body; the answer is then closed.

        Raises:
            ExportError: it is too large, or ends before it should.

        """
        raw = bytearray()
        try:
            for piece in self.pieces():
                raw += piece
                if len(raw) > MOST_BYTES:
                    raise ExportError("no-bulk-data", f"The answer of {shown(self.url)} is too large.")
        finally:
            self.close()
        return bytes(raw)

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()


class Requests:
    """Sends requests. Used by several threads at once."""

    def __init__(self) -> None:
        self._client = httpx2.Client(
            timeout=TIMEOUT,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": PROGRAM, "Accept-Encoding": "gzip"},
            mounts={"http://": None},
        )

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
        """The answer to a request, to be closed by whoever asked.

        Raises:
            TransientError: no connection, or no answer in time.

        """
        try:
            request = self._client.build_request(method, url, headers=dict(headers), content=content)
            return Answer(url, self._client.send(request, stream=True))
        except httpx2.TimeoutException:
            raise TransientError("no-answer", f"{shown(url)} did not answer in time.") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise TransientError("no-answer", f"{shown(url)} cannot be reached ({type(error).__name__}).") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
