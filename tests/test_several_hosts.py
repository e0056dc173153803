"""Two hosts with one database: a service with two workers and one with a single process; only PostgreSQL joins them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import httpx2
import pytest
from calls import call
from processes import ROOT, Serving, free_port, started, until
from recorded import new_database
from sqlalchemy import func, select
from tokens import EHR, bearer, key_set, token

from cds.records.chain import verify
from cds.records.database import open_existing
from cds.records.tables import DECISIONS_TABLE

POTASSIUM = ROOT / "tests" / "topics" / "potassium" / "rules"
REVIEW = "/cds-services/potassium-review"
GROUP = "https://cds.group.example"
CONFIG = f"""\
public url: {GROUP}
issuers:
  - issuer: {EHR}
    keys file: keys.json
records: "{{records}}"
pseudonym key: key
reload: no
"""


class Hosts(NamedTuple):
    """Where the files of the hosts are, and their database."""

    folder: Path
    records: str

    def options(self, workers: int) -> tuple[str, ...]:
        config = str(self.folder / "service.yaml")
        return "--config", config, "--rules", str(POTASSIUM), "--workers", str(workers)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Hosts:
    found = Hosts(tmp_path_factory.mktemp("hosts"), new_database(postgresql))
    (found.folder / "keys.json").write_text(json.dumps(key_set("ES384")), encoding="utf-8")
    (found.folder / "service.yaml").write_text(CONFIG.format(records=found.records), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def several(hosts: Hosts) -> Iterator[Serving]:
    """The host with two workers."""
    with started(hosts.folder, *hosts.options(2)) as found:
        until(lambda: found.ready() and len(found.serving_workers()) == 2)
        yield found


@pytest.fixture(scope="module")
def single(hosts: Hosts, several: Serving) -> Iterator[Serving]:
    """The other one; it begins once the first one has made the key file."""
    with started(hosts.folder, *hosts.options(1)) as found:
        until(found.ready)
        yield found


def signed(path: str = REVIEW) -> dict[str, str]:
    """The header with a fresh token."""
    now = time.time()
    return bearer(
        token(aud=f"{GROUP}{path}", iat=now - 1, exp=now + 200, header={"jku": None}, jti=f"t{time.time_ns()}")
    )


def status(host: Serving, headers: dict[str, str]) -> str:
    """The status of a call over a connection of its own, or how the connection failed."""
    try:
        return str(
            httpx2.post(host.base + REVIEW, json=call(), headers=headers, timeout=60, trust_env=False).status_code
        )
    except httpx2.TransportError as error:
        return type(error).__name__


def test_of_a_hundred_uses_of_a_token_at_once_on_all_hosts_one_is_answered(several: Serving, single: Serving) -> None:
    headers = signed()
    with ThreadPoolExecutor(20) as pool:
        found = Counter(pool.map(status, [several, single] * 50, [headers] * 100))
    assert found == {"200": 1, "401": 99}


def test_a_token_is_refused_by_a_host_that_was_started_again_and_by_the_other_one(
    several: Serving, single: Serving, hosts: Hosts
) -> None:
    for path in ("/cds-services", REVIEW):
        headers = signed(path)
        method = "GET" if path == "/cds-services" else "POST"
        sent = {"headers": headers, "timeout": 60, "trust_env": False, "json": call() if path == REVIEW else None}
        assert httpx2.request(method, single.base + path, **sent).status_code == 200
        assert {httpx2.request(method, several.base + path, **sent).status_code for _ in range(4)} == {401}
    with started(hosts.folder, *hosts.options(1), port=free_port()) as again:
        until(again.ready)
        assert status(again, headers) == "401"
        assert status(again, signed()) == "200"


def test_the_same_patient_has_the_same_pseudonym_on_every_host(several: Serving, single: Serving, hosts: Hosts) -> None:
    assert [status(host, signed()) for host in (several, single)] == ["200", "200"]
    engine = open_existing(hosts.records)
    with engine.connect() as connection:
        query = select(func.count(), func.count(func.distinct(DECISIONS_TABLE.c.patient)))
        decisions, patients = connection.execute(query).one()
    engine.dispose()
    assert (decisions > 2, patients) == (True, 1)


def test_when_a_host_is_killed_the_other_answers_on_and_no_answer_is_lost(
    several: Serving, single: Serving, hosts: Hosts
) -> None:
    before, seen, ended = verified(hosts), Counter[tuple[int, str]](), Event()

    def run() -> None:
        for host in cycle((several, single)):
            if ended.is_set():
                return
            seen[host.port, status(host, signed())] += 1

    clients = [Thread(target=run) for _ in range(4)]
    for client in clients:
        client.start()
    until(lambda: seen[several.port, "200"] > 5 and seen[single.port, "200"] > 5)
    for worker in several.workers():
        several.kill(worker)
    several.process.kill()
    enough = seen[single.port, "200"] + 20
    until(lambda: seen[single.port, "200"] > enough)
    ended.set()
    for client in clients:
        client.join()
    lost = {kind for port, kind in seen if port == several.port} - {"200"}
    assert lost <= {"ConnectError", "ReadError", "RemoteProtocolError", "WriteError"}
    assert {kind for port, kind in seen if port == single.port} == {"200"}
    assert verified(hosts) - before >= seen[several.port, "200"] + seen[single.port, "200"]


def verified(hosts: Hosts) -> int:
    """How many records are good; none is bad."""
    engine = open_existing(hosts.records)
    found = verify(engine)
    engine.dispose()
    assert found.problem == ""
    return found.good
