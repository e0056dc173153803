"""Builders of CDS Hooks calls for tests; the patient is ``Patient/p`` of ``people``, on the day ``TODAY``."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from people import EXTENSION, observation, patient, statement
from starlette.testclient import TestClient

from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.settings import Settings
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service

Json = dict[str, Any]
TODAY = date(2026, 1, 15)
ORIGIN = "https://ehr.example.org"
REVIEW, SELECT, SIGN = (f"/cds-services/calcium-{name}" for name in ("review", "order-select", "order-sign"))
HOOK_OF = {REVIEW: "patient-view", SELECT: "order-select", SIGN: "order-sign"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
CALCIUM_AND_D = "Calcium Carbonate 1250 MG / Cholecalciferol 400 UNT Oral Tablet"


def searchset(*resources: Json, **more: Any) -> Json:
    """A search result."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources], **more}


def call(hook: str = "patient-view", context: Json | None = None, **prefetch: Any) -> Json:
    """A call with a whole prefetch; a key that is 'left out' is left out."""
    full = {
        "patient": patient(), "observations": searchset(observation("LOINC 17861-6", 9.4, "mg/dL")),
        "conditions": searchset(), "statements": searchset(statement()), "requests": searchset(), "goals": searchset(),
    }  # fmt: skip
    sent = {key: value for key, value in (full | prefetch).items() if value != "left out"}
    about = {"patientId": "p", "userId": "Practitioner/1", **(context or {})}
    return {"hook": hook, "hookInstance": INSTANCE, "context": about, "prefetch": sent}


def draft(code: str = "845523", identity: str = "r", **more: Any) -> Json:
    """A draft order as the public sandbox writes it: no intent, the category an object."""
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}
    coding |= {"display": CALCIUM_AND_D} if code == "845523" else {}
    order = {
        "resourceType": "MedicationRequest", "id": identity, "status": "draft", "subject": {"reference": "Patient/p"},
        "category": {"coding": [{"code": "community"}]}, "medicationCodeableConcept": {"coding": [coding]}, **more,
    }  # fmt: skip
    return {key: value for key, value in order.items() if value is not None}


def orders(*resources: Json) -> Json:
    """Draft orders: a Bundle without a type."""
    return {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}


def service_for(book: RuleBook, **settings: Any) -> Service:
    """A service of a rulebook on the day of the tests."""
    return Service(CurrentRulebook(book), Settings(origins=(ORIGIN,), **settings), today=lambda: TODAY)


def client_of(service: Service) -> TestClient:
    """A client of a service; an exception that gets out of the application fails the test."""
    return TestClient(application(service))


def rules_in(cards: list[Json]) -> set[str]:
    """The rules behind cards, folded ones too."""
    told = [card["extension"][EXTENSION] for card in cards]
    return {part["rule"] for item in told for part in item.get("folded", [item]) if "rule" in part}


def not_sent(cards: list[Json]) -> set[str]:
    """The keys that the cards name as not sent."""
    return {key for card in cards for key in card["extension"][EXTENSION].get("notSent", ())}


def body_of(data: Any) -> bytes:
    """JSON text."""
    return orjson.dumps(data)
