"""Which addresses a request may go to: public ones, each looked at after its name was resolved."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from cds.errors import CdsError

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
CARRIERS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 ranges that carry IPv4 addresses (NAT64, 6to4, Teredo): where they lead cannot be seen from the address."""


class FetchError(CdsError):
    """Something could not be fetched, or may not be; the text holds no URL and no data."""

    code = "fetch"


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def allowed_address(host: str, port: int, resolving: Resolve, *, loopback: bool) -> str:
    """The address to connect to; every address of the name must be allowed, so that no answer can be exchanged later.

    Raises:
        FetchError: the name leads nowhere, or to a private, local or reserved address.

    """
    try:
        addresses = [host] if _is_address(host) else await resolving(host, port)
    except (OSError, UnicodeError):
        raise FetchError("The name of the server leads nowhere.") from None
    if not addresses or not all(may_be_called(address, loopback=loopback) for address in addresses):
        raise FetchError("The server has no public address.")
    return addresses[0]


def may_be_called(text: str, *, loopback: bool) -> bool:
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
