"""Who calls through a proxy: the address of the client, as far as proxies that the configuration trusts say so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.requests import Request

from cds.trust.networks import Address, Network, address_of, is_in

MOST_HOPS = 20
"""So many entries of the header are looked at, from the end."""


def client_address(request: Request, trusted: Sequence[Network]) -> str:
    """The address of the client; empty where there is none (a socket that is a file).

    It is that of the connection. Where that is a trusted proxy, it is the last entry of ``X-Forwarded-For`` that is no
    trusted proxy: entries before that one are what anybody may write.
    """
    found = address_of(request.client.host.partition("%")[0]) if request.client else None
    entries = ",".join(request.headers.getlist("x-forwarded-for")).split(",") if trusted else []
    for entry in reversed(entries[-MOST_HOPS:]):
        named = _address(entry)
        if found is None or named is None or not is_in(found, trusted):
            break
        found = named
    return str(found or "")


def _address(entry: str) -> Address | None:
    """The address of an entry, which some proxies write with a port."""
    text = entry.strip()
    if found := address_of(text):
        return found
    with suppress(ValueError):
        return address_of(urlsplit(f"//{text}").hostname or "")
    return None
