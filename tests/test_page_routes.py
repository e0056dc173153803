"""Who gets the page: this machine, by a loopback name, unless it is switched off; and what bad requests are told."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.reading import read_settings
from cds.service.configuration.settings import OPEN_TO_ALL, Listen, Settings
from cds.service.page import files
from cds.service.page.files import PAGE_HEADERS
from cds.service.rulebooks import CurrentRulebook
from cds.service.server import startup_lines
from cds.service.state import Service

FIRST_SAMPLE = "osteoporosis-and-calcified-arteries"
JSON = {"content-type": "application/json"}
sample = partial(files.sample, Path(__file__).resolve().parent.parent / "fhir_samples")


def client_of(book: RuleBook, settings: Settings, name: str = "127.0.0.1:8080") -> TestClient:
    app = application(Service(CurrentRulebook(book), settings, today=lambda: date(2026, 11, 22)))
    return TestClient(app, base_url=f"http://{name}", raise_server_exceptions=False)


@pytest.fixture
def client(book: RuleBook) -> TestClient:
    return client_of(book, Settings())


@pytest.mark.parametrize(
    "path", ["/", "/page/page.js", "/page/page.css", "/page/icon.svg", "/samples", f"/samples/{FIRST_SAMPLE}"]
)
def test_every_part_of_the_page_keeps_itself_inside_this_service(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in PAGE_HEADERS} == PAGE_HEADERS


def test_what_a_person_opened_is_evaluated_as_of_the_day_that_was_asked_for(client: TestClient) -> None:
    text = sample("no-recent-tests")
    now = client.post("/evaluate", content=text, headers=JSON).json()
    then = client.post("/evaluate?asOf=2025-06-01", content=text, headers=JSON).json()
    assert (now["asOf"], now["outcome"]) == ("2026-11-22", "insufficient-data")
    assert (then["asOf"], then["outcome"]) == ("2025-06-01", "continue")


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/evaluate?asOf=tomorrow", b"{}", 400, "asOf"),
        ("/evaluate", b"{", 400, "[not-json]"),
        ("/evaluate", b'{"resourceType": "Bundle"}', 400, "[no-patient]"),
        ("/evaluate", b'{"resourceType": "Bundle", "resourceType": "Bundle"}', 400, "same key twice"),
        ("/evaluate", b" " * 3_000_000, 413, "larger than"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_a_reason(
    client: TestClient, path: str, body: bytes, status: int, told: str
) -> None:
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == status
    assert told in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("path", ["/samples/nobody", "/samples/..%2Frules", "/page/nothing.js", "/page/..%2froutes.py"])
def test_what_is_not_part_of_the_page_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "settings",
    [
        Settings(page=False),
        Settings.model_validate({"public url": "https://cds.example.org"}),
        Settings(listen=Listen(host="0.0.0.0"), authentication=OPEN_TO_ALL),  # noqa: S104
        Settings(listen=Listen(host="192.0.2.7"), authentication=OPEN_TO_ALL),
    ],
)
def test_there_is_no_page_where_it_is_switched_off_or_could_be_reached_from_elsewhere(
    book: RuleBook, settings: Settings
) -> None:
    client = client_of(book, settings)
    assert [client.get(path).status_code for path in ("/", "/samples", "/page/page.js")] == [404, 404, 404]
    assert client.post("/evaluate", content=sample(FIRST_SAMPLE), headers=JSON).status_code == 404
    assert client.get("/cds-services").status_code == 200


def test_the_configuration_switches_the_page_off_in_its_own_words(tmp_path: Path, book: RuleBook) -> None:
    place = tmp_path / "serve.yaml"
    place.write_text("page: no\n", encoding="utf-8")
    assert client_of(book, read_settings(place)).get("/").status_code == 404
    place.write_text("page: yes\n", encoding="utf-8")
    assert client_of(book, read_settings(place)).get("/").status_code == 200


ISSUERS: Any = {"issuers": ({"issuer": "https://ehr.example", "keys url": "https://ehr.example/jwks"},)}
DOORS = ("/", "/samples", f"/samples/{FIRST_SAMPLE}", "/page/page.js")


def test_where_callers_need_a_token_there_is_no_page_unless_somebody_asks_for_one(book: RuleBook) -> None:
    closed, asked = Settings.model_validate(ISSUERS), Settings.model_validate(ISSUERS | {"page": True})
    client = client_of(book, closed)
    assert [client.get(path).status_code for path in DOORS] == [404] * 4
    assert client.post("/evaluate", content=sample(FIRST_SAMPLE), headers=JSON).status_code == 404
    opened = client_of(book, asked)
    assert [opened.get(path).status_code for path in DOORS] == [200] * 4
    assert opened.post("/evaluate?asOf=2026-11-22", content=sample(FIRST_SAMPLE), headers=JSON).status_code == 200


def test_the_start_says_who_may_reach_what_without_a_token() -> None:
    def said(**more: Any) -> str:
        return "\n".join(startup_lines(Settings.model_validate(more)))

    assert "no authentication" in said()
    assert "Without a token answer: /livez, /startupz, /readyz, /version, /openapi.json, /metrics" in said(**ISSUERS)
    assert "/metrics" not in said(**ISSUERS, metrics=False)
    page = "the page at http://127.0.0.1:8080/ evaluates what is sent to it without a token"
    assert (page in said(**ISSUERS), page in said(**ISSUERS, page=True), page in said()) == (False, True, False)
    assert "There is no page" in said(page=True, **{"public url": "https://cds.example.org"})
    assert ("are kept" in said(), "are kept" in said(records="r.sqlite")) == (True, False)


@pytest.mark.parametrize("name", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_the_page_opens_by_a_loopback_name(book: RuleBook, name: str) -> None:
    assert client_of(book, Settings(), name).get("/").status_code == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080", "127.evil.example"]
)
def test_a_foreign_name_that_points_here_gets_nothing(book: RuleBook, name: str) -> None:
    client = client_of(book, Settings(), name)
    assert client.get("/").status_code == 403
    assert client.post("/evaluate", content=sample(FIRST_SAMPLE), headers=JSON).status_code == 403
