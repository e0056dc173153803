"""What becomes of a call whose decision cannot be recorded is chosen by the operator, and said in every case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from calls import REVIEW, call, client_of, service_for
from people import EXTENSION
from starlette.testclient import TestClient
from test_operation import Lines

from cds.cards.models import checked
from cds.errors import EngineError
from cds.hooks.not_recorded import SENTENCE
from cds.records.chain import verify
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.rulebook.model import RuleBook
from cds.service.observability.health import Health
from cds.service.observability.journal import Journal
from cds.service.recording.recording import Recording
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def recording(place: Path, lines: Lines) -> Iterator[Recording]:
    journal = Journal(lines)
    records = Records(place, heard=lambda event, text: journal.write(event, problem=text))
    yield Recording(records, Pseudonyms(b"k" * 32), Service.now, journal)
    records.close()


@pytest.fixture
def client(book: RuleBook, recording: Recording) -> TestClient:
    """A service that answers what it cannot record."""
    service = service_for(book)
    service.settings = service.settings.model_copy(update={"when_not_recorded": "answer"})
    service.decisions, service.journal = recording, recording.journal
    service.health = Health([CurrentRulebook(book)], recording.journal, checks=[recording.warning])
    return client_of(service)


def test_an_answer_that_could_not_be_recorded_says_so_on_its_deciding_card_and_as_data(
    client: TestClient, recording: Recording, place: Path
) -> None:
    kept = client.post(REVIEW, json=call()).json()
    place.rename(place.with_suffix(".away"))
    given = client.post(REVIEW, json=call())
    place.with_suffix(".away").rename(place)
    assert given.status_code == 200
    checked(given.json()["cards"])
    assert given.json()["extension"][EXTENSION]["notRecorded"] is True
    marked = [card for card in given.json()["cards"] if card["extension"][EXTENSION].get("notRecorded")]
    assert [card["extension"][EXTENSION]["decides"] for card in marked] == [True]
    assert marked[0]["detail"].endswith(SENTENCE)
    assert SENTENCE not in str(kept)
    assert [card["summary"] for card in given.json()["cards"]] == [card["summary"] for card in kept["cards"]]
    assert client.post(REVIEW, json=call()).json() == kept


def test_what_was_not_recorded_is_counted_in_the_journal_and_a_gap_of_the_log_that_is_verified(
    client: TestClient, recording: Recording, place: Path, lines: Lines
) -> None:
    client.post(REVIEW, json=call())
    place.rename(place.with_suffix(".away"))
    for _ in range(3):
        client.post(REVIEW, json=call())
    recording.probe()
    told = client.get("/readyz").json()
    assert ("their answers not recorded" in str(told["warnings"]), "records" in str(told["problems"])) == (True, False)
    place.with_suffix(".away").rename(place)
    recording.probe()
    recording.probe()
    client.post(REVIEW, json=call())
    found = verify(recording.records.engine)
    assert (found.problem, dict(found.kinds)) == ("", {"decision": 2, "gap 3": 1})
    assert len(lines.events("answered-not-recorded")) == 3
    assert [line["count"] for line in lines.events("records-back")] == [3]
    assert "warnings" not in client.get("/readyz").json()


def test_a_service_is_started_once_it_has_tested_itself_whatever_came_of_it(book: RuleBook, tmp_path: Path) -> None:
    service, current = service_for(book), CurrentRulebook(book)
    current.samples = tmp_path
    service.health = Health([current], Journal(Lines()))
    client = client_of(service)
    assert (client.get("/startupz").status_code, client.get("/livez").status_code) == (503, 200)
    service.health.poll()
    assert (client.get("/startupz").status_code, client.get("/readyz").status_code) == (200, 503)


NO_THREAD = RuntimeError("can't start new thread")


@pytest.mark.parametrize("trouble", [EngineError("broken"), MemoryError(), OSError(24, "too many"), NO_THREAD])
def test_trouble_of_ours_that_may_pass_is_a_503_and_says_when_to_come_again(book: RuleBook, trouble: Exception) -> None:
    service = service_for(book)

    def fail() -> None:
        raise trouble

    service.today = fail  # type: ignore[assignment]
    found = client_of(service).post(REVIEW, json=call())
    assert (found.status_code, found.headers["retry-after"]) == (503, "10")
    assert found.json()["issue"][0]["diagnostics"].startswith("This service cannot answer now; no advice was given.")
