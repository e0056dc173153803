"""A browser client on another origin, as the public CDS Hooks sandbox is one: what it sends, and what it can read.

The client is ours; it does what the sandbox was seen to do (tests of the requirements replay what it sent): every call
with a token in a header, the prefetch read from its FHIR server key by key, a key that could not be read left out, and
orders that are no valid FHIR until a drug is picked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import Browser, browser, free_port, missing_browser, served
from calls import draft, orders, searchset
from people import EXTENSION, observation, patient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from cds.hooks.prefetch import PATIENT, prefetch_of
from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.settings import Settings
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser")
Json = dict[str, Any]
CLIENT = """<!doctype html><title>client</title><script>
const token = "Bearer e30.e30.AA";
async function talk(method, url, body) {
  const headers = {Accept: "application/json", Authorization: token};
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(url, {method, headers, body: body && JSON.stringify(body)});
    const text = await answer.text();
    return {status: answer.status, body: text ? JSON.parse(text) : null};
  } catch (error) { return {status: 0, body: String(error)}; }
}
async function read(fhir, template, patient) {
  const [place, search] = template.replaceAll("{{context.patientId}}", patient).split("?");
  const values = new URLSearchParams(search ?? "");
  const query = [...values].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const answer = await fetch(`${fhir}/${place}${query && "?"}${query}`);
  return answer.ok ? answer.json() : undefined;
}
async function fire(discovery, fhir, hook, context) {
  const found = await talk("GET", discovery);
  if (!found.status) return found;
  const service = found.body.services.find(one => one.hook === hook), prefetch = {};
  for (const [key, template] of Object.entries(service.prefetch)) {
    const value = await read(fhir, template, context.patientId);
    if (value) prefetch[key] = value;
  }
  const url = `${discovery}/${service.id}`, hookInstance = crypto.randomUUID();
  return {url, ...await talk("POST", url, {hookInstance, hook, fhirServer: fhir, context, prefetch})};
}
</script>"""
ANSWERED = {
    "Observation": searchset(observation("LOINC 17861-6", 11.8, "mg/dL")), "Condition": searchset(),
    "MedicationRequest": searchset(),
}  # fmt: skip
"""What the FHIR server of the client knows; it has no MedicationStatement and no Goal."""


class Client:
    """The page of the client and its FHIR server at one origin, and the browser that shows it."""

    def __init__(self, session: Browser, origin: str, asked: list[str]) -> None:
        self.session, self.origin, self.asked = session, origin, asked

    def does(self, call: str, *arguments: Any) -> Any:
        """What a function of the page answers."""
        self.session.open(f"{self.origin}/")
        return self.session.run(f"return {call}(...arguments)", *arguments)

    def fires(self, base: str, hook: str, **context: Any) -> Json:
        """The answer to a hook about the patient ``p``."""
        about = {"patientId": "p", "userId": "Practitioner/COREPRACTITIONER1", **context}
        found: Json = self.does("fire", f"{base}/cds-services", f"{self.origin}/fhir", hook, about)
        return found


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(str(request.url))
        kind = request.path_params["type"]
        known = kind in ANSWERED and request.query_params.get("patient") == "p"
        return JSONResponse(ANSWERED[kind]) if known else Response(status_code=404)

    routes = [
        Route("/", lambda _: HTMLResponse(CLIENT)), Route("/favicon.ico", lambda _: Response(status_code=204)),
        Route("/fhir/Patient/p", lambda _: JSONResponse(patient())), Route("/fhir/{type}", answer),
    ]  # fmt: skip
    profile = tmp_path_factory.mktemp("browser") / "profile"
    with served(Starlette(routes=routes)) as origin, browser(profile) as session:
        yield Client(session, origin, asked)


@pytest.fixture(scope="module")
def base(book: RuleBook, client: Client) -> Iterator[str]:
    port = free_port()
    with served(application(Service(CurrentRulebook(book), Settings(origins=(client.origin,)))), port) as url:
        yield url


def summaries(found: Json) -> list[str]:
    return [card["summary"] for card in found["body"]["cards"]]


def test_the_client_reads_every_query_of_the_discovery_answer_and_gets_cards(
    client: Client, base: str, book: RuleBook
) -> None:
    client.asked.clear()
    found = client.fires(base, "patient-view")
    assert found["status"] == 200
    codes = prefetch_of(book)["observations"].partition("&code=")[2].split("&")[0]
    (sent,) = [url for url in client.asked if "/Observation?" in url]
    assert PATIENT not in sent
    assert sent.count("%7C") == codes.count("|")
    assert len(sent) < 4096  # the shortest limit of a usual proxy


def test_what_its_server_does_not_support_is_said_and_the_rest_is_judged(client: Client, base: str) -> None:
    found = client.fires(base, "order-select", selections=["MedicationRequest/r"], draftOrders=orders(draft()))
    assert "consider pausing" in found["body"]["cards"][0]["summary"]
    assert set(found["body"]["extension"][EXTENSION]["notSent"]) == {"statements", "goals"}


def test_before_a_drug_is_picked_nothing_is_said_and_afterwards_its_removal_is_offered(
    client: Client, base: str
) -> None:
    context = {"selections": ["MedicationRequest/r"], "draftOrders": orders(draft(medicationCodeableConcept=None))}
    assert summaries(client.fires(base, "order-select", **context)) == []
    context["draftOrders"] = orders(draft())
    found = client.fires(base, "order-select", **context)
    actions = [a for c in found["body"]["cards"] for s in c.get("suggestions", ()) for a in s["actions"]]
    assert all(action["description"] for action in actions)
    assert {a["resourceId"] for a in actions if a["type"] == "delete"} == {"MedicationRequest/r"}
    again = client.fires(base, "order-select", **context)
    assert [card["uuid"] for card in again["body"]["cards"]] == [card["uuid"] for card in found["body"]["cards"]]


def test_its_feedback_is_taken(client: Client, base: str) -> None:
    found = client.fires(base, "order-sign", draftOrders=orders(draft()))
    card = found["body"]["cards"][0]
    taken = {"outcome": "accepted", "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}]}
    reason = {key: card["overrideReasons"][0][key] for key in ("code", "system")}
    refused = {"outcome": "overridden", "overrideReason": {"reason": reason}}
    for outcome in (taken, refused):
        entry = {"card": card["uuid"], "outcomeTimestamp": "2026-11-22T08:09:27.944Z", **outcome}
        answer = client.does("talk", "POST", f"{found['url']}/feedback", {"feedback": [entry]})
        assert answer == {"status": 200, "body": None}


def test_it_can_read_a_refusal(client: Client, base: str) -> None:
    found = client.does("talk", "POST", f"{base}/cds-services/calcium-review", {"hook": "patient-view"})
    assert (found["status"], found["body"]["resourceType"]) == (400, "OperationOutcome")


def test_an_origin_that_is_not_named_reads_nothing(client: Client, book: RuleBook) -> None:
    with served(application(Service(CurrentRulebook(book), Settings(origins=("https://other.example.org",))))) as url:
        assert client.fires(url, "patient-view")["status"] == 0
