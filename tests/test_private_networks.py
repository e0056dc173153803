"""Private addresses are called where the configuration names them, and nothing else beyond the public ones ever is.

Names are resolved by a table; what is refused makes no connection. Every listener is on the loopback address.
"""

from __future__ import annotations

import asyncio
import ipaddress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from test_configuration import problems, written
from test_fetching import listen, ok
from tokens import EHR

from cds.bulk.addresses import is_inner
from cds.service.configuration.reading import read_settings
from cds.service.configuration.settings import Settings
from cds.trust.failures import FetchError
from cds.trust.fetching import Fetcher
from cds.trust.networks import AddressRules
from cds.trust.targets import checked_addresses

assert listen  # a fixture of another module
KEYS = "keys.hospital.internal"
PUBLIC = "93.184.216.34"


class Case(NamedTuple):
    """To what a name resolves, what the configuration allows, and the kind of refusal (none: the address is called)."""

    says: str
    refused: str
    found: str
    networks: str = ""
    hosts: str = ""
    url: str = f"https://{KEYS}/jwks.json"


CASES = (
    Case("a public address", "", PUBLIC),
    Case("a public IPv6 address", "", "2606:4700:4700::1111"),
    Case("10/8 that nobody named", "private-address", "10.20.0.5"),
    Case("172.16/12 that nobody named", "private-address", "172.31.255.254"),
    Case("192.168/16 that nobody named", "private-address", "192.168.1.1"),
    Case("fc00::/7 that nobody named", "private-address", "fd12:3456:789a::5"),
    Case("100.64/10 that nobody named", "private-address", "100.64.0.1"),
    Case("a named network of 10/8", "", "10.20.0.5", "10.20.0.0/16"),
    Case("a named address of 10/8", "", "10.20.0.5", "10.20.0.5"),
    Case("beside a named network", "private-address", "10.21.0.5", "10.20.0.0/16"),
    Case("one of two named networks", "", "192.168.7.7", "10.20.0.0/16 192.168.7.0/24"),
    Case("a named network of fc00::/7", "", "fd12:3456:789a::5", "fd12:3456:789a::/48"),
    Case("beside a named network of fc00::/7", "private-address", "fd12:3456:789b::5", "fd12:3456:789a::/48"),
    Case("a named network of 100.64/10", "", "100.64.0.1", "100.64.0.0/16"),
    Case("a public address beside named networks", "", PUBLIC, "10.20.0.0/16"),
    Case("a named host in 10/8", "", "10.20.0.5", "", KEYS),
    Case("a named host in 192.168/16", "", "192.168.1.1", "", KEYS),
    Case("a named host in fc00::/7", "", "fd12:3456:789a::5", "", KEYS),
    Case("a named host in 100.64/10, which only a network opens", "private-address", "100.64.0.1", "", KEYS),
    Case("another host than the named one", "private-address", "10.20.0.5", "", KEYS, "https://ehr.hospital.internal/"),
    Case("a host below the named one", "private-address", "10.20.0.5", "", KEYS, f"https://evil.{KEYS}/"),
    Case("a host that begins like it", "private-address", "10.20.0.5", "", KEYS, f"https://{KEYS}.evil.example/"),
    Case("the named host in capitals", "", "10.20.0.5", "", KEYS, f"https://{KEYS.upper()}/"),
    Case("the named host with a closing dot", "", "10.20.0.5", "", KEYS, f"https://{KEYS}./"),
    Case("several addresses of a named host", "", "10.20.0.5 10.30.0.5", "", KEYS),
    Case("a named and a public address", "", f"10.20.0.5 {PUBLIC}", "10.20.0.0/16"),
    Case("a named address, and one that is not", "private-address", "10.20.0.5 192.168.1.1", "10.20.0.0/16"),
    Case("a public address, then a private one", "private-address", f"{PUBLIC} 10.20.0.5"),
    Case("a private address, then a public one", "private-address", f"10.20.0.5 {PUBLIC}"),
    Case("a named address, and metadata", "forbidden-address", "10.20.0.5 169.254.169.254", "10.0.0.0/8", KEYS),
    Case("a named address, and this machine", "forbidden-address", "127.0.0.1 10.20.0.5", "10.0.0.0/8", KEYS),
    Case("metadata of AWS and others", "forbidden-address", "169.254.169.254", "10.0.0.0/8", KEYS),
    Case("metadata of AWS by IPv6", "forbidden-address", "fd00:ec2::254", "fc00::/7", KEYS),
    Case("metadata of Google by IPv6", "forbidden-address", "fd20:ce::254", "fc00::/7", KEYS),
    Case("metadata of Oracle by IPv6", "forbidden-address", "fd00:c1::a9fe:a9fe", "fc00::/7", KEYS),
    Case("metadata of Alibaba", "forbidden-address", "100.100.100.200", "100.64.0.0/10", KEYS),
    Case("metadata of Azure's agent, a public address", "forbidden-address", "168.63.129.16", "", KEYS),
    Case("metadata of Oracle", "forbidden-address", "192.0.0.192", "", KEYS),
    Case("metadata behind a NAT64 of one's own", "forbidden-address", "fd64::a9fe:a9fe", "fc00::/7", KEYS),
    Case("link-local", "forbidden-address", "169.254.7.7", "", KEYS),
    Case("link-local IPv6", "forbidden-address", "fe80::1", "", KEYS),
    Case("link-local IPv6 with a zone", "forbidden-address", "fe80::1%eth0", "", KEYS),
    Case("site-local IPv6, which is no more", "forbidden-address", "fec0::1", "", KEYS),
    Case("this machine", "forbidden-address", "127.0.0.1", "", KEYS),
    Case("this machine by IPv6", "forbidden-address", "::1", "", KEYS),
    Case("no address", "forbidden-address", "0.0.0.0", "", KEYS),  # noqa: S104 - refused
    Case("no IPv6 address", "forbidden-address", "::", "", KEYS),
    Case("multicast", "forbidden-address", "224.0.0.1", "", KEYS),
    Case("multicast by IPv6", "forbidden-address", "ff02::1", "", KEYS),
    Case("broadcast", "forbidden-address", "255.255.255.255", "", KEYS),
    Case("reserved", "forbidden-address", "240.0.0.1", "", KEYS),
    Case("documentation", "forbidden-address", "192.0.2.1", "", KEYS),
    Case("IPv6 documentation, also the new one", "forbidden-address", "3fff::1", "", KEYS),
    Case("10/8 as IPv6, that nobody named", "private-address", "::ffff:10.20.0.5"),
    Case("10/8 as IPv6, named", "", "::ffff:10.20.0.5", "10.20.0.0/16"),
    Case("metadata as IPv6", "forbidden-address", "::ffff:169.254.169.254", "", KEYS),
    Case("this machine as IPv6", "forbidden-address", "::ffff:127.0.0.1", "", KEYS),
    Case("an IPv4-compatible address", "forbidden-address", "::10.20.0.5", "10.0.0.0/8", KEYS),
    Case("a named address by NAT64", "forbidden-address", "64:ff9b::a14:5", "10.20.0.0/16", KEYS),
    Case("a named address by a local NAT64", "forbidden-address", "64:ff9b:1::a14:5", "10.20.0.0/16", KEYS),
    Case("a named address by 6to4", "forbidden-address", "2002:a14:5::", "10.20.0.0/16", KEYS),
    Case("a named address by Teredo", "forbidden-address", "2001:0:a14:5::", "10.20.0.0/16", KEYS),
    Case("a relay of 6to4", "forbidden-address", "192.88.99.1", "", KEYS),
    Case("an address as the host, that nobody named", "private-address", "", "", "", "https://10.20.0.5/"),
    Case("an address as the host, named", "", "", "10.20.0.5", "", "https://10.20.0.5/"),
    Case("metadata as the host", "forbidden-address", "", "10.0.0.0/8", "", "https://169.254.169.254/"),
    Case("an IPv6 address as the host, named", "", "", "fd12::/16", "", "https://[fd12::5]/"),
    Case("an address in one number", "forbidden-address", "127.0.0.1", "", KEYS, "https://2130706433/"),
    Case("a private address in octal", "private-address", "10.20.0.5", "", KEYS, "https://012.024.0.5/"),
    Case("a named host over http", "url", "10.20.0.5", "10.20.0.0/16", KEYS, f"http://{KEYS}/"),
    Case("a name that nobody knows", "dns", "unknown"),
    Case("a name without addresses", "dns", ""),
)  # fmt: skip


def rules(networks: str = "", hosts: str = "", **more: Any) -> AddressRules:
    named = tuple(ipaddress.ip_network(text) for text in networks.split())
    return AddressRules(named, frozenset(hosts.split()), **more)


def table(found: str) -> Any:
    async def resolving(_: str, __: int) -> list[str]:
        if found == "unknown":
            raise OSError
        return found.split()

    return resolving


def looked_at(url: str, found: str, allowed: AddressRules) -> list[str] | str:
    """The addresses to connect to, or the kind of refusal, before anything could be called."""
    try:
        return asyncio.run(checked_addresses(urlsplit(url), table(found), allowed))
    except FetchError as error:
        return error.kind


async def tried(fetcher: Fetcher, url: str, seconds: float = 5) -> str:
    try:
        await fetcher.json(url, seconds)
    except FetchError as error:
        return error.kind
    return ""


def kinds_of_failure(fetcher: Fetcher, url: str, times: int = 1) -> list[str]:
    """The kinds of failures of requests one after the other; an empty one for success."""

    async def all_of_them() -> list[str]:
        try:
            return [await tried(fetcher, url) for _ in range(times)]
        finally:
            await fetcher.close()

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_an_address_is_called_or_refused(case: Case, listen: Any) -> None:
    """Refused: no connection is begun, and the listener on this machine hears nothing."""
    server = listen(lambda _: ok({}))
    url = case.url.replace("/jwks.json", f":{server.port}/jwks.json")
    allowed, resolving = rules(case.networks, case.hosts), table(case.found)
    if case.refused:
        assert looked_at(url, case.found, allowed) == case.refused
        fetcher = Fetcher(allowed, resolving=resolving)
        assert kinds_of_failure(fetcher, url) == [case.refused]
        assert (fetcher.clients, server.seen) == ({}, [])
    else:
        named = case.found.split() or [str(urlsplit(url).hostname)]
        assert looked_at(url, case.found, allowed) == [text.removeprefix("::ffff:") for text in named]


def test_the_table_is_of_more_than_forty_rules_and_each_is_another() -> None:
    assert len({case[1:] for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("found", ["10.20.0.5", f"127.0.0.1 {PUBLIC}", PUBLIC])
def test_plain_http_is_for_this_machine_alone_also_where_that_is_opened(found: str) -> None:
    allowed = rules("10.20.0.0/16", KEYS, loopback=True)
    assert looked_at(f"http://{KEYS}/", found, allowed) == "url"
    fetcher = Fetcher(allowed, resolving=table(found))
    assert (kinds_of_failure(fetcher, f"http://{KEYS}/"), fetcher.clients) == (["url"], {})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["{other}", "https://169.254.169.254/latest/", "https://10.20.0.5/", "//[::1]/", ""])
def test_a_redirect_is_followed_to_nowhere_and_called_by_its_kind(status: int, target: str, listen: Any) -> None:
    other = listen(lambda _: ok({}))
    first = listen(lambda _: (status, {"Location": target.format(other=other.base)}, b""))
    fetcher = Fetcher(rules("10.0.0.0/8", "127.0.0.1", loopback=True))
    assert kinds_of_failure(fetcher, first.base) == ["redirect"]
    assert (len(first.seen), other.seen, list(fetcher.clients)) == (1, [], ["127.0.0.1"])


def test_a_name_that_is_given_another_address_later_is_looked_at_again_and_the_checked_address_is_called(
    listen: Any,
) -> None:
    server, answers = (
        listen(lambda _: ok({})),
        iter(["127.0.0.1", "10.20.0.5", "127.0.0.1 169.254.169.254", "127.0.0.1"]),
    )
    asked: list[str] = []

    async def resolving(host: str, _: int) -> list[str]:
        asked.append(host)
        return next(answers).split()

    url = f"http://rebinding.example:{server.port}/"
    found = kinds_of_failure(Fetcher(rules(loopback=True), resolving=resolving), url, times=4)
    assert found == ["", "private-address", "forbidden-address", ""]
    assert (len(asked), len(server.seen)) == (4, 2)


@pytest.mark.parametrize("found", ["127.0.0.2 127.0.0.1", "127.0.0.1 127.0.0.2"])
def test_where_an_address_takes_no_connection_the_next_one_is_called(found: str, listen: Any) -> None:
    server = listen(lambda _: ok({}))
    url = f"http://two.example:{server.port}/"
    fetcher = Fetcher(rules(loopback=True), resolving=table(found))
    assert (kinds_of_failure(fetcher, url), len(server.seen)) == ([""], 1)


def test_requests_for_one_host_wait_for_one_lookup_and_a_silent_name_server_costs_their_time_alone() -> None:
    asked: list[str] = []

    async def silent(host: str, _: int) -> list[str]:
        asked.append(host)
        await asyncio.sleep(60)
        return []

    async def hundred() -> set[str]:
        fetcher = Fetcher(resolving=silent)
        found = await asyncio.gather(*(tried(fetcher, f"https://{KEYS}/{n}", 0.2) for n in range(100)))
        return {*found, await tried(fetcher, "https://other.example/", 0.2)}

    assert asyncio.run(hundred()) == {"timeout"}
    assert asked == [KEYS, "other.example"]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("status", lambda _: (500, {}, b"")), ("not-json", lambda _: (200, {}, b"<html>")),
     ("too-large", lambda _: (200, {}, b"1" * 5_000_000)),
     ("broken-off", lambda _: (200, {"Content-Length": "9"}, b"{")),
     ("redirect", lambda _: (302, {"Location": "/"}, b""))],
)  # fmt: skip
def test_what_a_server_does_wrong_has_a_kind(kind: str, answer: Any, listen: Any) -> None:
    assert kinds_of_failure(Fetcher(rules(loopback=True)), listen(answer).base) == [kind]


def test_a_server_that_is_not_there_and_one_without_tls_have_their_kinds(listen: Any) -> None:
    server = listen(lambda _: ok({}))
    plain = server.base.replace("http://", "https://")
    assert kinds_of_failure(Fetcher(rules(loopback=True)), plain) == ["tls"]
    server.close()
    assert kinds_of_failure(Fetcher(rules(loopback=True)), server.base) == ["refused"]


@pytest.mark.parametrize("host", ["100.100.100.200", "fd00:ec2::254", "168.63.129.16", "169.254.169.254"])
def test_nor_does_a_link_of_a_bulk_export_lead_to_metadata(host: str) -> None:
    assert is_inner(host)


URLS = f"issuers:\n  - issuer: {EHR}\n    keys url: https://{KEYS}/jwks.json\n"
WRONG = {
    "allowed networks:\n  - 10.20.0.5/16\n": "Write '10.20.0.0/16', or the address alone",
    "allowed networks:\n  - 0.0.0.0/0\n": "wider than private networks. Name parts of 10.0.0.0/8",
    "allowed networks:\n  - ::/0\n": "wider than private networks",
    "allowed networks:\n  - 10.0.0.0/7\n": "wider than private networks",
    "allowed networks:\n  - 8.8.8.0/24\n": "public addresses may be called anyhow. Remove it",
    "allowed networks:\n  - 2606:4700::/32\n": "public addresses may be called anyhow",
    "allowed networks:\n  - 127.0.0.0/8\n": "is never called",
    "allowed networks:\n  - 169.254.0.0/16\n": "is never called",
    "allowed networks:\n  - fe80::/10\n": "is never called",
    "allowed networks:\n  - 224.0.0.0/4\n": "is never called",
    "allowed networks:\n  - 2002::/16\n": "is never called",
    "allowed networks:\n  - 64:ff9b::/96\n": "is never called",
    "allowed networks:\n  - ::ffff:10.0.0.0/104\n": "Write the IPv4 network itself",
    "allowed networks:\n  - 100.100.100.200\n": "cloud metadata",
    f"allowed networks:\n  - {KEYS}\n": "a name belongs under 'allowed hosts'",
    "allowed networks:\n  - 10.1.0.0/16\n  - 10.0.0.0/8\n": "'10.1.0.0/16' is part of '10.0.0.0/8'",
    "allowed networks: 10.0.0.0/8\n": "after '- '",
    "allowed hosts:\n  - 10.20.0.5\n": "Name it under 'allowed networks'",
    "allowed hosts:\n  - keys.hospital.internl\n": f"Did you mean '{KEYS}'?",
    "allowed hosts:\n  - other.example\n": "Remove it, or mend the name",
    f"allowed hosts:\n  - https://{KEYS}\n": "without scheme, port, path and '*'",
    "allowed hosts:\n  - '*.hospital.internal'\n": "without scheme, port, path and '*'",
    "fhir servers:\n  - https://10.20.0.5/r4\n": "10.20.0.5 is a private address. Name its network",
    "fhir servers:\n  - https://169.254.169.254/r4\n": "169.254.169.254 is never called",
    "fhir servers:\n  - https://[bad/r4\n": "cannot be called",
    "trusted proxies:\n  - 0.0.0.0/0\n": "nearly everybody",
    "trusted proxies:\n  - 10.20.1.1/24\n": "Write '10.20.1.0/24'",
    "trusted certificates: none.pem\n": "the file cannot be opened",
    "trusted certificates: service.yaml\n": "no certificate in PEM form",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_network_host_or_file_that_cannot_be_meant_is_refused_with_its_line_and_what_to_write(
    text: str, tmp_path: Path
) -> None:
    found = problems(tmp_path, f"public url: https://cds.example.org\n{URLS}{text}")
    assert len(found) == 1
    assert WRONG[text] in found[0]
    assert int(found[0].split(":")[1]) >= 5


def test_what_the_configuration_allows_is_what_is_called(tmp_path: Path) -> None:
    text = f"{URLS}allowed networks:\n  - 10.20.0.0/16\n  - fd12::5\nallowed hosts:\n  - Keys.Hospital.Internal\n"
    settings = read_settings(written(tmp_path, f"public url: https://cds.example.org\n{text}"))
    assert settings.address_rules == rules("10.20.0.0/16 fd12::5/128", KEYS)
    assert Settings().address_rules == AddressRules()
