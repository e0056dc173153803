"""When something fails that a call needs, the answer and ``/readyz`` say what; when it is back, so is the service."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, call, client_of, service_for
from people import EXTENSION
from recorded import plain, server_of_its_own
from starlette.testclient import TestClient
from test_fetching import Listener, ok
from test_operation import Lines
from test_tokens import Endpoint
from tokens import BASE, EHR, Clock, bearer, key_set, token, verifier

from cds.records import sqlite_file
from cds.records.chain import verify
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.records.writer import UnavailableError
from cds.rulebook.model import RuleBook
from cds.service.access.authentication import keys_health, refresh_keys
from cds.service.app import application
from cds.service.configuration.reading import read_settings
from cds.service.observability.health import Health
from cds.service.observability.journal import Journal
from cds.service.recording.recording import Recording
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service
from cds.service.wiring import add_operations, build_service
from cds.trust.keys import FORCED_SECONDS, FRESH_SECONDS, KeyServer
from cds.trust.tokens import Issuer, Verifier

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
FEEDBACK: Json = {
    "feedback": [{"card": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "outcome": "overridden",
                  "outcomeTimestamp": "2026-01-15T08:00:00Z"}]
}  # fmt: skip


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def records(place: Path) -> Iterator[Records]:
    found = Records(place)
    yield found
    found.close()


def recorded_by(book: RuleBook, records: Records, lines: Lines) -> Service:
    """A service that keeps records, with the health that reports on them."""
    service, journal = service_for(book), Journal(lines)
    recording = Recording(records, Pseudonyms(b"k" * 32), service.now, journal)
    service.decisions = service.feedback = service.cool_down = recording
    service.journal, service.health = journal, Health([CurrentRulebook(book)], journal, checks=[recording.report])
    service.health.poll()
    return service


@pytest.fixture
def client(book: RuleBook, records: Records, lines: Lines) -> TestClient:
    return client_of(recorded_by(book, records, lines))


def refused(client: TestClient, path: str = REVIEW, body: Json | None = None, **more: Any) -> tuple[int, str, str]:
    """Status, the words of the OperationOutcome and Retry-After of a call that must not be answered."""
    found = client.post(path, json=body or call(), **more)
    assert "cards" not in found.json()
    assert found.json()["resourceType"] == "OperationOutcome"
    return found.status_code, found.json()["issue"][0]["diagnostics"], found.headers["retry-after"]


def ready(client: TestClient) -> tuple[int, str]:
    found = client.get("/readyz")
    return found.status_code, json.dumps(found.json())


@pytest.mark.slow
def test_without_the_file_of_the_records_nothing_is_answered_and_it_is_said_that_the_record_is_missing(
    client: TestClient, records: Records, place: Path, lines: Lines
) -> None:
    assert client.post(REVIEW, json=call()).status_code == 200
    place.rename(place.with_suffix(".away"))
    status, words, wait = refused(client)
    assert (status, words, wait) == (
        503, "The decision could not be recorded, so it is not given. Try again later.", "10"
    )  # fmt: skip
    assert refused(client, f"{REVIEW}/feedback", FEEDBACK)[:2] == (
        503,
        "The feedback could not be kept. Try again later.",
    )
    assert ready(client)[0] == 503
    assert "the records cannot be written: unable to open database file" in ready(client)[1]
    assert {line["kind"] for line in lines.events("not-recorded")} == {"records-unavailable"}
    assert not place.exists()
    place.with_suffix(".away").rename(place)
    assert client.post(REVIEW, json=call()).status_code == 200
    assert ready(client) == (200, '{"status": "ready"}')
    assert (verify(records.engine).good, verify(records.engine).problem) == (2, "")


def test_a_probe_sees_that_the_records_are_gone_and_that_they_are_back_without_a_call(
    client: TestClient, records: Records, place: Path
) -> None:
    assert ready(client)[0] == 200
    place.rename(place.with_suffix(".away"))
    records._writer.written -= 60
    records.probe()
    assert ready(client)[0] == 503
    place.with_suffix(".away").rename(place)
    records.probe()
    assert ready(client)[0] == 200


def test_records_that_were_written_lately_are_not_probed(records: Records) -> None:
    records.add_decision(plain()).result(10)
    written = records._writer.written
    records.probe()
    assert (records._writer.answered, records.trouble) == (written, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trouble", "words"),
    [("BEGIN EXCLUSIVE", "database is locked"), ("DROP TABLE cards", "no such table: cards")],
)
def test_a_database_that_takes_nothing_is_named_and_the_next_call_tries_again(
    book: RuleBook, place: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch, trouble: str, words: str
) -> None:
    monkeypatch.setattr(sqlite_file, "WAIT", 50)
    records = Records(place)
    client = client_of(recorded_by(book, records, lines))
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        made = other.execute("SELECT sql FROM sqlite_master WHERE name = 'cards'").fetchone()[0]
        other.execute(trouble)
        assert refused(client)[0] == 503
        assert words in ready(client)[1]
        other.execute("ROLLBACK" if trouble.startswith("BEGIN") else made)
    assert client.post(REVIEW, json=call()).status_code == 200
    assert ready(client)[0] == 200
    records.close()


def test_jobs_of_a_batch_that_the_database_refuses_all_fail_at_once_and_the_thread_goes_on(
    records: Records, place: Path
) -> None:
    records.add_decision(plain()).result(10)
    place.rename(place.with_suffix(".away"))
    futures = [records.add_decision(plain()) for _ in range(300)]
    assert {type(future.exception(10)) for future in futures} == {UnavailableError}
    place.with_suffix(".away").rename(place)
    assert records.add_decision(plain()).result(10) == 2


@pytest.mark.slow
def test_postgresql_may_stop_and_start_again_and_no_url_is_told(book: RuleBook, lines: Lines) -> None:
    with server_of_its_own() as server:
        records = Records(server.url.replace("calcium@", "calcium:hunter2@"))
        client = client_of(recorded_by(book, records, lines))
        assert client.post(REVIEW, json=call()).status_code == 200
        server.stop()
        for _ in range(2):
            assert refused(client)[1].startswith("The decision could not be recorded, so it is not given.")
        status, body = ready(client)
        assert (status, "the records cannot be written: OperationalError" in body) == (503, True)
        assert not any(word in body + lines.getvalue() for word in ("hunter2", str(server.socket), "calcium@"))
        server.start()
        assert client.post(REVIEW, json=call()).status_code == 200
        assert (ready(client)[0], verify(records.engine).good) == (200, 2)
        records.close()


def test_a_database_that_is_silent_costs_a_call_no_more_than_its_time(
    book: RuleBook, records: Records, lines: Lines, place: Path
) -> None:
    service = recorded_by(book, records, lines)
    service.settings = service.settings.model_copy(
        update={"limits": service.settings.limits.model_copy(update={"record_seconds": 0.2})}
    )
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begin = time.monotonic()
        assert refused(client_of(service))[0] == 503
        assert time.monotonic() - begin < 5
        other.execute("ROLLBACK")


def keyed(book: RuleBook, *sources: tuple[str, KeyServer]) -> TestClient:
    """A service whose issuers have their keys from these sources."""
    service, clock = service_for(book), Clock()
    issuers = {name: Issuer(name, source) for name, source in sources}
    service.authenticator = Verifier(issuers, BASE, clock)
    keys = dict(sources)
    service.health = Health([CurrentRulebook(book)], Journal(Lines()), checks=[lambda: keys_health(keys)])
    service.health.poll()
    return client_of(service)


def refreshed(*sources: KeyServer) -> None:
    """What the service does every minute, once."""

    async def stop(_: float) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(refresh_keys({str(n): source for n, source in enumerate(sources)}, stop))


def signed(issuer: str = EHR, **more: Any) -> dict[str, str]:
    return bearer(token(iss=issuer, header={"jku": None}, **more))


def test_where_no_key_of_an_issuer_is_known_the_caller_is_told_to_come_again_not_that_the_token_is_bad(
    book: RuleBook,
) -> None:
    clock, endpoint = Clock(), Endpoint()
    endpoint.fails = True
    client = keyed(book, (EHR, KeyServer(endpoint, clock)))
    status, words, wait = refused(client, headers=signed())
    assert (status, wait) == (503, str(FORCED_SECONDS))
    assert words.startswith("The public keys of this issuer cannot be fetched")
    assert client.post(REVIEW, json=call(), headers=signed("https://unknown.example")).status_code == 401
    assert client.post(REVIEW, json=call()).status_code == 401
    assert (endpoint.calls, ready(client)[0]) == (1, 503)
    assert f"the keys of issuer '{EHR}'" in ready(client)[1]
    endpoint.fails = False
    clock.time += FORCED_SECONDS
    assert client.post(REVIEW, json=call(), headers=signed()).status_code == 200
    assert ready(client) == (200, '{"status": "ready"}')
    assert client.post(REVIEW, json=call(), headers=signed(key="other", alg="ES384")).status_code == 401


def test_keys_of_before_count_while_the_server_fails_and_readiness_warns(book: RuleBook) -> None:
    clock, endpoint = Clock(), Endpoint()
    source = KeyServer(endpoint, clock)
    client = keyed(book, (EHR, source))
    assert ready(client)[0] == 503
    refreshed(source)
    assert ready(client) == (200, '{"status": "ready"}')
    endpoint.fails = True
    clock.time += FRESH_SECONDS + 1
    refreshed(source)
    assert client.post(REVIEW, json=call(), headers=signed()).status_code == 200
    status, body = ready(client)
    assert (status, f"the keys of issuer '{EHR}' cannot be fetched now" in body) == (200, True)
    rotated = client.post(REVIEW, json=call(), headers=signed(alg="RS384"))
    assert (rotated.status_code, "retry-after" in rotated.headers) == (503, True)


def test_one_issuer_without_keys_is_a_warning_as_long_as_another_can_call(book: RuleBook) -> None:
    good, bad = Endpoint(), Endpoint()
    bad.fails = True
    sources = ("https://a.example", KeyServer(good, Clock())), ("https://b.example", KeyServer(bad, Clock()))
    client = keyed(book, *sources)
    refreshed(*(source for _, source in sources))
    status, body = ready(client)
    assert (status, "'https://b.example'" in body, "'https://a.example'" in body) == (200, True, False)


def test_keys_are_fetched_at_the_start_and_asked_for_once_a_minute_while_they_fail() -> None:
    clock, endpoint = Clock(), Endpoint()
    endpoint.fails = True
    source = KeyServer(endpoint, clock)

    async def minute(seconds: float) -> None:
        clock.time += seconds
        if clock.time - Clock().time >= 5 * FORCED_SECONDS:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(refresh_keys({"a": source}, minute))
    assert endpoint.calls == 5


def test_a_key_server_that_breaks_a_library_is_a_failure_like_any_other() -> None:
    heard: list[str] = []

    async def broken() -> Json:
        raise RuntimeError("surprise")

    source = KeyServer(broken, Clock(), heard.append)
    refreshed(source)
    assert (source.state, heard) == ("unknown", ["RuntimeError"])


@pytest.mark.slow
def test_an_unreachable_keys_url_of_the_configuration_is_named_by_a_running_service(
    tmp_path: Path, book: RuleBook, lines: Lines
) -> None:
    gone = Listener(lambda _: ok(key_set()))
    gone.close()
    config = tmp_path / "service.yaml"
    config.write_text(
        f"issuers:\n  - issuer: {EHR}\n    keys url: http://127.0.0.1:{gone.port}/jwks\nfetch from loopback: yes\n"
        "records: records.sqlite\npseudonym key: key\nreload: no\n", encoding="utf-8",
    )  # fmt: skip
    service = build_service(read_settings(config), book)
    add_operations(service, ROOT / "rules")
    service.journal = Journal(lines)
    with TestClient(application(service)) as client:
        for _ in range(100):
            if "cannot be" in ready(client)[1] and "evaluated yet" not in ready(client)[1]:
                break
            time.sleep(0.1)
        assert ready(client)[0] == 503
        assert f"the keys of issuer '{EHR}'" in ready(client)[1]
        now = time.time()
        good = bearer(token(aud=f"{service.settings.base_url}{REVIEW}", iat=now, exp=now + 200, header={"jku": None}))
        assert refused(client, headers=good)[0] == 503
    assert [line["client"] for line in lines.events("keys-not-fetched")] == [EHR]


def test_what_fails_unexpectedly_is_not_called_an_evaluation(book: RuleBook) -> None:
    service = service_for(book)
    service.today = lambda: 1 / 0  # type: ignore[assignment, return-value]
    found = client_of(service).post(REVIEW, json=call())
    assert (found.status_code, found.json()["issue"][0]["diagnostics"]) == (
        500, "Something failed in this service; no advice was given."
    )  # fmt: skip


def test_refused_rules_and_missing_switches_are_warnings_of_a_service_that_is_ready(
    tmp_path: Path, book: RuleBook, lines: Lines
) -> None:
    config, switches = tmp_path / "service.yaml", tmp_path / "switches.yaml"
    config.write_text("switches: switches.yaml\njournal: no\n", encoding="utf-8")
    switches.touch()
    service = build_service(read_settings(config), book)
    add_operations(service, ROOT / "rules")
    assert service.health is not None
    service.health.poll()
    client = client_of(service)
    assert ready(client) == (200, '{"status": "ready"}')
    switches.unlink()
    service.switches.poll()  # type: ignore[union-attr]
    status, body = ready(client)
    assert (status, "switches.yaml: the file is gone" in body) == (200, True)


def test_the_extension_of_an_answer_is_the_same_in_the_log(client: TestClient, records: Records) -> None:
    sent = client.post(REVIEW, json=call(goals="left out"))
    assert sent.json()["extension"][EXTENSION]["notSent"] == ["goals"]
    assert verify(records.engine).good == 1
    assert verifier()
