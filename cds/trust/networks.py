"""Which addresses may be called: public ones, private ones that the configuration names, and some never.

Private networks: RFC 1918, RFC 4193, RFC 6598. Whatever the configuration says, nothing is called where a machine finds
itself, its link or the credentials of its cloud, nor what leads to an address that cannot be seen.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in text.split())


PRIVATE = _networks("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7")
SHARED = _networks("100.64.0.0/10")
"""Addresses of carriers and of container platforms: only a network that is named opens them, no name of a host does."""
NAMEABLE = (*PRIVATE, *SHARED)
METADATA = _networks("169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::/32 fd20:ce::254")
"""Where clouds tell a machine its credentials: AWS, Azure and others; Azure's agent; Alibaba; Oracle; AWS; Google."""
CARRIERS = _networks("64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32 192.88.99.0/24")
"""What carries IPv4 inside (NAT64, 6to4 and its relays, Teredo): where it leads cannot be seen from the address."""
NOT_ASSIGNED = _networks("3fff::/20 5f00::/16")
"""Documentation and segment routing, which only newer versions of Python know (RFC 9637, RFC 9602)."""
GLOBAL_IPV6 = _networks("2000::/3")
"""All that is assigned of the public IPv6 addresses."""
LINK_METADATA = 0xA9FEA9FE
"""169.254.169.254 as the end of an IPv6 address: how some clouds, and a NAT64 of one's own, write it."""


class AddressRules(NamedTuple):
    """The private addresses that may be called: those of ``networks``, and those that the names of ``hosts`` lead to.

    ``loopback`` opens this machine's own, for tests and trials.
    """

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    loopback: bool = False

    def refusal(self, host: str, text: str) -> str:
        """Why an address, to which the name of a host leads, may not be called; empty where it may.

        It is ``private-address`` where the configuration could allow it, else ``forbidden-address``.
        """
        address = address_of(text)
        if address is None:
            return "forbidden-address"
        if address.is_loopback:
            return "" if self.loopback else "forbidden-address"
        if is_metadata(address) or not (is_in(address, NAMEABLE) or is_public(address)):
            return "forbidden-address"
        named = is_in(address, self.networks) or (host_name(host) in self.hosts and is_in(address, PRIVATE))
        return "private-address" if is_in(address, NAMEABLE) and not named else ""


def address_of(text: str) -> Address | None:
    """The address of a text, or the IPv4 address that it is written for; None of a name, or with a zone (``%eth0``)."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return None if "%" in text else address.ipv4_mapped or address
    return address


def host_name(text: str) -> str:
    """The name of a host as names are compared."""
    return text.lower().rstrip(".")


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of the networks holds an address."""
    return any(address in network for network in networks)


def is_metadata(address: Address) -> bool:
    """Whether a cloud may tell secrets of this machine at an address."""
    ends_so = address.version == 6 and int(address) & 0xFFFFFFFF == LINK_METADATA
    return ends_so or is_in(address, METADATA)


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet, to which it leads itself."""
    assigned = address.version == 4 or is_in(address, GLOBAL_IPV6)
    special = address.is_multicast or address.is_reserved or is_in(address, (*CARRIERS, *NOT_ASSIGNED))
    return assigned and address.is_global and not special
