"""One id of a request: in the header of its answer and in every line of the journal about it, whoever made it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from calls import INSTANCE, ORIGIN, REVIEW, call, client_of, service_for
from click.testing import CliRunner
from test_operation import Lines
from tokens import Clock, verifier

from cds.cli import app
from cds.commands.records import answered_again
from cds.records.chain import entries
from cds.records.database import open_existing
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.rulebook.model import RuleBook
from cds.service.access.denials import Denials
from cds.service.app import application
from cds.service.observability.journal import Journal
from cds.service.observability.request_id import current_id
from cds.service.recording.recording import Recording
from cds.service.state import Service

TAKEN = [
    "0b7c6f0e-5d4c-4b3a-9a87-65f3ad1c9b10", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "4bf92f3577b34da6a3ce929d0e0e4736",
    "a234567890123456", "Root_1-67891233-abcdef012345678912345678", "9" * 64,
]  # fmt: skip
NOT_TAKEN = [
    "", "4711", "a23456789012345", "9" * 65, "Jane-Doe-of-the-ward", "0b7c6f0e 5d4c 4b3a 9a87", "1234567890123456;x=1",
    "1234567890123456\u00e9", '1234567890123456"', "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥",
]  # fmt: skip
MADE = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def service(book: RuleBook, lines: Lines) -> Service:
    found = service_for(book)
    found.journal = Journal(lines)
    return found


@pytest.mark.parametrize("sent", TAKEN)
def test_an_id_of_the_caller_is_taken_over(service: Service, lines: Lines, sent: str) -> None:
    found = client_of(service).post(REVIEW, json=call(), headers={"X-Request-ID": sent})
    assert found.headers["x-request-id"] == sent
    assert [line["request_id"] for line in lines.events("request")] == [sent]


@pytest.mark.parametrize("sent", NOT_TAKEN)
def test_what_may_be_the_number_or_the_name_of_a_patient_is_not(service: Service, lines: Lines, sent: str) -> None:
    found = client_of(service).post(REVIEW, json=call(), headers={"X-Request-ID": sent.encode()})
    assert MADE.fullmatch(found.headers["x-request-id"])
    assert [line["request_id"] for line in lines.events("request")] == [found.headers["x-request-id"]]


def test_of_two_ids_none_is_taken_and_each_request_without_one_gets_its_own(service: Service) -> None:
    client = client_of(service)
    twice = client.post(REVIEW, json=call(), headers=[("x-request-id", TAKEN[0]), ("x-request-id", TAKEN[1])])
    made = [twice, *(client.get("/cds-services") for _ in range(3))]
    assert len({MADE.fullmatch(one.headers["x-request-id"]).group() for one in made}) == 4  # type: ignore[union-attr]


def test_refusals_and_failures_carry_it_in_every_line_about_them(
    service: Service, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"x-request-id": TAKEN[0]}
    client = client_of(service)
    service.authenticator = verifier()
    assert client.post(REVIEW, json=call(), headers=sent).headers["x-request-id"] == TAKEN[0]
    service.authenticator = None
    assert client.get("/nowhere", headers=sent).headers["x-request-id"] == TAKEN[0]
    monkeypatch.setattr("cds.service.answers.answered", None)
    found = client.post(REVIEW, json=call(), headers=sent)
    assert (found.status_code, found.headers["x-request-id"]) == (500, TAKEN[0])
    kinds = [line["event"] for line in lines.events() if line.get("request_id") == TAKEN[0]]
    assert kinds == ["not-authorized", "request", "request", "error", "request"]


def test_the_body_is_the_same_whatever_the_id(service: Service) -> None:
    client = client_of(service)
    bodies = {client.post(REVIEW, json=call(), headers={"x-request-id": one}).content for one in TAKEN}
    assert len(bodies) == 1
    assert TAKEN[0].encode() not in bodies.pop()


@pytest.fixture
def place(service: Service, tmp_path: Path) -> Iterator[Path]:
    """The records of a service."""
    found = tmp_path / "records.sqlite"
    records = Records(found)
    service.decisions = Recording(records, Pseudonyms(b"k" * 32), service.now, Journal(Lines()))
    yield found
    records.close()


def test_the_decision_log_has_it_and_replays_the_same_answer(service: Service, book: RuleBook, place: Path) -> None:
    client = client_of(service)
    found = client.post(REVIEW, json=call(), headers={"x-request-id": TAKEN[0]})
    made = client.post(REVIEW, json=call()).headers["x-request-id"]
    database = open_existing(place)
    kept = [entry for _, entry in entries(database)]
    database.dispose()
    assert [entry.request_id for entry in kept] == [TAKEN[0], made]
    assert answered_again(kept[0], book) == found.content


def test_each_id_that_somebody_may_have_leads_to_the_decision_and_to_the_others(service: Service, place: Path) -> None:
    client = client_of(service)
    answer = client.post(REVIEW, json=call(), headers={"x-request-id": TAKEN[0]}).json()
    other = {**call(), "hookInstance": "e2688d70-ecaf-45be-8e7f-4f16f064c3fb"}
    made = client.post(REVIEW, json=other).headers["x-request-id"]
    card = answer["cards"][0]["uuid"]

    def lines_of(identity: str) -> tuple[int, list[str]]:
        done = CliRunner().invoke(app, ["log", "find", identity, "--database", str(place)])
        return done.exit_code, done.output.splitlines()

    _, (first,) = lines_of(TAKEN[0])
    assert all(part in first for part in ("record 1: ", TAKEN[0], INSTANCE, card, " by "))
    assert lines_of(INSTANCE) == (0, [first])
    _, (second,) = lines_of(made)
    assert "record 2: " in second
    assert lines_of(card) == (0, [first, second])
    assert lines_of("CA-01")[0] == lines_of(TAKEN[1])[0] == 1


def test_what_is_told_of_others_in_the_course_of_a_request_does_not_carry_its_id(
    service: Service, lines: Lines
) -> None:
    clock = Clock()
    service.authenticator = verifier()
    service.denials = Denials(lambda: service.journal, lambda: None, clock)
    client = client_of(service)
    for _ in range(12):
        client.post(REVIEW, json=call())
    clock.time += 61
    client.post(REVIEW, json=call(), headers={"x-request-id": TAKEN[0]})
    (left_out,) = lines.events("not-authorized-left-out")
    assert (left_out["count"], "request_id" in left_out) == (2, False)
    assert [line["event"] for line in lines.events() if line.get("request_id") == TAKEN[0]] == [
        "not-authorized", "request",
    ]  # fmt: skip


def test_after_a_request_there_is_none(service: Service) -> None:
    async def of_the_task() -> str:
        scope = {"type": "http", "method": "GET", "path": "/livez", "headers": [], "query_string": b""}
        await application(service)(scope, AsyncMock(), AsyncMock())
        return current_id.get()

    assert asyncio.run(of_the_task()) == ""


def test_a_line_outside_of_a_request_has_none(lines: Lines) -> None:
    Journal(lines).write("self-test", count=0)
    assert "request_id" not in lines.events()[0]


def test_a_browser_client_may_send_one_and_see_it(service: Service) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "POST"}
    wanted = "authorization,content-type,traceparent,x-request-id"
    client = client_of(service)
    allowed = client.options(REVIEW, headers={**asked, "access-control-request-headers": wanted})
    assert allowed.status_code == 200
    found = client.post(REVIEW, json=call(), headers={"origin": ORIGIN})
    assert "x-request-id" in found.headers["access-control-expose-headers"]
