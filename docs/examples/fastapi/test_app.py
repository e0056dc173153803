"""The application is called as a client calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from app import app
from fastapi.testclient import TestClient

import cds

SAMPLE = Path(__file__).resolve().parents[3] / "fhir_samples" / "high-calcium" / "bundle.json"


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A client of the running application."""
    with TestClient(app) as client:
        yield client


def test_a_bundle_is_answered_with_outcome_and_cards(client: TestClient) -> None:
    """The same as from Python."""
    answer = client.post("/evaluate?as_of=2026-11-22", json=json.loads(SAMPLE.read_text(encoding="utf-8")))
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "hold"
    assert answer.json()["cards"] == cds.cards_of(cds.evaluate(SAMPLE, as_of="2026-11-22"))


@pytest.mark.parametrize("body", [[], {}, {"resourceType": "Bundle", "type": "collection"}, 5, str(SAMPLE)])
def test_what_is_no_record_of_a_patient_is_refused_with_a_sentence(client: TestClient, body: object) -> None:
    """Status 422, as FastAPI itself uses it."""
    answer = client.post("/evaluate", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_day_that_is_none_is_refused(client: TestClient) -> None:
    """FastAPI checks the parameter itself."""
    assert client.post("/evaluate?as_of=yesterday", json={}).status_code == 422
