"""The service with its records: calls and feedback over HTTP, what the log then holds, and that it can be replayed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, call, client_of, searchset, service_for
from people import EXTENSION, observation, patient
from starlette.testclient import TestClient

from cds.commands.records import answered_again
from cds.records.chain import entries, verify
from cds.records.feedback_report import feedback_report
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.records.replay import replay
from cds.rulebook.model import RuleBook
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.recording.recording import Recording
from cds.service.switches import Switches

Json = dict[str, Any]
CANARY = "canary-7319"


class Clock:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def recording(tmp_path: Path, clock: Clock, lines: io.StringIO) -> Iterator[Recording]:
    records = Records(tmp_path / "records.sqlite", rest=timedelta(hours=24))
    yield Recording(records, Pseudonyms(b"k" * 32), clock, Journal(lines, clock))
    records.close()


@pytest.fixture
def client(book: RuleBook, recording: Recording, clock: Clock, tmp_path: Path) -> Iterator[TestClient]:
    service = service_for(book)
    service.decisions = service.feedback = service.cool_down = recording
    service.now, service.journal, service.metrics = clock, recording.journal, Metrics(lambda: service.books)
    (tmp_path / "switches.yaml").touch()
    service.switches = Switches(tmp_path / "switches.yaml", lambda: (service.current.book,), recording.journal)
    with client_of(service) as client:
        yield client


def high() -> Json:
    return call(observations=searchset(observation("LOINC 17861-6", 11.1, "mg/dL")))


def cards(client: TestClient, body: Json) -> list[Json]:
    response = client.post(REVIEW, json=body)
    assert response.status_code == 200, response.text
    found: list[Json] = response.json()["cards"]
    return found


def override(client: TestClient, card: Json, at: str = "2026-01-15T12:00:30Z") -> None:
    reason = {"reason": {"code": "risk-benefit-ratio"}, "userComment": CANARY}
    entry = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": at, "overrideReason": reason}
    assert client.post(f"{REVIEW}/feedback", json={"feedback": [entry]}).status_code == 200


def test_the_answer_is_on_record_byte_for_byte_before_it_is_sent(client: TestClient, recording: Recording) -> None:
    sent = [client.post(REVIEW, json=body).content for body in (high(), call(), call(goals="left out"))]
    kept = [entry for _, entry in entries(recording.records.engine)]
    assert [entry.cards for entry in kept] == sent
    assert verify(recording.records.engine).good == 3
    assert (kept[0].outcome, kept[0].decided_by, kept[0].service) == ("hold", "CA-01", "calcium-review")


@pytest.mark.slow
def test_the_log_of_the_service_can_be_replayed(client: TestClient, recording: Recording, book: RuleBook) -> None:
    first = cards(client, high())
    override(client, first[0])
    assert len(cards(client, high())) == len(first) - 1
    cards(client, call(goals="left out"))
    again = list(replay(entries(recording.records.engine), lambda _: book, answered_again))
    assert [(one.same_rules, one.differences, one.failure) for one in again] == [(True, (), "")] * 3


def test_an_overridden_card_rests_for_a_day_and_is_recorded_as_left_out(
    client: TestClient, recording: Recording, clock: Clock
) -> None:
    first = cards(client, high())
    override(client, first[0])
    clock.now += timedelta(hours=1)
    assert [card["uuid"] for card in cards(client, high())] == [card["uuid"] for card in first[1:]]
    clock.now += timedelta(hours=24)
    assert cards(client, high()) == first
    kept = [entry.left_out for _, entry in entries(recording.records.engine)]
    assert kept == [(), (first[0]["source"]["topic"]["code"],), ()]
    assert {one.rule: one.overridden.part for one in feedback_report(recording.records.engine).rules}["CA-01"] == 1


def test_cards_that_rest_are_named_in_the_answer_so_that_no_list_is_empty_without_a_word(
    client: TestClient, recording: Recording
) -> None:
    first = cards(client, call())
    for card in first:
        override(client, card)
    found = client.post(REVIEW, json=call())
    topics = [card["source"]["topic"]["code"] for card in first]
    told = found.json()["extension"][EXTENSION]
    assert (found.json()["cards"], told["resting"], told["account"]["used"]) == ([], topics, 3)
    assert [entry.cards for _, entry in entries(recording.records.engine)][-1] == found.content


def test_a_card_that_says_that_data_were_not_used_never_rests(client: TestClient) -> None:
    other = observation("LOINC 17861-6", 13, "mg/dL", identity="f", subject={"reference": "Patient/merged-old-id"})
    body = call(observations=searchset(observation("LOINC 17861-6", 11.1, "mg/dL"), other))
    for card in cards(client, high()):
        override(client, card)
    assert cards(client, high()) == []
    for _ in range(2):
        first = cards(client, body)[0]
        assert (first["extension"][EXTENSION]["rule"], "**Not used:** 1 test result" in first["detail"]) == (
            "CA-01",
            True,
        )
        override(client, first)


def test_no_log_line_and_no_pseudonym_names_anybody(
    client: TestClient, recording: Recording, lines: io.StringIO
) -> None:
    body = call(context={"patientId": CANARY, "userId": f"Practitioner/{CANARY}"}, patient=patient(CANARY))
    body["fhirAuthorization"] = {"access_token": CANARY, "token_type": "Bearer", "expires_in": 1}
    assert client.post(REVIEW, json=body).status_code == 200
    override(client, {"uuid": "11111111-1111-4111-8111-111111111111"})
    client.post(REVIEW, content=CANARY.encode(), headers={"content-type": "application/json"})
    events = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {line["event"] for line in events} >= {"decision", "feedback", "request"}
    assert not any("dropped" in line or "unknownFields" in line for line in events)
    assert CANARY not in lines.getvalue()
    ((_, entry),) = entries(recording.records.engine)
    assert CANARY not in f"{entry.patient} {entry.user}"
    assert "access_token" not in entry.body.decode()


def test_a_decision_that_cannot_be_recorded_is_not_given(client: TestClient, recording: Recording) -> None:
    recording.records.close()
    response = client.post(REVIEW, json=high())
    assert (response.status_code >= 500, "cards" in response.json()) == (True, False)
