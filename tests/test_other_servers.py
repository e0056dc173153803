"""A key set or FHIR server that cannot be had is named by readiness, journal and metrics; calls are answered still."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, call, client_of, service_for
from test_configuration import written
from test_fetching import ACCESS, Listener, fhir_server, listen, ok
from test_operation import Lines
from test_readiness import ready
from tokens import EHR, Clock, key_set

from cds.rulebook.model import RuleBook
from cds.service.access.other_servers import SAID_EVERY, FhirNews, completion_of, fhir_health
from cds.service.configuration.reading import read_settings
from cds.service.observability.health import Health
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service
from cds.service.wiring import build_service
from cds.trust.fetching import Fetcher
from cds.trust.fhir_servers import FhirServer, probe_all
from cds.trust.networks import AddressRules

assert listen  # a fixture of another module
Json = dict[str, Any]
OPEN = AddressRules(loopback=True)
FAILING = (500, {}, b"{}")


@pytest.fixture
def lines() -> Lines:
    return Lines()


def asking(book: RuleBook, lines: Lines, base: str, rules: AddressRules = OPEN) -> Service:
    """A service that completes prefetches from one server, with the health that reports on it."""
    service = service_for(book)
    service.metrics = Metrics(lambda: [book])
    service.journal = Journal(lines, count=service.metrics.event)
    service.completion = completion_of({"": [base]}, Fetcher(rules), service)
    servers = service.completion.all_servers
    checks = [lambda: fhir_health(servers)]
    service.health = Health([CurrentRulebook(book)], service.journal, checks=checks)
    service.health.poll()
    return service


def called(service: Service, base: str) -> None:
    """A call that asks for the rest of its prefetch; it is answered whatever the server does."""
    sent = call(observations="left out", goals="left out")
    body = {**sent, "fhirServer": base, "fhirAuthorization": ACCESS}
    assert client_of(service).post(REVIEW, json=body).status_code == 200


def figures(service: Service) -> dict[str, float]:
    """The figures about failures."""
    assert service.metrics is not None
    text = service.metrics.exposition()[0].decode()
    found = (line.rpartition(" ") for line in text.splitlines() if "fetch_failed_total{" in line or "fhir-" in line)
    return {name.partition('="')[2].rstrip('"}'): float(number) for name, _, number in found}


def test_a_server_that_fails_in_all_is_named_until_it_answers(book: RuleBook, lines: Lines, listen: Any) -> None:
    answers: list[Any] = [None]
    server = listen(lambda path: FAILING if answers[0] else fhir_server(path))
    service = asking(book, lines, server.base)
    client = client_of(service)
    called(service, server.base)
    assert (ready(client), lines.events("fhir-not-fetched")) == ((200, '{"status": "ready"}'), [])
    answers[0] = "failing"
    called(service, server.base)
    status, body = ready(client)
    assert (status, "FHIR server 1 gave nothing that calls asked it for: status, since 20" in body) == (200, True)
    (line,) = lines.events("fhir-not-fetched")
    assert (line["kind"], line["number"], line["host"], line["count"]) == ("status", 1, "127.0.0.1", 2)
    assert figures(service) == {"status": 2, "fhir-not-fetched": 1}
    answers[0] = None
    called(service, server.base)
    assert ready(client) == (200, '{"status": "ready"}')
    assert len(lines.events("fhir-fetched-again")) == 1
    for text in (body, lines.getvalue()):
        assert not any(word in text for word in (ACCESS["access_token"], "Patient/p", str(server.port), "/fhir"))


def test_a_server_that_answers_in_part_is_named_as_that(book: RuleBook, lines: Lines, listen: Any) -> None:
    server = listen(lambda path: (403, {}, b"") if "/Goal" in path else fhir_server(path))
    service = asking(book, lines, server.base)
    called(service, server.base)
    status, body = ready(client_of(service))
    assert (status, "FHIR server 1 did not give all that a call asked it for: status" in body) == (200, True)
    assert [line["count"] for line in lines.events("fhir-not-fetched")] == [1]


def test_a_private_address_is_no_longer_refused_silently(book: RuleBook, lines: Lines) -> None:
    """Nothing is called: the host of the URL is the address."""
    base = "https://10.20.0.5/SECRET/r4"
    service = asking(book, lines, base)
    called(service, base)
    _, body = ready(client_of(service))
    assert "private-address" in body
    assert "Name its network under 'allowed networks', or its host under 'allowed hosts'" in body
    (line,) = lines.events("fhir-not-fetched")
    assert (line["kind"], line["host"], "allowed networks" in line["problem"]) == ("private-address", "10.20.0.5", True)
    assert "SECRET" not in body + lines.getvalue()
    assert figures(service)["private-address"] == 2


KINDS: dict[str, Callable[[str], Any]] = {
    "status": lambda _: (503, {}, b""),
    "redirect": lambda _: (302, {"Location": "https://10.0.0.1/"}, b""),
    "not-json": lambda _: (200, {}, b"<html>"),
    "too-large": lambda _: (200, {}, b'"' + b"x" * 5_000_000 + b'"'),
    "broken-off": lambda _: (200, {"Content-Length": "1000"}, b"{}"),
    "not-fhir": lambda _: ok({"resourceType": "OperationOutcome"}),
    "outside": lambda path: (
        ok({"resourceType": "Bundle", "link": [{"relation": "next", "url": "https://evil.example/"}]})
        if "Observation" in path or "Goal" in path
        else fhir_server(path)
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_failure_of_a_fhir_server_is_told_by_its_name(
    kind: str, book: RuleBook, lines: Lines, listen: Any
) -> None:
    server = listen(KINDS[kind])
    service = asking(book, lines, server.base)
    called(service, server.base)
    assert f": {kind}, since" in ready(client_of(service))[1]
    assert [line["kind"] for line in lines.events("fhir-not-fetched")] == [kind]


def test_the_same_failure_has_a_line_each_minute_and_every_one_is_counted(book: RuleBook, lines: Lines) -> None:
    service, clock = service_for(book), Clock()
    service.metrics = Metrics(lambda: [book])
    service.journal = Journal(lines)
    server = FhirServer(EHR, 2, "https://ehr.example.org/r4", FhirNews(service, clock).tell, clock)
    for _ in range(1000):
        server.note(["timeout", "timeout"], 0)
    clock.time += SAID_EVERY
    server.note(["timeout"], 0)
    server.note(["timeout"], 3)
    server.note(["refused"], 0)
    server.note([], 4)
    told = [(line["event"], line.get("kind"), line.get("count")) for line in lines.events()]
    assert told == [
        ("fhir-not-fetched", "timeout", 2), ("fhir-not-fetched", "timeout", 1), ("fhir-not-fetched", "timeout", 1),
        ("fhir-not-fetched", "refused", 1), ("fhir-fetched-again", None, None),
    ]  # fmt: skip
    assert figures(service) == {"timeout": 2002, "refused": 1}
    assert {(line["client"], line["number"]) for line in lines.events()} == {(EHR, 2)}


def probed(server: FhirServer, times: int = 1) -> None:
    """What the service does at the start and every ten minutes."""
    slept: list[float] = []

    async def stop(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == times:
            raise asyncio.CancelledError

    async def run() -> None:
        fetcher = Fetcher(OPEN)
        try:
            await probe_all([server], fetcher, 3, stop)
        finally:
            await fetcher.close()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def test_a_probe_at_the_start_finds_a_server_that_cannot_be_reached_before_the_first_patient(listen: Any) -> None:
    gone: Listener = listen(fhir_server)
    gone.close()
    server = FhirServer(EHR, 1, gone.base)
    probed(server)
    assert server.standing.trouble is not None
    assert (server.standing.trouble.kind, server.standing.trouble.seen) == ("refused", "in a probe")


@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_probe_asks_once_without_credentials_and_is_content_with_any_answer(status: int, listen: Any) -> None:
    there: Listener = listen(lambda _: (status, {}, b""))
    server = FhirServer(EHR, 1, there.base)
    probed(server, times=3)
    assert server.standing.trouble is None
    assert [path for path, _ in there.seen] == ["/fhir/metadata"]
    assert "authorization" not in there.seen[0][1]


def test_a_probe_clears_what_it_can_see_and_only_a_call_what_a_call_saw(listen: Any) -> None:
    there: Listener = listen(fhir_server)
    server = FhirServer(EHR, 1, there.base)
    server.note(["refused"], 0)
    probed(server)
    assert server.standing.trouble is None
    server.note(["status"], 0)
    probed(server)
    assert server.standing.trouble is not None
    server.note([], 1)
    assert server.standing.trouble is None


def test_trouble_is_since_the_first_failure_after_an_answer() -> None:
    clock = Clock()
    server = FhirServer(EHR, 1, "https://ehr.example.org/r4", now=clock)
    server.note(["timeout"], 0)
    clock.time += 100
    server.note(["refused"], 0)
    assert str(server.standing.trouble).startswith(
        "refused, since 2027-01-15T08:00:00Z. The server takes no connection."
    )


def test_keys_that_cannot_be_fetched_are_named_with_kind_time_and_host(
    tmp_path: Path, book: RuleBook, lines: Lines
) -> None:
    """The host of the URL is this machine, which nothing opens here: no connection is made."""
    closed: Listener = Listener(lambda _: ok(key_set()))
    text = f"issuers:\n  - issuer: {EHR}\n    keys url: https://localhost:{closed.port}/SECRET/jwks\n"
    service = build_service(read_settings(written(tmp_path, text)), book)
    service.metrics = Metrics(lambda: [book])
    service.journal = Journal(lines, count=service.metrics.event)
    assert service.authenticator is not None
    keys = service.authenticator.issuers[EHR].keys
    asyncio.run(keys.refresh())
    closed.close()
    (line,) = lines.events("keys-not-fetched")
    assert (line["client"], line["kind"], line["host"]) == (EHR, "forbidden-address", "localhost")
    told = json.dumps([report.problems for report in (check() for check in service.checks)])
    assert f"the keys of issuer '{EHR}' have not been fetched, or cannot be: forbidden-address, since 20" in told
    assert "SECRET" not in told + lines.getvalue()
    assert (closed.seen, figures(service)) == ([], {"forbidden-address": 1})
