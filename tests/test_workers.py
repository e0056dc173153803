"""Several workers of one service, as processes: killed, hanging, renewed, and the rules changed under them.

The rulebook is the small one of potassium.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx2
import pytest
from calls import call
from click.testing import CliRunner
from processes import ROOT, Serving, serving, silent, started, until
from uvicorn import Config

from cds.cli import app
from cds.service.workers.working import SILENT_SECONDS, Working

POTASSIUM = ROOT / "tests" / "topics" / "potassium"
REVIEW = "/cds-services/potassium-review"
CONFIG = "records: records.sqlite\npseudonym key: key\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and rule files that the tests change."""
    folder = tmp_path_factory.mktemp("workers")
    shutil.copytree(POTASSIUM, folder / "potassium")
    (folder / "service.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def service(place: Path) -> Iterator[Serving]:
    with serving(place, *options(place)) as found:
        yield found


def options(place: Path) -> tuple[str, ...]:
    return "--config", str(place / "service.yaml"), "--rules", str(place / "potassium" / "rules")


class Calling:
    """Clients that call until they are told to end; ``seen`` counts what came back."""

    def __init__(self, service: Serving, path: str = REVIEW) -> None:
        self.url, self.seen, self.bodies, self.ended = service.base + path, Counter[str](), Counter[bytes](), Event()
        self.threads = [Thread(target=self.run, daemon=True) for _ in range(4)]

    def run(self) -> None:
        with httpx2.Client(timeout=60, trust_env=False) as client:
            while not self.ended.is_set():
                try:
                    answer = client.post(self.url, json=call())
                except httpx2.TransportError as error:
                    self.seen[type(error).__name__] += 1
                    continue
                self.seen[str(answer.status_code)] += 1
                self.bodies[answer.content] += 1
                time.sleep(0.01)


@contextmanager
def calling(service: Serving) -> Iterator[Calling]:
    """Clients that call meanwhile, and have been answered at the beginning and at the end."""
    found = Calling(service)
    for thread in found.threads:
        thread.start()
    try:
        until(lambda: found.seen["200"] > 10)
        yield found
        before = found.seen["200"]
        until(lambda: found.seen["200"] > before + 10)
    finally:
        found.ended.set()
        for thread in found.threads:
            thread.join()


def recorded(place: Path) -> int:
    with closing(sqlite3.connect(place / "records.sqlite")) as file:
        found: int = file.execute("SELECT count(*) FROM decisions").fetchone()[0]
        return found


def whole(service: Serving, without: Collection[int]) -> bool:
    """Whether two workers serve, and none of these is one of them any more."""
    serving = service.serving_workers()
    return len(serving) == len(service.workers()) == 2 and not set(serving) & set(without)


def test_the_start_is_said_once_and_by_no_worker(service: Serving) -> None:
    lines = service.text().splitlines()
    assert [sum(line.startswith(words) for line in lines) for words in ("Rules:", "CDS Hooks", "Warning:")] == [1, 1, 1]
    for event in ("rulebook", "records-begun", "pseudonym-key-made"):
        assert ["worker" in line for line in service.events(event)] == [False]
    assert len({line["worker"] for line in service.events("self-test")}) == 2


def test_of_a_worker_that_is_killed_only_the_calls_under_way_are_lost_and_no_answer_is(
    service: Serving, place: Path
) -> None:
    before = recorded(place)
    with calling(service) as clients:
        killed = service.serving_workers()[0]
        service.kill(killed)
        until(lambda: whole(service, [killed]))
    lost = sum(clients.seen.values()) - clients.seen["200"]
    assert set(clients.seen) - {"200"} <= {"RemoteProtocolError", "ReadError", "ConnectError", "WriteError"}
    assert lost <= len(clients.threads)
    assert len(clients.bodies) == 1
    assert recorded(place) - before >= clients.seen["200"]
    assert service.events("worker-lost")[-1]["kind"] == "ended with status -9"


def test_changed_rules_are_checked_once_and_taken_by_one_worker_after_another_while_calls_go_on(
    service: Serving, place: Path
) -> None:
    rulebook = place / "potassium" / "rules" / "rulebook.yaml"
    rulebook.write_text(rulebook.read_text("utf-8") + "\n# changed\n", encoding="utf-8")
    with calling(service) as clients:
        until(lambda: len(service.events("rulebook-taken")) == 2)
    assert set(clients.seen) == {"200"}
    assert len({line["worker"] for line in service.events("rulebook-taken")}) == 2
    hashes = {line["rulebook"] for line in service.events("rulebook-taken")}
    assert len(service.events("rulebook")) == 2
    assert (
        hashes == {service.get("/version").json()["rulebook"]["sha256"]} == {service.events("rulebook")[-1]["rulebook"]}
    )


def test_rules_that_were_refused_are_not_taken_by_a_worker_that_begins_later(service: Serving, place: Path) -> None:
    accepted = service.get("/version").json()["rulebook"]["sha256"]
    advice = place / "potassium" / "rules" / "advice.yaml"
    good = advice.read_bytes()
    advice.write_bytes(b"nothing: of this\n")
    until(lambda: service.events("rulebook-refused"))
    until(lambda: all("refused" in service.get("/readyz").text for _ in range(8)))
    killed = service.serving_workers()
    for worker in killed:
        service.kill(worker)
    until(lambda: whole(service, killed))
    for _ in range(8):
        assert service.get("/version").json()["rulebook"]["sha256"] == accepted
        assert "refused" in service.get("/readyz").text
    advice.write_bytes(good)
    until(lambda: all(service.get("/readyz").text == '{"status":"ready"}' for _ in range(8)))


def test_a_hang_up_renews_all_workers_one_after_another_and_no_call_fails(service: Serving, place: Path) -> None:
    (place / "service.yaml").write_text(CONFIG + "limits:\n  body bytes: 300000\n", encoding="utf-8")
    before = set(service.workers())
    with calling(service) as clients:
        os.kill(service.process.pid, signal.SIGHUP)
        until(lambda: whole(service, before))
    assert set(clients.seen) == {"200"}
    answer = httpx2.post(service.base + REVIEW, json={"x": "x" * 400_000}, timeout=60, trust_env=False)
    assert answer.status_code == 413


def test_a_wrong_configuration_at_a_hang_up_is_said_and_changes_nothing(service: Serving, place: Path) -> None:
    before = service.workers()
    (place / "service.yaml").write_text(CONFIG + "limit: 3\n", encoding="utf-8")
    os.kill(service.process.pid, signal.SIGHUP)
    until(lambda: service.events("configuration-refused"))
    assert "'limit'" in service.text()
    assert (service.workers(), service.ready()) == (before, True)
    (place / "service.yaml").write_text(CONFIG, encoding="utf-8")


def test_workers_whose_supervisor_is_killed_end_and_leave_the_address(place: Path) -> None:
    with serving(place, *options(place), workers=1 + 1) as service:
        workers = service.workers()
        service.process.kill()
        until(lambda: not any(Path(f"/proc/{worker}/cmdline").read_bytes() for worker in alive(workers)))
        with started(place, "--host", "127.0.0.1", *options(place), port=service.port) as again:
            until(lambda: again.ready() or again.process.poll() is not None)
            assert again.process.poll() is None, again.text()


def alive(workers: list[int]) -> list[int]:
    return [worker for worker in workers if Path(f"/proc/{worker}").is_dir()]


def test_a_worker_that_does_not_answer_is_known_after_some_seconds() -> None:
    worker = Working(Config(silent, lifespan="off"), [])
    try:
        until(lambda: worker.look(time.monotonic()) == "" and worker.serves)
        os.kill(worker.name, signal.SIGSTOP)
        until(lambda: Path(f"/proc/{worker.name}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "T")
        now = time.monotonic()
        assert [worker.look(now + later) for later in (2, 4)] == ["", ""]
        assert worker.look(now + 5 + SILENT_SECONDS) == "it does not answer"
    finally:
        worker.kill()
    assert worker.look(time.monotonic()) == "ended with status -9"


def test_what_is_wrong_is_said_before_there_is_any_worker(tmp_path: Path) -> None:
    key = {"kty": "EC", "crv": "P-384", "kid": "a", "x": "a", "y": "b"}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key]}), encoding="utf-8")
    config = tmp_path / "service.yaml"
    config.write_text("issuers:\n  - issuer: https://ehr.example\n    keys url: https://ehr.example/jwks\n", "utf-8")
    found = CliRunner().invoke(app, ["serve", "--config", str(config), "--workers", "2"])
    assert found.exit_code == 2
    assert "2 workers and 'issuers', but no 'records'" in found.output
    config.write_text("workers: 2\nrecords: postgresql://nobody@127.0.0.1:1/none\n", encoding="utf-8")
    found = CliRunner().invoke(app, ["serve", "--config", str(config), "--rules", str(POTASSIUM / "rules")])
    assert (found.exit_code, "cannot be used" in found.output, "Traceback" in found.output) == (2, True, False)
