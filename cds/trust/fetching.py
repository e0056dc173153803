"""Requests to other servers, guarded against SSRF: the only door to the HTTP client.

HTTPS only, no redirects, no proxies of the environment, a cap on bytes and time. The name is resolved once, its
addresses must be public, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import anyio
import httpx2

from cds.about import PROGRAM
from cds.errors import CdsError
from cds.intake.reading import parse_json

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
CARRIERS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 ranges that carry IPv4 addresses (NAT64, 6to4, Teredo): where they lead cannot be seen from the address."""
MOST_BYTES = 4 * 1024 * 1024


class FetchError(CdsError):
    """Something could not be fetched, or may not be; the text holds no URL and no data."""

    code = "fetch"


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def public_address(host: str, port: int, resolving: Resolve, *, loopback: bool) -> str:
    """The address to connect to; every address of the name must be allowed, so that no answer can be exchanged later.

    Raises:
        FetchError: the DNS lookup fails, or gives a private, local or reserved address.

    """
    try:
        addresses = [host] if _is_address(host) else await resolving(host, port)
    except (OSError, UnicodeError):
        raise FetchError("DNS lookup failed.") from None
    if not addresses or not all(is_allowed(address, loopback=loopback) for address in addresses):
        raise FetchError("The server has no public address.")
    return addresses[0]


def is_allowed(text: str, *, loopback: bool) -> bool:
    """Whether an address is public; with ``loopback``, the loopback address counts too."""
    try:
        address: Address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if loopback and address.is_loopback:
        return True
    carried = any(address in net for net in CARRIERS if net.version == address.version)
    return address.is_global and not address.is_multicast and not address.is_reserved and not carried


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


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
        target = checked_url(url, loopback=self.loopback)
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
        address = await public_address(host, port, self.resolving, loopback=self.loopback)
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
            raise FetchError("The server did not answer with status 200.")
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
                verify=ssl.create_default_context(),
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


def checked_url(url: str, *, loopback: bool) -> SplitResult:
    """The parts of a URL that may be fetched.

    Raises:
        FetchError: not https, or with a user, a fragment, or characters that clients read differently.

    """
    if not url.isascii() or not url.isprintable() or any(char in url for char in '\\ "<>`{}'):
        raise FetchError("Invalid URL: it has characters that are not allowed.")
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise FetchError("Invalid URL.") from None
    schemes = ("https", "http") if loopback else ("https",)
    if target.scheme not in schemes or not target.hostname or "@" in target.netloc or "#" in url or port == 0:
        raise FetchError("Only https URLs without user and fragment are fetched.")
    return target
