"""Which addresses are called, and which of them get the token.

Status URLs, links of files and redirects come from elsewhere: none of them may lead a request to plain http, to this
machine or to its link (where clouds keep credentials), nor the token away from the server that it is for.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from cds.bulk.problems import ExportError
from cds.cards.wording import plain
from cds.trust.failures import FetchError
from cds.trust.networks import Address, is_metadata
from cds.trust.targets import checked_url

PORTS = {"https": 443, "http": 80}
LONGEST_SHOWN = 200


def parts_of(url: str) -> SplitResult:
    """The parts of an http or https URL.

    Raises:
        ExportError: it is none, or has a user, a fragment, or characters that clients read differently.

    """
    try:
        return checked_url(url, loopback=True)
    except FetchError:
        raise ExportError(
            "address-refused", f"'{shown(url)}' is not called: only http and https URLs without user and fragment are."
        ) from None


def origin_of(url: str) -> str:
    """Scheme, host and port: what a token is for."""
    parts = parts_of(url)
    host = str(parts.hostname)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or PORTS[parts.scheme]}"


def joined(url: str, target: str) -> str:
    """The URL of a link, which may be relative to a URL.

    Raises:
        ExportError: it is none.

    """
    try:
        return urljoin(url, target)
    except ValueError:
        raise ExportError("address-refused", f"{shown(url)} names something that is no URL.") from None


def shown(url: str) -> str:
    """A URL as messages have it: without user and query, which may hold a credential (a signed URL)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "something that is no URL"
    text = plain(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def is_inner(host: str) -> bool:
    """Whether a host is this machine, on its own link or a cloud's metadata, as far as the name tells."""
    address = _address(host)
    if address is None:
        name = host.rstrip(".")
        return name == "localhost" or name.endswith(".localhost")
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    return address.is_loopback or address.is_link_local or address.is_unspecified or is_metadata(address)


def _address(host: str) -> Address | None:
    """The address that a host is, in any form that resolvers take for one (127.1, 0x7f000001); None for a name."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    with suppress(OSError, UnicodeError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


class Reach(NamedTuple):
    """What may be called for one server. ``trusted``: other origins that get the token; ``plain``: http to its host."""

    server: str
    trusted: frozenset[str] = frozenset()
    plain: bool = False

    def check(self, url: str) -> None:
        """Nothing, where a URL may be called.

        Raises:
            ExportError: it may not.

        """
        host, own = str(parts_of(url).hostname), str(parts_of(self.server).hostname)
        if is_inner(host) and not is_inner(own):
            raise ExportError(
                "address-refused", f"{shown(url)} is not called: it is an address of this machine, named by a server."
            )
        if parts_of(url).scheme == "http" and not is_inner(host) and not (self.plain and host == own):
            raise ExportError(
                "address-refused",
                f"{shown(url)} is not called: patient data travel by https only. --insecure-http allows http to the "
                "host of the server itself, without a token.",
            )

    def gets_token(self, url: str) -> bool:
        """Whether the token may be sent to a URL: the origin of the server, or one that the user named."""
        return origin_of(url) in self.trusted | {origin_of(self.server)}


def check_origin(url: str) -> str:
    """The origin of a URL that a user names as one that gets the token.

    Raises:
        ExportError: it is no URL, or one of plain http that is not this machine's.

    """
    Reach(url).check(url)
    return origin_of(url)
