"""Where a request goes: a URL that may be fetched -> the addresses to connect to, each of them looked at."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from cds.trust.failures import FetchError
from cds.trust.networks import AddressRules, address_of, host_name

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""Host and port -> the addresses of the host; an OSError where there are none."""
MOST_ADDRESSES = 4
"""So many addresses of a name are tried, one after the other, until one takes the connection."""
_RESOLVING = ThreadPoolExecutor(8, "resolving")
"""Threads of their own: a name server that is silent must not hold up the other work that is done in threads."""


def checked_url(url: str, *, loopback: bool) -> SplitResult:
    """The parts of a URL that may be fetched.

    Raises:
        FetchError: not https, or with a user, a fragment, or characters that clients read differently.

    """
    if not url.isascii() or not url.isprintable() or any(char in url for char in '\\ "<>`{}'):
        raise FetchError("url")
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise FetchError("url") from None
    schemes = ("https", "http") if loopback else ("https",)
    if target.scheme not in schemes or not target.hostname or "@" in target.netloc or "#" in url or port == 0:
        raise FetchError("url")
    return target


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name."""
    asking = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in await asyncio.get_running_loop().run_in_executor(_RESOLVING, asking)]


class Lookups:
    """Resolves names, each by one lookup at a time: requests for the same host wait for the same answer.

    So a name server that is silent holds one thread for a host, not one for each request.
    """

    def __init__(self, resolving: Resolve) -> None:
        self._resolving = resolving
        self._under_way: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of a host; an OSError where there are none."""
        if (host, port) not in self._under_way:
            self._under_way[host, port] = asyncio.ensure_future(self._resolving(host, port))
            self._under_way[host, port].add_done_callback(partial(self._over, (host, port)))
        return await asyncio.shield(self._under_way[host, port])

    def _over(self, name: tuple[str, int], found: asyncio.Future[list[str]]) -> None:
        del self._under_way[name]
        if not found.cancelled():
            found.exception()  # looked at, for all who waited may have gone


async def checked_addresses(target: SplitResult, resolving: Resolve, rules: AddressRules) -> list[str]:
    """The addresses to connect to; every one of the name must be allowed, so that none can be exchanged later.

    Raises:
        FetchError: the DNS lookup fails, or an address may not be called; over plain http, any but the loopback one.

    """
    host = str(target.hostname)
    try:
        named = [host] if address_of(host) else await resolving(host, port_of(target))
    except (OSError, UnicodeError):
        raise FetchError("dns") from None
    refused = sorted(filter(None, (rules.refusal(host, text) for text in named)))
    if refused:
        raise FetchError(refused[0])
    found = list(dict.fromkeys(address for text in named if (address := address_of(text))))
    if target.scheme != "https" and not all(address.is_loopback for address in found):
        raise FetchError("url")
    if not found:
        raise FetchError("dns")
    return [str(address) for address in found[:MOST_ADDRESSES]]


def host_of(url: str) -> str:
    """The host of a URL as names are compared; empty of a URL that may not be fetched."""
    try:
        return host_name(str(checked_url(url, loopback=True).hostname))
    except FetchError:
        return ""


def port_of(target: SplitResult) -> int:
    """The port of a URL."""
    return target.port or (443 if target.scheme == "https" else 80)
