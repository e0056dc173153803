"""Requests to other servers, guarded: the only door to the HTTP client.

HTTPS only, no redirects, no proxies of the environment, a cap on bytes and time; the name is resolved once, its
addresses are looked at, and the connection goes to the address that was looked at.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import SplitResult, urlsplit

import anyio
import httpx2

from cds.errors import CdsError
from cds.intake.reading import parse_json
from cds.trust.addresses import FetchError, Resolve, allowed_address, resolve

MOST_BYTES = 4 * 1024 * 1024


class Fetcher:
    """Gets JSON; ``loopback`` allows http and the loopback address, for tests and trials on one machine."""

    def __init__(self, *, loopback: bool = False, resolving: Resolve = resolve, most_bytes: int = MOST_BYTES) -> None:
        self.loopback, self.resolving, self.most_bytes = loopback, resolving, most_bytes
        self.clients: dict[str, httpx2.AsyncClient] = {}

    async def json(self, url: str, seconds: float, headers: Mapping[str, str] | None = None) -> object:
        """The JSON value at a URL.

        Raises:
            FetchError: it may not be fetched, or could not be.

        """
        target = target_of(url, loopback=self.loopback)
        try:
            with anyio.fail_after(seconds):
                return parse_json(await self._read(target, headers or {}))
        except TimeoutError:
            raise FetchError("The server did not answer in time.") from None
        except httpx2.HTTPError:
            raise FetchError("The server could not be reached, or its answer not be read.") from None
        except FetchError:
            raise
        except CdsError:
            raise FetchError("The server did not answer with JSON.") from None

    async def _read(self, target: SplitResult, headers: Mapping[str, str]) -> bytes:
        host, port = str(target.hostname), target.port or (443 if target.scheme == "https" else 80)
        address = await allowed_address(host, port, self.resolving, loopback=self.loopback)
        place = f"[{address}]" if ":" in address else address
        url = target._replace(netloc=f"{place}:{port}").geturl()
        sent = {**headers, "Host": target.netloc, "Accept": "application/fhir+json, application/json"}
        client = self._client(host)
        request = client.build_request("GET", url, headers=sent, extensions={"sni_hostname": host})
        answer = await client.send(request, stream=True)
        try:
            return await self._body(answer)
        finally:
            await answer.aclose()

    async def _body(self, answer: httpx2.Response) -> bytes:
        if answer.status_code != 200:
            raise FetchError("The server answered with another status than 200.")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise FetchError("The server answered with an encoding that was not asked for.")
        raw = bytearray()
        async for part in answer.aiter_raw():
            raw += part
            if len(raw) > self.most_bytes:
                raise FetchError("The answer of the server is too large.")
        return bytes(raw)

    def _client(self, host: str) -> httpx2.AsyncClient:
        """The client of a host: connections are verified for one name, so names never share them; no cookie is kept."""
        if host not in self.clients:
            no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            self.clients[host] = httpx2.AsyncClient(
                verify=ssl.create_default_context(), trust_env=False, follow_redirects=False, cookies=no_cookies,
                headers={"Accept-Encoding": "identity", "User-Agent": "calcium-cds"},
            )  # fmt: skip
        return self.clients[host]

    async def close(self) -> None:
        """Close the connections."""
        for client in self.clients.values():
            await client.aclose()


def target_of(url: str, *, loopback: bool) -> SplitResult:
    """The parts of a URL that may be fetched.

    Raises:
        FetchError: not https, or with a user, a fragment, or characters that clients read differently.

    """
    if not url.isascii() or not url.isprintable() or any(char in url for char in '\\ "<>`{}'):
        raise FetchError("The URL has characters that no URL has.")
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise FetchError("This is no URL.") from None
    schemes = ("https", "http") if loopback else ("https",)
    if target.scheme not in schemes or not target.hostname or "@" in target.netloc or "#" in url or port == 0:
        raise FetchError("Only https URLs without user and fragment are fetched.")
    return target
