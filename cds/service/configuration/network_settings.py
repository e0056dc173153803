"""What is wrong with the networks, hosts, certificates and proxies of a configuration, and what to write instead."""

from __future__ import annotations

import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from cds.errors import Problem, close
from cds.rulebook.yaml_text import Page, Place
from cds.service.configuration.settings import Settings
from cds.trust.networks import NAMEABLE, Address, AddressRules, Network, address_of, host_name, is_metadata, is_public
from cds.trust.targets import host_of

WIDEST_PROXIES = 8
"""Bits: a network of proxies that is wider lets nearly every caller say where it calls from."""
HOST = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,252}")
NAMEABLE_TEXT = ", ".join(map(str, NAMEABLE))


class _Wrong(NamedTuple):
    what: str
    todo: str


def network_problems(settings: Settings, page: Page, called: Iterable[tuple[Place, str]]) -> Iterator[Problem]:
    """Every problem; ``called`` are the URLs that are called, each with its place."""
    urls = list(called)
    networks = [*_each(settings.allowed_networks, page, "allowed networks", _wrong_private), *_twice(settings, page)]
    yield from networks
    yield from _each(settings.trusted_proxies, page, "trusted proxies", _wrong_proxies)
    hosts = {host_of(url) for _, url in urls}
    for number, host in enumerate(settings.allowed_hosts):
        if wrong := _wrong_host(host, hosts):
            yield page.problem(("allowed hosts", number), *wrong, "wrong-value")
    if settings.trusted_certificates and (wrong := _wrong_certificates(settings.trusted_certificates)):
        yield page.problem(("trusted certificates",), *wrong, "wrong-value")
    if not networks:  # else what is said here may only follow from them
        yield from _unreachable(settings.address_rules._replace(loopback=True), page, urls)


def _unreachable(rules: AddressRules, page: Page, urls: Iterable[tuple[Place, str]]) -> Iterator[Problem]:
    """URLs that cannot be called, or whose host is an address that may not be."""
    for place, url in urls:
        host = host_of(url)
        address = address_of(host)
        if not host:
            yield page.problem(place, "a URL that cannot be called.", "Mend it.", "wrong-value")
        elif address and (refusal := rules.refusal(host, host)):
            yield page.problem(place, *_refused(address, refusal), "wrong-value")


def _refused(address: Address, refusal: str) -> _Wrong:
    if refusal == "private-address":
        return _Wrong(
            f"{address} is a private address.", f"Name its network under 'allowed networks', like '{address}'."
        )
    return _Wrong(f"{address} is never called.", "Use a public address, or one of a private network.")


def _each(texts: Sequence[str], page: Page, key: str, check: Callable[[Network], _Wrong | None]) -> Iterator[Problem]:
    """The problems of a list of networks."""
    for number, text in enumerate(texts):
        found = _network(text)
        wrong = found if isinstance(found, _Wrong) else check(found)
        if wrong:
            yield page.problem((key, number), *wrong, "wrong-value")


def _network(text: str) -> Network | _Wrong:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError:
        example = "10.20.0.0/16, 10.20.1.5 or fd12:3456:789a::/48"
        return _Wrong(
            f"'{text}' is no network.", f"Write it in CIDR form, like {example}; a name belongs under 'allowed hosts'."
        )
    return _Wrong(f"'{text}' is an address within a network.", f"Write '{meant}', or the address alone.")


def _wrong_private(network: Network) -> _Wrong | None:
    """Only a network that is private as a whole says what may be called beyond the public addresses."""
    if any(_is_within(network, other) for other in NAMEABLE):
        if network.num_addresses == 1 and is_metadata(network.network_address):
            return _Wrong(f"{network} is cloud metadata, which is never called.", "Remove it.")
        return None
    if any(network.overlaps(other) for other in NAMEABLE if network.version == other.version):
        return _Wrong(f"'{network}' is wider than private networks.", f"Name parts of {NAMEABLE_TEXT}.")
    if _mapped(network):
        return _Wrong(f"'{network}' is IPv4 written as IPv6.", "Write the IPv4 network itself.")
    if not (is_public(network[0]) and is_public(network[-1])):
        todo = f"Remove it; what can be named are parts of {NAMEABLE_TEXT}."
        return _Wrong(f"'{network}' is never called: of this machine, its link, or reserved.", todo)
    return _Wrong(f"'{network}' is public, and public addresses may be called anyhow.", "Remove it.")


def _wrong_proxies(network: Network) -> _Wrong | None:
    if network.prefixlen < WIDEST_PROXIES:
        what = f"'{network}' is nearly everybody, who could then say to call from anywhere."
        return _Wrong(what, "Name the addresses of your proxies.")
    return None


def _is_within(network: Network, other: Network) -> bool:
    return (
        network.version == other.version and network.network_address in other and network.prefixlen >= other.prefixlen
    )


def _mapped(network: Network) -> bool:
    return isinstance(network.network_address, ipaddress.IPv6Address) and bool(network.network_address.ipv4_mapped)


def _twice(settings: Settings, page: Page) -> Iterator[Problem]:
    """Networks that another one holds already."""
    found = [
        (number, net)
        for number, text in enumerate(settings.allowed_networks)
        if not isinstance(net := _network(text), _Wrong)
    ]
    for (_, one), (number, other) in combinations(found, 2):
        wide, narrow = sorted((one, other), key=lambda net: net.prefixlen)
        if _is_within(narrow, wide):
            yield page.problem(
                ("allowed networks", number), f"'{narrow}' is part of '{wide}'.", "Keep one of the two.", "wrong-value"
            )


def _wrong_host(host: str, known: Collection[str]) -> _Wrong | None:
    """A host that no URL has is a name that was misspelt, or one that nobody needs any more."""
    if host_name(host) in known and not address_of(host):
        return None
    if address_of(host):
        return _Wrong(f"'{host}' is an address.", "Name it under 'allowed networks'.")
    if not HOST.fullmatch(host):
        return _Wrong(f"'{host}' is no name of a host.", "Write the name alone, without scheme, port, path and '*'.")
    what = "no 'keys url' and none of the 'fhir servers' has this host."
    return _Wrong(what, close(host, known) or "Remove it, or mend the name.")


def _wrong_certificates(path: Path) -> _Wrong | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return _Wrong("the file cannot be opened.", "Mend the path.")
    if b"PRIVATE KEY" in raw:
        return _Wrong("the file holds a private key.", "Keep only certificates of authorities in it.")
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        trust.load_verify_locations(cadata=raw.decode("ascii", "replace"))
    except (ssl.SSLError, ValueError):
        return _Wrong("the file holds no certificate in PEM form.", "Begin it with '-----BEGIN CERTIFICATE-----'.")
    ends = [ssl.cert_time_to_seconds(str(found["notAfter"])) for found in trust.get_ca_certs()]
    if not ends:
        return _Wrong("none of its certificates is that of an authority.", "Name that of the authority that signs.")
    return None if max(ends) > time.time() else _Wrong("its certificates are over.", "Ask the authority for new ones.")
