"""Who was denied, from where, claiming to be whom and why: in the journal, so many a minute, and all in the metrics."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from calls import REVIEW, call, client_of, service_for
from starlette.requests import Request
from test_configuration import running, written
from test_operation import Lines
from tokens import BASE, EHR, Clock, bearer, key_set, part, token, verifier

from cds.rulebook.model import RuleBook
from cds.service.access.denials import LINES, MINUTE, MOST_KINDS, Denial, Denials
from cds.service.access.proxies import client_address
from cds.service.configuration.settings import networks_of
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.state import Service

Json = dict[str, Any]
PROXY = "10.20.1.1"


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def service(book: RuleBook, lines: Lines) -> Service:
    """A service that asks for tokens."""
    service = service_for(book)
    service.authenticator = verifier()
    service.metrics = Metrics(lambda: [book])
    service.journal = Journal(lines, count=service.metrics.event)
    return service


def counted(service: Service, figure: str) -> dict[str, float]:
    assert service.metrics is not None
    text = service.metrics.exposition()[0].decode().splitlines()
    found = (line.rpartition(" ") for line in text if line.startswith(f"calcium_cds_{figure}_total{{"))
    return {name.partition('="')[2].rstrip('"}'): float(number) for name, _, number in found}


def unsigned(**claimed: Any) -> dict[str, str]:
    """A token that somebody made up."""
    return bearer(f"{part({'alg': 'ES384', 'kid': 'x'})}.{part(claimed)}.AAAA")


def test_a_denied_call_is_told_with_address_claimed_issuer_and_reason(service: Service, lines: Lines) -> None:
    client = client_of(service)
    client.post(REVIEW, json=call(), headers=unsigned(iss="https://stranger.example/ehr"))
    client.post(REVIEW, json=call(), headers=bearer(token(aud=f"{BASE}/other")))
    client.post(REVIEW, json=call())
    told = [(line["kind"], line.get("claimed"), line["address"]) for line in lines.events("not-authorized")]
    # The address of the client of these tests is the word 'testclient', which is none.
    assert told == [("issuer", "https://stranger.example/ehr", ""), ("audience", EHR, ""), ("header", None, "")]
    assert counted(service, "denied") == {"issuer": 1, "audience": 1, "header": 1}


@pytest.mark.parametrize(
    "iss", ["x" * 129, "Ada Lovelace", "a\n{}", "https://user:pass@ehr.example", "https://e.example/?token=1", "<b>",
            "ümlaut", "", 5, None, ["https://ehr.example"], {"a": 1}, "javascript:alert(1)?", "../../etc", "%41"],
)  # fmt: skip
def test_what_has_not_the_form_of_an_issuer_is_not_written(iss: Any, service: Service, lines: Lines) -> None:
    found = client_of(service).post(REVIEW, json=call(), headers=unsigned(iss=iss))
    (line,) = lines.events("not-authorized")
    assert (found.status_code, line["kind"], "claimed" in line, "dropped" in line) == (401, "issuer", False, False)


def test_a_caller_who_calls_too_often_is_told_with_its_issuer(book: RuleBook, lines: Lines) -> None:
    service = service_for(book, limits={"calls per second": 0.01, "burst": 1})
    service.authenticator, service.journal = verifier(), Journal(lines)
    client = client_of(service)
    assert [client.post(REVIEW, json=call(), headers=bearer(token())).status_code for _ in range(2)] == [200, 429]
    assert [(line["kind"], line["claimed"]) for line in lines.events("not-authorized")] == [("rate", EHR)]


def denials(lines: Lines, metrics: Metrics | None = None) -> tuple[Denials, Clock]:
    journal, clock = Journal(lines, count=metrics.event if metrics else lambda _: None), Clock()
    return Denials(lambda: journal, lambda: metrics, clock), clock


def test_a_flood_has_ten_lines_a_minute_then_one_with_what_was_left_out_and_counts_in_all(
    book: RuleBook, lines: Lines
) -> None:
    metrics = Metrics(lambda: [book])
    noted, clock = denials(lines, metrics)
    for _ in range(5000):
        noted.note(Denial("signature", "10.0.0.1", EHR))
    noted.note(Denial("signature", "10.0.0.2", EHR))
    noted.note(Denial("replay", "10.0.0.1", EHR))
    assert len(lines.events("not-authorized")) == LINES + 2
    clock.time += MINUTE
    noted.sweep()
    (left_out,) = lines.events("not-authorized-left-out")
    assert (left_out["kind"], left_out["address"], left_out["count"]) == ("signature", "10.0.0.1", 5000 - LINES)
    noted.note(Denial("signature", "10.0.0.1", EHR))
    assert len(lines.events("not-authorized")) == LINES + 3
    text = metrics.exposition()[0].decode()
    assert 'calcium_cds_denied_total{reason="signature"} 5002.0' in text
    assert 'calcium_cds_event_total{name="not-authorized"} 5003.0' in text


def test_many_addresses_fill_neither_memory_nor_journal(lines: Lines) -> None:
    noted, clock = denials(lines)
    for number in range(20_000):
        noted.note(Denial("signature", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    assert len(noted._seen) == MOST_KINDS + 1
    assert len(lines.events("not-authorized")) == MOST_KINDS + LINES
    clock.time += MINUTE
    noted.sweep()
    (left_out,) = lines.events("not-authorized-left-out")
    assert (left_out["address"], left_out["count"]) == ("", 20_000 - MOST_KINDS - LINES)


def seen_from(peer: str | None, *forwarded: str, trusted: str = "10.20.1.0/24 fd12::/64 127.0.0.1") -> str:
    headers = [(b"x-forwarded-for", text.encode("latin-1")) for text in forwarded]
    scope = {"type": "http", "headers": headers, "client": (peer, 4711) if peer else None}
    return client_address(Request(scope), networks_of(trusted.split()))


ADDRESSES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "no proxy": ("192.0.2.7", ("192.0.2.7",)),
    "what a stranger writes is not believed": ("192.0.2.7", ("192.0.2.7", "198.51.100.1")),
    "a trusted proxy": ("198.51.100.1", (PROXY, "198.51.100.1")),
    "the client wrote entries before its own": ("198.51.100.1", (PROXY, "127.0.0.1, 10.20.1.9, 198.51.100.1")),
    "two trusted proxies": ("198.51.100.1", (PROXY, "198.51.100.1, 10.20.1.2")),
    "a proxy that is not trusted before a trusted one": ("10.99.0.1", (PROXY, "198.51.100.1, 10.99.0.1")),
    "two headers": ("198.51.100.1", (PROXY, "203.0.113.9", "198.51.100.1")),
    "with a port": ("198.51.100.1", (PROXY, "198.51.100.1:4711")),
    "IPv6 with a port": ("2001:db8::7", (PROXY, "[2001:db8::7]:4711")),
    "IPv6": ("2001:db8::7", ("fd12::1", "2001:db8::7")),
    "a trusted proxy as IPv6": ("198.51.100.1", (f"::ffff:{PROXY}", "198.51.100.1")),
    "a neighbour on the same link": ("fe80::1", ("fe80::1%eth0",)),
    "no header": (PROXY, (PROXY,)),
    "an empty header": (PROXY, (PROXY, "")),
    "a word": (PROXY, (PROXY, "unknown")),
    "markup": (PROXY, (PROXY, "<script>")),
    "a word before an address": ("198.51.100.1", (PROXY, "unknown, 198.51.100.1")),
    "a word after an address": (PROXY, (PROXY, "198.51.100.1, unknown")),
    "no address of the connection": ("", (None, "198.51.100.1")),
    "thousands of proxies": ("10.20.1.2", (PROXY, "198.51.100.1, " + ", ".join(["10.20.1.2"] * 2000))),
}


@pytest.mark.parametrize("says", ADDRESSES)
def test_the_address_of_a_client_is_believed_of_trusted_proxies_alone(says: str) -> None:
    expected, (peer, *forwarded) = ADDRESSES[says]
    assert seen_from(peer, *forwarded) == expected


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert seen_from("127.0.0.1", "198.51.100.1", trusted="") == "127.0.0.1"


@pytest.mark.slow
def test_a_running_service_believes_its_configuration_and_no_variable_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does any header change to whom a token must be made out."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    (tmp_path / "keys.json").write_text(json.dumps(key_set()), encoding="utf-8")
    issuers = f"public url: {BASE}\nissuers:\n  - issuer: {EHR}\n    keys file: keys.json\n"
    spoofed = {"x-forwarded-for": "198.51.100.1", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http",
               "forwarded": "for=198.51.100.9;host=evil.example", "host": "evil.example"}  # fmt: skip
    told = []
    for trusted in ("", "trusted proxies:\n  - 127.0.0.0/8\n"):
        with running("--config", str(written(tmp_path, f"{issuers}{trusted}"))) as (base, process):
            now = time.time()
            fresh = {"iat": now, "exp": now + 200, "header": {"jku": None}}
            statuses = [
                httpx2.post(f"{base}{REVIEW}", json=call(), headers={**signed, **spoofed}, trust_env=False).status_code
                for signed in (bearer(token(**fresh)), bearer(token(aud=f"http://evil.example{REVIEW}", **fresh)))
            ]
            process.terminate()
            _, said = process.communicate(timeout=30)
        found = [json.loads(line) for line in said.splitlines() if '"not-authorized"' in line]
        told.append((statuses, [(line["kind"], line["address"], line["claimed"]) for line in found]))
    assert told == [
        ([200, 401], [("audience", "127.0.0.1", EHR)]),
        ([200, 401], [("audience", "198.51.100.1", EHR)]),
    ]
