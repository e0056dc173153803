"""Requests to other servers, guarded against SSRF: the only door to the HTTP client.

HTTPS only, no redirects, no proxies of the environment, a cap on bytes and time. The name is resolved once, each of its
addresses must be allowed, and the connection goes to an address that was checked.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import SplitResult

import anyio
import httpx2
import orjson

from cds.about import PROGRAM
from cds.errors import CdsError
from cds.intake.reading import parse_json
from cds.trust.failures import FetchError
from cds.trust.networks import AddressRules
from cds.trust.targets import Lookups, Resolve, checked_addresses, checked_url, port_of, resolve

MOST_BYTES = 4 * 1024 * 1024


class Fetcher:
    """Gets JSON, and posts it; where the rules open the loopback address, also over http from there.

    ``certificates`` is a file of further authorities (PEM) that may vouch for servers, beside those of the system.
    """

    def __init__(
        self,
        rules: AddressRules = AddressRules(),  # noqa: B008 - a value that nobody changes
        *,
        certificates: Path | None = None,
        resolving: Resolve = resolve,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.rules, self.certificates = rules, certificates
        self.resolving, self.most_bytes = Lookups(resolving), most_bytes
        self.clients: dict[str, httpx2.AsyncClient] = {}

    async def json(self, url: str, seconds: float, headers: Mapping[str, str] | None = None) -> object:
        """The JSON value at a URL.

        Raises:
            FetchError: it may not be fetched, or could not be.

        """
        with _failures():
            async with self._answer(url, seconds, headers or {}) as answer:
                return parse_json(await self._body(answer))

    async def reach(self, url: str, seconds: float) -> None:
        """Ask for something without credentials, and return when the server answers, whatever it says.

        Raises:
            FetchError: it may not be asked, could not be reached, redirects, or has a fault of its own (5xx).

        """
        with _failures():
            async with self._answer(url, seconds, {}) as answer:
                if answer.is_redirect or answer.status_code >= 500:
                    raise FetchError("redirect" if answer.is_redirect else "status")

    async def post(self, url: str, seconds: float, value: object) -> None:
        """Send a JSON value without credentials; a status of 2xx is its receipt.

        Raises:
            FetchError: it may not be sent, or was not received.

        """
        with _failures():
            async with self._answer(url, seconds, {"Content-Type": "application/json"}, orjson.dumps(value)) as answer:
                if not answer.is_success:
                    raise FetchError("redirect" if answer.is_redirect else "status")

    @asynccontextmanager
    async def _answer(
        self, url: str, seconds: float, headers: Mapping[str, str], posted: bytes | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """The answer to a request, whose body was not read yet, within so many seconds for everything."""
        target = checked_url(url, loopback=self.rules.loopback)
        with anyio.fail_after(seconds):
            addresses = await checked_addresses(target, self.resolving, self.rules)
            answer = await self._sent(target, addresses, seconds, headers, posted)
            try:
                yield answer
            finally:
                await answer.aclose()

    async def _sent(
        self,
        target: SplitResult,
        addresses: list[str],
        seconds: float,
        headers: Mapping[str, str],
        posted: bytes | None,
    ) -> httpx2.Response:
        """The answer of the first address that takes the connection; each may take its part of the time for that."""
        first = seconds / len(addresses)
        for address in addresses[:-1]:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return await self._to(address, target, first, headers, posted)
        return await self._to(addresses[-1], target, seconds, headers, posted)

    async def _to(
        self, address: str, target: SplitResult, seconds: float, headers: Mapping[str, str], posted: bytes | None
    ) -> httpx2.Response:
        host, place = str(target.hostname), f"[{address}]" if ":" in address else address
        url = target._replace(netloc=f"{place}:{port_of(target)}").geturl()
        sent = {**headers, "Host": target.netloc, "Accept": "application/fhir+json, application/json"}
        client, limit = self._client(host), httpx2.Timeout(None, connect=seconds)
        asked = client.build_request(
            *("GET" if posted is None else "POST", url),
            content=posted,
            headers=sent,
            timeout=limit,
            extensions={"sni_hostname": host},
        )
        return await client.send(asked, stream=True)

    async def _body(self, answer: httpx2.Response) -> bytes:
        if answer.status_code != 200:
            raise FetchError("redirect" if answer.is_redirect else "status")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise FetchError("not-json")
        raw = bytearray()
        async for part in answer.aiter_raw():
            raw += part
            if len(raw) > self.most_bytes:
                raise FetchError("too-large")
        return bytes(raw)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        trust = ssl.create_default_context()
        if self.certificates is not None:
            trust.load_verify_locations(self.certificates)
        return trust

    def _client(self, host: str) -> httpx2.AsyncClient:
        """The client of a host: connections are verified for one name, so names never share them; no cookie is kept."""
        if host not in self.clients:
            no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            self.clients[host] = httpx2.AsyncClient(
                verify=self._trust,
                trust_env=False,
                follow_redirects=False,
                cookies=no_cookies,
                headers={"Accept-Encoding": "identity", "User-Agent": PROGRAM},
            )
        return self.clients[host]

    async def close(self) -> None:
        """Close the connections."""
        for client in self.clients.values():
            await client.aclose()


@contextmanager
def _failures() -> Iterator[None]:
    """What the libraries raise, as the failure of its kind."""
    try:
        yield
    except (TimeoutError, httpx2.TimeoutException):
        raise FetchError("timeout") from None
    except httpx2.ConnectError as error:
        raise FetchError("tls" if _is_about_tls(error) else "refused") from None
    except httpx2.InvalidURL:
        raise FetchError("url") from None
    except httpx2.HTTPError:
        raise FetchError("broken-off") from None
    except FetchError:
        raise
    except CdsError:
        raise FetchError("not-json") from None


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether a certificate or a handshake is behind an error."""
    if error is None or isinstance(error, ssl.SSLError):
        return error is not None
    return _is_about_tls(error.__cause__ or error.__context__)
