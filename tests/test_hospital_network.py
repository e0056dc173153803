"""A key server and an EHR at private addresses, with a certificate of the hospital's own authority, over real sockets.

The hosts are network namespaces that the test makes; nothing leaves them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx2
import pytest
from calls import REVIEW, call, rules_in
from hospital_network import ADDRESS, ADDRESS6, FHIR, KEYS, Network, hospital_network, write_certificates
from people import EXTENSION
from test_configuration import ROOT, free_port
from test_fetching import ACCESS, TOKEN, fhir_server
from tokens import BASE, EHR, Clock, bearer, key_set, token

from cds.trust.failures import FetchError
from cds.trust.fetching import Fetcher
from cds.trust.keys import FORCED_SECONDS, FRESH_SECONDS, STALE_SECONDS, KeyServer, KeysUnavailableError
from cds.trust.networks import AddressRules

Json = dict[str, Any]
CONFIGURED = f"""\
public url: {BASE}
issuers:
  - issuer: {EHR}
    keys url: https://{KEYS}/jwks.json
    fhir servers:
      - https://{FHIR}/fhir
"""
ALLOWED = """\
allowed networks:
  - 10.20.0.0/24
trusted certificates: ca.pem
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("hospital")
    with hospital_network(folder) as network:
        paths = ("/fhir/Patient/p", "/fhir/Observation", "/fhir/MedicationStatement")
        fhir = {path: json.loads(fhir_server(path)[2]) for path in paths}
        (folder / "fhir.json").write_text(json.dumps(fhir), encoding="utf-8")
        yield network


@pytest.fixture(autouse=True)
def fresh(network: Network) -> None:
    """The keys of the issuer, and nothing asked yet."""
    write_keys(network)
    (network.folder / "seen.ndjson").write_text("", encoding="utf-8")


def seen(network: Network) -> list[Json]:
    return [json.loads(line) for line in (network.folder / "seen.ndjson").read_text(encoding="utf-8").splitlines()]


class Running:
    """A service on the host ``service``."""

    def __init__(self, network: Network, base: str) -> None:
        self.network, self.base = network, base

    def get(self, path: str) -> Json:
        answer: Json = self.network.on("service", lambda: httpx2.get(f"{self.base}{path}", trust_env=False).json())
        return answer

    def call(self) -> tuple[int, Json]:
        """A call with a fresh token that asks for the rest of its prefetch."""
        now = time.time()
        signed = bearer(token(iat=now, exp=now + 200, header={"jku": None}))
        body = {**call(observations="left out"), "fhirServer": f"https://{FHIR}/fhir", "fhirAuthorization": ACCESS}

        def sent() -> tuple[int, Json]:
            found = httpx2.post(f"{self.base}{REVIEW}", json=body, headers=signed, trust_env=False)
            return found.status_code, found.json()

        answer: tuple[int, Json] = self.network.on("service", sent)
        return answer

    def until(self, word: str) -> str:
        """What /readyz says as soon as a word is in it."""
        for _ in range(200):
            found = json.dumps(self.get("/readyz"))
            if word in found:
                return found
            time.sleep(0.1)
        pytest.fail(f"/readyz never said {word}")


@contextmanager
def running(network: Network, text: str, errors: Path) -> Iterator[Running]:
    """A service of a configuration; its journal is in a file."""
    port = free_port()
    config = network.folder / "service.yaml"
    config.write_text(f"{CONFIGURED}{text}", encoding="utf-8")
    words = [sys.executable, "-m", "cds", "serve", "--config", str(config), "--port", str(port)]
    with (
        errors.open("w") as file,
        subprocess.Popen(network.command("service", *words), cwd=ROOT, stderr=file) as process,
    ):
        service = Running(network, f"http://127.0.0.1:{port}")
        try:
            for _ in range(300):
                try:
                    service.get("/livez")
                    break
                except httpx2.TransportError:
                    time.sleep(0.1)
            yield service
        finally:
            process.kill()


def journal(errors: Path, event: str) -> list[Json]:
    lines = errors.read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, filter(lambda text: text[0] == "{", lines)) if line["event"] == event]


def test_a_service_that_may_not_call_private_addresses_says_so_and_what_to_write(
    network: Network, tmp_path: Path
) -> None:
    errors = tmp_path / "errors"
    with network.server(), running(network, "", errors) as service:
        told = service.until("FHIR server 1")
        assert service.call()[0] == 503
    assert f"the keys of issuer '{EHR}' have not been fetched, or cannot be: private-address, since 20" in told
    assert f"FHIR server 1 of issuer '{EHR}' did not answer" in told
    assert "Name its network under 'allowed networks', or its host under 'allowed hosts'." in told
    assert [(line["kind"], line["host"]) for line in journal(errors, "keys-not-fetched")] == [("private-address", KEYS)]
    assert [(line["kind"], line["host"]) for line in journal(errors, "fhir-not-fetched")] == [("private-address", FHIR)]
    assert seen(network) == []


def test_allowed_private_servers_are_used_and_an_outage_is_told_until_it_is_over(
    network: Network, tmp_path: Path
) -> None:
    errors = tmp_path / "errors"
    with ExitStack() as server:
        server.enter_context(network.server())
        with running(network, ALLOWED, errors) as service:
            service.until('"ready"')
            status, answer = service.call()
            assert (status, "notSent" in answer["extension"][EXTENSION]) == (200, False)
            assert "CA-02" in rules_in(answer["cards"])
            assert {(one["path"], one["host"], one["token"]) for one in seen(network)} == {
                ("/jwks.json", KEYS, ""), ("/fhir/metadata", FHIR, ""), ("/fhir/Observation", FHIR, f"Bearer {TOKEN}"),
            }  # fmt: skip
            server.close()
            status, answer = service.call()
            assert (status, answer["extension"][EXTENSION]["notSent"]) == (200, ["observations"])
            told = json.dumps(service.get("/readyz"))
            assert f"FHIR server 1 of issuer '{EHR}' gave nothing that calls asked it for: refused, since 20" in told
            server.enter_context(network.server())
            assert (service.call()[0], service.get("/readyz")) == (200, {"status": "ready"})
    kinds = [line["kind"] for line in journal(errors, "fhir-not-fetched")]
    assert (kinds, len(journal(errors, "fhir-fetched-again"))) == (["refused"], 1)


HOSTS = {KEYS: ADDRESS, FHIR: ADDRESS, "fhir6.hospital.internal": ADDRESS6, "other.hospital.internal": ADDRESS}


async def resolving(host: str, _: int) -> list[str]:
    return [HOSTS[host]]


def fetched(url: str, rules: AddressRules, certificates: Path | None) -> str:
    """The kind of the failure to fetch something; empty when there was none."""

    async def run() -> str:
        fetcher = Fetcher(rules, certificates=certificates, resolving=resolving)
        try:
            await fetcher.json(url, 5)
        except FetchError as error:
            return error.kind
        finally:
            await fetcher.close()
        return ""

    return asyncio.run(run())


BY_HOST, BY_NETWORK = AddressRules(hosts=frozenset({KEYS})), AddressRules((ip_network("10.20.0.0/24"),))
TRUSTED = "ca.pem"


@pytest.mark.parametrize(
    ("host", "rules", "certificates", "kind"),
    [(KEYS, BY_HOST, TRUSTED, ""), (KEYS, BY_NETWORK, TRUSTED, ""), (ADDRESS, BY_NETWORK, TRUSTED, "tls"),
     (KEYS, BY_NETWORK, "", "tls"), (KEYS, BY_NETWORK, "other.pem", "tls"), ("other.hospital.internal", BY_NETWORK,
     TRUSTED, "tls"), (FHIR, BY_HOST, TRUSTED, "private-address"), (KEYS, AddressRules(), TRUSTED, "private-address")],
)  # fmt: skip
def test_a_private_server_needs_a_rule_and_a_certificate_of_a_trusted_authority_for_its_name(
    host: str, rules: AddressRules, certificates: str, kind: str, network: Network
) -> None:
    (network.folder / "other").mkdir(exist_ok=True)
    write_certificates(network.folder / "other")
    (network.folder / "other" / "ca.pem").replace(network.folder / "other.pem")
    place = network.folder / certificates if certificates else None
    with network.server():
        found = network.on("service", partial(fetched, f"https://{host}/jwks.json", rules, place))
    assert (found, len(seen(network))) == (kind, 0 if kind else 1)


def test_a_private_ipv6_server_is_called_where_its_network_is_named(network: Network) -> None:
    rules = AddressRules((ip_network("fd12:3456:789a::/64"),))
    HOSTS[KEYS] = ADDRESS6
    try:
        with network.server(ADDRESS6):
            found = network.on(
                "service", partial(fetched, f"https://{KEYS}/jwks.json", rules, network.folder / TRUSTED)
            )
    finally:
        HOSTS[KEYS] = ADDRESS
    assert (found, [one["host"] for one in seen(network)]) == ("", [KEYS])


def test_keys_of_a_private_server_rotate_and_outlive_an_outage_of_a_day(network: Network) -> None:
    """On a clock of the test's own; the requests are real ones."""
    kids = network.on("service", partial(rotated, network))
    assert kids == {
        "at the start": "ES384", "the new id at once": "none", "the new id after a minute": "RS384",
        "the old id, rotated away": "none", "the new id in the outage": "RS384", "readiness in the outage": "stale",
        "an unknown id in the outage": "unavailable", "after a day": "unavailable", "readiness then": "unknown",
        "kind of the failure": "refused", "when the server is back": "RS384", "readiness at the end": "known",
    }  # fmt: skip
    assert len(seen(network)) == 3


def rotated(network: Network) -> dict[str, str]:
    return asyncio.run(_rotated(network))


async def _rotated(network: Network) -> dict[str, str]:
    """What is found under the ids of keys, by when."""
    clock, found = Clock(), {}
    fetcher = Fetcher(BY_HOST, certificates=network.folder / TRUSTED, resolving=resolving)
    source = KeyServer(lambda: fetcher.json(f"https://{KEYS}/jwks.json", 3), clock)

    async def key(kid: str) -> str:
        try:
            key = await source.find(kid)
        except KeysUnavailableError:
            return "unavailable"
        return key.algorithms[0] if key else "none"

    write_keys(network, "ES384")
    with network.server():
        found["at the start"] = await key("ec384")
        write_keys(network, "RS384")
        found["the new id at once"] = await key("rsa")
        clock.time += FORCED_SECONDS
        found["the new id after a minute"] = await key("rsa")
        found["the old id, rotated away"] = await key("ec384")
    clock.time += FRESH_SECONDS + 1
    found["the new id in the outage"] = await key("rsa")
    found["readiness in the outage"] = source.state
    found["an unknown id in the outage"] = await key("ec384")
    clock.time += STALE_SECONDS
    found["after a day"] = await key("rsa")
    found["readiness then"] = source.state
    found["kind of the failure"] = source.trouble.kind if source.trouble else ""
    with network.server():
        clock.time += FORCED_SECONDS
        found["when the server is back"] = await key("rsa")
        found["readiness at the end"] = source.state
    await fetcher.close()
    return found


def write_keys(network: Network, *names: str) -> None:
    (network.folder / "keys.json").write_text(json.dumps(key_set(*names)), encoding="utf-8")
