"""The CDS Hooks service: discovery, the shapes of prefetch, draft orders, errors with a body, feedback, CORS."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from people import observation, patient, statement
from starlette.testclient import TestClient

from cds.cards.card import EXTENSION
from cds.cards.models import checked
from cds.errors import CdsError
from cds.hooks.prefetch import prefetch_of
from cds.hooks.services import OFFERS, USUAL
from cds.rulebook.model import Condition, Measurement, RuleBook
from cds.service.app import application
from cds.service.running import check_address
from cds.service.settings import OPEN_TO_ALL, Listen, Settings
from cds.service.state import Service, Shelf

Json = dict[str, Any]
ORIGIN = "http://127.0.0.1:9430"
REVIEW = "/cds-services/calcium-review"
CARD = "11111111-1111-4111-8111-111111111111"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}


@pytest.fixture
def client(book: RuleBook) -> TestClient:
    service = Service(Shelf(book), Settings(origins=(ORIGIN,)), today=lambda: date(2026, 11, 22))
    return TestClient(application(service))


def searchset(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": item} for item in resources]}


def body(**prefetch: Any) -> Json:
    full = {
        "patient": patient(), "observations": searchset(observation("LOINC 17861-6", 9.4, "mg/dL")),
        "conditions": searchset(), "statements": searchset(statement("RxNorm 282465")), "requests": searchset(),
        "goals": None,
    }  # fmt: skip
    sent = {key: value for key, value in (full | prefetch).items() if value != "left out"}
    context = {"patientId": "p", "userId": "Practitioner/1"}
    return {"hook": "patient-view", "hookInstance": "i-1", "context": context, "prefetch": sent}


def rules_of(response: Any) -> set[str]:
    assert response.status_code == 200, response.text
    assert checked(response.json()["cards"])
    extensions = [card["extension"][EXTENSION] for card in response.json()["cards"]]
    extensions = [extension for extension in extensions if "heldBack" not in extension]
    return {part["rule"] for extension in extensions for part in extension.get("folded", [extension])}


def test_discovery_names_one_service_for_each_hook(client: TestClient) -> None:
    services = client.get("/cds-services").json()["services"]
    assert {s["id"]: s["hook"] for s in services} == {o.id: o.hook for o in OFFERS if o.hook in USUAL}
    assert all(service["description"] and service["prefetch"]["patient"] for service in services)


def test_every_code_that_a_rule_can_read_is_asked_for(book: RuleBook) -> None:
    query = prefetch_of(book)["observations"]
    codes = [c for t in book.terms.values() if isinstance(t, Measurement) for c in t.codes]
    codes += [c for t in book.terms.values() if isinstance(t, Condition) for c in t.questions]
    assert [code.code for code in codes if f"{code.system}|{code.code}" not in query] == []


def test_a_call_answers_with_valid_cards(client: TestClient) -> None:
    assert "CON-06" in rules_of(client.post(REVIEW, json=body())) or "DATA-03" in rules_of(
        client.post(REVIEW, json=body())
    )


@pytest.mark.parametrize(
    "conditions", [None, searchset(), {"resourceType": "Bundle", "entry": []}, OUTCOME, searchset(OUTCOME), "left out"]
)
def test_every_shape_of_a_prefetch_value_is_answered(client: TestClient, conditions: Any) -> None:
    assert rules_of(client.post(REVIEW, json=body(conditions=conditions)))


@pytest.mark.parametrize("entry", [5, "x", {"resource": 1}, [None, 3, {"resource": "x"}, {}]])
def test_a_prefetched_bundle_that_is_broken_inside_is_answered(client: TestClient, entry: Any) -> None:
    broken = {"resourceType": "Bundle", "type": "searchset", "entry": entry}
    assert client.post(REVIEW, json=body(observations=broken)).status_code == 200


def test_without_the_medicines_nobody_is_said_to_take_none(client: TestClient) -> None:
    assert client.post(REVIEW, json=body(statements=searchset())).json()["cards"] == []
    rules = rules_of(client.post(REVIEW, json=body(statements="left out")))
    assert "SCOPE-03" not in rules


def test_a_draft_order_counts_as_what_is_being_ordered(client: TestClient) -> None:
    order = {
        "resourceType": "MedicationRequest", "id": "r", "status": "draft", "subject": {"reference": "Patient/p"},
        "category": {"text": "an object where an array belongs"},
        "medicationCodeableConcept": {"text": "Calcium Carbonate 1250 MG / Cholecalciferol 400 UNT Oral Tablet"},
    }  # fmt: skip
    call = body(statements=searchset()) | {"hook": "order-select"}
    assert client.post("/cds-services/calcium-order-select", json=call).json()["cards"] == []
    call["context"] |= {
        "selections": ["MedicationRequest/r"],
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": order}]},
    }
    assert rules_of(client.post("/cds-services/calcium-order-select", json=call)) - {"SCOPE-03"}


def test_the_data_of_another_patient_have_no_influence(client: TestClient) -> None:
    foreign = observation("LOINC 17861-6", 14, "mg/dL", identity="f", subject={"reference": "Patient/q"})
    mine = observation("LOINC 17861-6", 9.4, "mg/dL")
    assert "CA-02" not in rules_of(client.post(REVIEW, json=body(observations=searchset(mine, foreign))))


def test_extensions_and_unknown_members_are_accepted(client: TestClient) -> None:
    call = body() | {"extension": {"com.epic.cdshooks.request.bpa-trigger-action": 60}, "novelty": [1]}
    assert client.post(REVIEW, json=call).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [({"hook": "order-sign"}, 400), ({"hook": None}, 400), ({"hookInstance": ""}, 400), ({"hookInstance": 5}, 400),
     ({"context": None}, 400), ({"context": {}}, 400), ({"context": {"patientId": 7}}, 400), ({"prefetch": []}, 400),
     ({"prefetch": None}, 412), ({"prefetch": {}}, 412), ({"prefetch": {"patient": None}}, 412),
     ({"context": {"patientId": "somebody-else"}}, 400)],
)  # fmt: skip
def test_a_wrong_envelope_is_refused_with_an_operation_outcome(client: TestClient, change: Json, status: int) -> None:
    response = client.post(REVIEW, json=body() | change)
    assert (response.status_code, response.json()["resourceType"]) == (status, "OperationOutcome")


@pytest.mark.parametrize(
    ("method", "path", "content", "kind", "status"),
    [("POST", "/cds-services/unknown", b"{}", "application/json", 404), ("GET", REVIEW, b"", "", 405),
     ("POST", "/cds-services", b"{}", "application/json", 405), ("POST", REVIEW, b"{", "application/json", 400),
     ("POST", REVIEW, b"[]", "application/json", 400), ("POST", REVIEW, b"<x/>", "application/xml", 415),
     ("POST", REVIEW, b" " * 2_100_000, "application/json", 413), ("GET", "/elsewhere", b"", "", 404),
     ("POST", REVIEW, b"[" * 100_000, "application/json", 400)],
)  # fmt: skip
def test_errors_have_their_status_and_a_body(
    client: TestClient, method: str, path: str, content: bytes, kind: str, status: int
) -> None:
    response = client.request(method, path, content=content, headers={"content-type": kind} if kind else {})
    assert (response.status_code, response.json()["resourceType"]) == (status, "OperationOutcome")


@pytest.mark.parametrize(
    "entry",
    [{}, {"card": "x", "outcome": "accepted", "outcomeTimestamp": "2026-11-22T08:09:27Z"},
     {"card": CARD, "outcome": "accepted", "outcomeTimestamp": "2026-11-22T08:09:27Z"},
     {"card": CARD, "outcome": "ignored", "outcomeTimestamp": "2026-11-22T08:09:27Z"},
     {"card": CARD, "outcome": "overridden", "outcomeTimestamp": "yesterday"}],
)  # fmt: skip
def test_wrong_feedback_is_refused(client: TestClient, entry: Json) -> None:
    assert client.post(f"{REVIEW}/feedback", json={"feedback": [entry]}).status_code == 400


def test_only_named_origins_may_call_from_a_browser(client: TestClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    assert client.options(REVIEW, headers={"origin": ORIGIN, **asked}).headers["access-control-allow-origin"] == ORIGIN
    assert (
        "access-control-allow-origin"
        not in client.options(REVIEW, headers={"origin": "http://x.example", **asked}).headers
    )


@pytest.mark.parametrize(
    "name",
    ["patient-view", "order-select-before-picking", "order-select-after-picking-845523",
     "order-sign-after-picking-845523", "feedback-accepted", "feedback-overridden"],
)  # fmt: skip
def test_captured_requests_are_answered(client: TestClient, shared: Path, name: str) -> None:
    wire = json.loads((shared / "cdshooks" / "wire" / f"{name}.json").read_text(encoding="utf-8"))
    response = client.post(wire["path"], json=wire["body"])
    assert response.status_code == 200
    if not name.startswith("feedback"):
        checked(response.json()["cards"])


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "example.org", "::"])  # noqa: S104 - refused
def test_without_authentication_it_listens_on_the_loopback_address_only(host: str) -> None:
    with pytest.raises(CdsError, match="loopback"):
        check_address(Settings(listen=Listen(host=host)))
    check_address(Settings(listen=Listen(host=host), authentication=OPEN_TO_ALL))
    check_address(Settings())
