"""The checklist of CDS Hooks 2.0 for a service, number by number; the id of the requirement begins each name.

J: JSON and transport, D: discovery, P: prefetch, Q: requests, C: responses, F: feedback, A: authentication, H: hooks,
V: clients of vendors, S: the public sandbox, T: troubles that other services had, K: what conformance kits ask.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from calls import (
    INSTANCE,
    ORIGIN,
    OUTCOME,
    REVIEW,
    SELECT,
    SIGN,
    TODAY,
    call,
    client_of,
    draft,
    not_sent,
    orders,
    rules_in,
    searchset,
    service_for,
)
from people import CALCIUM, EXTENSION, cds_services, condition, dosage, observation, patient, request, statement
from starlette.testclient import TestClient
from test_patients import PATIENTS

from cds.cards.models import Response
from cds.errors import CdsError
from cds.evaluation import evaluate
from cds.hooks.answering import answer
from cds.hooks.prefetch import PREFETCH_KEYS, prefetch_of
from cds.hooks.profiles import PROFILES
from cds.hooks.services import HOOKS
from cds.intake.validation import r4_problem
from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.settings import Listen, Settings
from cds.service.server import check_address

Json = dict[str, Any]
ALL_HOOKS = tuple(HOOKS)
SEMVER = re.compile(r"\d+\.\d+\.\d+")


@pytest.fixture(scope="module")
def client(book: RuleBook) -> TestClient:
    return client_of(service_for(book))


@pytest.fixture(scope="module")
def bodies(client: TestClient) -> list[Json]:
    """Answers to calls about all invented patients, whole and partial, at every hook."""
    found = []
    for person in list(PATIENTS.values())[::3]:
        by_type: dict[str, list[Json]] = {}
        for entry in person["bundle"]["entry"]:
            by_type.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
        who = by_type["Patient"][0]
        whole: Json = {k.name: searchset(*by_type.get(k.type, ())) for k in PREFETCH_KEYS[1:]} | {"patient": who}
        for path, hook in ((REVIEW, "patient-view"), (SIGN, "order-sign")):
            for left_out in ("", "observations", "conditions", "statements"):
                sent = {name: value for name, value in whole.items() if name != left_out}
                body = call(hook, {"patientId": who["id"]}) | {"prefetch": sent}
                body["context"]["draftOrders"] = orders(draft(subject={"reference": f"Patient/{who['id']}"}))
                answered = client.post(path, json=body)
                assert answered.status_code == 200, answered.text
                found.append(answered.json())
    return found


def cards_of(bodies: list[Json]) -> Iterator[Json]:
    return (card for body in bodies for card in body["cards"])


def actions_of(bodies: list[Json]) -> Iterator[Json]:
    return (a for card in cards_of(bodies) for s in card.get("suggestions", ()) for a in s["actions"])


def services(client: TestClient) -> list[Json]:
    found: list[Json] = client.get("/cds-services").json()["services"]
    return found


def empties(value: Any, place: str = "") -> Iterator[str]:
    """The places of null, empty text, empty lists and empty objects."""
    if value in (None, "", [], {}):
        yield place
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from empties(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from empties(inner, f"{place}[]")


# J: JSON and transport


def test_j1_every_body_is_json(client: TestClient) -> None:
    answers = [
        client.get("/cds-services"),
        client.post(REVIEW, json=call()),
        client.post(REVIEW, json=[]),
        client.get("/x"),
    ]
    assert {found.headers["content-type"] for found in answers} == {"application/json"}
    assert all(isinstance(found.json(), dict) for found in answers)


def test_j2_no_null_and_nothing_empty_is_sent(client: TestClient, bodies: list[Json]) -> None:
    found = {place for body in bodies for place in empties(body)} | set(empties(client.get("/cds-services").json()))
    assert found <= {".cards"}


def test_j4_browser_clients_may_ask_discovery_service_and_feedback(client: TestClient) -> None:
    for path, method, headers in (
        ("/cds-services", "GET", "authorization"), (REVIEW, "POST", "authorization,content-type"),
        (f"{REVIEW}/feedback", "POST", "authorization,content-type"),
    ):  # fmt: skip
        asked = {"access-control-request-method": method, "access-control-request-headers": headers}
        found = client.options(path, headers={"origin": ORIGIN, **asked})
        assert (found.status_code, found.headers["access-control-allow-origin"]) == (200, ORIGIN)


# D: discovery


def test_d1_discovery_is_at_cds_services_and_holds_a_list(client: TestClient) -> None:
    found = client.get("/cds-services")
    assert (found.status_code, list(found.json())) == (200, ["services"])
    assert isinstance(found.json()["services"], list)


def test_d2_no_services_is_an_empty_list(book: RuleBook) -> None:
    """A client that knows patient-view only, of a service that offers order-sign only."""
    client = client_of(service_for(book, hooks=("order-sign",), profile="cerner"))
    assert client.get("/cds-services").json() == {"services": []}


def test_d3_d4_each_service_has_hook_id_description_and_title(client: TestClient) -> None:
    for service in services(client):
        for member in ("hook", "id", "description", "title"):
            assert isinstance(service[member], str)
            assert service[member].strip()


def test_d5_prefetch_and_usage_requirements_have_their_types(client: TestClient) -> None:
    for service in services(client):
        assert all(isinstance(query, str) and query for query in service["prefetch"].values())
        assert isinstance(service["usageRequirements"], str)


def test_d6_d7_versions_are_those_of_the_standard_and_of_the_hook(client: TestClient) -> None:
    found = {service["hook"]: service for service in services(client)}
    assert all(SEMVER.fullmatch(service["version"]) for service in found.values())
    assert {hook: service["hookVersion"] for hook, service in found.items()} == dict.fromkeys(found, "1.0")


def test_d8_each_hook_has_an_id_of_its_own() -> None:
    offered = cds_services().values()
    assert len({service.id for service in offered}) == len({service.hook for service in offered}) == len(HOOKS)


def test_d9_d10_extensions_have_reverse_domain_names_and_hooks_are_published_ones(bodies: list[Json]) -> None:
    keys = {key for card in cards_of(bodies) for key in card["extension"]} | {
        key for body in bodies for key in body.get("extension", {})
    }
    assert keys == {EXTENSION, "davinci-crd.associated-resource"}  # the second as HL7 names it
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", EXTENSION)
    assert set(ALL_HOOKS) == {"patient-view", "order-select", "order-sign", "medication-refill", "encounter-discharge"}


# P: prefetch


def test_p1_only_the_token_of_the_patient_is_used(client: TestClient) -> None:
    queries = [query for service in services(client) for query in service["prefetch"].values()]
    assert {token for query in queries for token in re.findall(r"\{\{(.*?)\}\}", query)} == {"context.patientId"}


def test_p3_p9_queries_are_reads_and_searches_of_the_portable_subset(client: TestClient) -> None:
    for service in services(client):
        for query in service["prefetch"].values():
            assert "today" not in query
            assert re.fullmatch(r"[A-Za-z]+/\{\{[^}]+\}\}|[A-Za-z]+\?patient=\{\{[^}]+\}\}(&code=[^&]+)?", query)


PAGED = searchset(link=[{"relation": "next", "url": "https://fhir.example.org/r4?page=2"}])
SHAPES: dict[str, tuple[Any, bool]] = {
    "null": (None, False),
    "missing key": ("left out", False),
    "empty Bundle": (searchset(), True),
    "Bundle without entry": ({"resourceType": "Bundle", "type": "searchset", "total": 0}, True),
    "Bundle without total": (searchset(condition("SNOMED 64859006")), True),
    "OperationOutcome alone": (OUTCOME, False),
    "OperationOutcome inside a Bundle": (searchset(condition("SNOMED 64859006"), OUTCOME), False),
    "a warning inside a Bundle": (searchset({**OUTCOME, "issue": [{"severity": "warning"}]}), True),
    "a single resource where a Bundle was asked": (condition("SNOMED 64859006"), False),
    "a paged Bundle": (PAGED, False),
    "a page without links": (searchset(condition("SNOMED 64859006"), total=2), False),
    "as many as the total": (searchset(condition("SNOMED 64859006"), total=1), True),
    "text": ("Condition", False), "a number": (5, False), "a list": ([condition("SNOMED 64859006")], False),
    "an object": ({}, False),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_p4_p5_p8_every_shape_of_a_prefetch_value_is_answered_and_what_is_not_whole_is_said(
    client: TestClient, name: str
) -> None:
    value, whole = SHAPES[name]
    found = client.post(REVIEW, json=call(conditions=value))
    cards = Response.model_validate(found.json()).cards
    assert (found.status_code, bool(cards)) == (200, True)
    assert not_sent(found.json()["cards"]) == (set() if whole else {"conditions"})
    told = found.json()["extension"][EXTENSION]
    assert told.get("notSent", []) == ([] if whole else ["conditions"])


@pytest.mark.parametrize("key", [key.name for key in PREFETCH_KEYS])
@pytest.mark.parametrize("value", [None, "left out", OUTCOME, searchset(OUTCOME), PAGED])
def test_p4_every_key_may_fail_alone(client: TestClient, key: str, value: Any) -> None:
    found = client.post(REVIEW, json=call(**{key: value})).json()
    assert found["extension"][EXTENSION]["notSent"] == [key]
    assert not_sent(found["cards"]) == {key}


def test_p4_a_warning_of_the_server_stands_in_the_issues(book: RuleBook) -> None:
    found = answer(call(conditions=searchset(OUTCOME)), cds_services()["patient-view"], book, TODAY)
    assert "server-message" in {issue.code for issue in found.record.issues}


def test_p6_the_prefetch_is_compared_with_the_template_whatever_else_is_sent(client: TestClient) -> None:
    found = client.post(REVIEW, json=call(conditions="left out", problems=searchset())).json()
    assert found["extension"][EXTENSION]["notSent"] == ["conditions"]


def test_p6_data_under_other_keys_are_used_but_prove_no_absence(client: TestClient) -> None:
    high = searchset(observation(CALCIUM, 13.0, "mg/dL"))
    found = client.post(REVIEW, json=call(observations="left out", labs=high)).json()
    assert "CA-02" in rules_in(found["cards"])
    assert not_sent(found["cards"]) == {"observations"}


def test_p7_412_when_nothing_can_be_decided_for_lack_of_the_patient(client: TestClient) -> None:
    for prefetch in (None, {}, {"patient": None}, {"patient": OUTCOME}):
        found = client.post(REVIEW, json=call() | {"prefetch": prefetch})
        assert (found.status_code, found.json()["issue"][0]["code"]) == (412, "required")


def test_p7_what_can_be_decided_without_the_patient_is_decided(client: TestClient) -> None:
    found = client.post(
        REVIEW, json=call(patient="left out", observations=searchset(observation(CALCIUM, 13, "mg/dL")))
    )
    assert found.status_code == 200
    assert "CA-02" in rules_in(found.json()["cards"])


def test_p7_an_order_alone_is_answered(client: TestClient) -> None:
    body = call("order-sign", {"draftOrders": orders(draft())}) | {"prefetch": {}}
    found = client.post(SIGN, json=body)
    assert (found.status_code, not_sent(found.json()["cards"])) == (200, {key.name for key in PREFETCH_KEYS})


def test_p_what_was_not_sent_is_never_taken_as_absent(client: TestClient) -> None:
    """A card that only says that something is missing which was not sent is held back, and that is said."""
    whole = client.post(REVIEW, json=call(observations=searchset())).json()["cards"]
    partial = client.post(REVIEW, json=call(observations="left out")).json()["cards"]
    assert {"DATA-02", "DATA-03"} <= rules_in(whole)
    assert not rules_in(partial) & {"DATA-02", "DATA-03"}
    (notice,) = [card for card in partial if "heldBack" in card["extension"][EXTENSION]]
    assert {"DATA-02", "DATA-03"} <= set(notice["extension"][EXTENSION]["heldBack"])
    assert "test results" in notice["summary"]
    assert "**Not sent, or not in full:** test results." in notice["detail"]


def test_p_a_label_that_was_sent_and_is_clear_is_not_doubted_for_the_list_that_was_not(client: TestClient) -> None:
    """The dose is open only because the other medicines were not sent; that is said, not that the label is unclear."""
    known = draft(dosageInstruction=[dosage(1)])
    context = {"draftOrders": orders(known)}
    for left_out in ({"statements"}, {"statements", "requests"}):
        body = call("order-sign", context, **dict.fromkeys(left_out, "left out"))
        found = client.post(SIGN, json=body).json()["cards"]
        assert "DATA-04" not in rules_in(found)
        assert left_out <= not_sent(found)
    unclear = {"draftOrders": orders(draft())}
    found = client.post(SIGN, json=call("order-sign", unclear, statements="left out")).json()["cards"]
    assert "DATA-04" in rules_in(found)


POINTS = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/not-sent"}}


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({}, False),
        ({"medicationReference": None}, False),
        ({"status": "unknown"}, False),
        ({"status": "completed"}, True),
        ({"status": "entered-in-error"}, True),
    ],
)
def test_p_a_medicine_that_points_to_what_was_not_sent_is_not_taken_as_none(
    client: TestClient, more: Json, read: bool
) -> None:
    """A list whose entry names no medicine was not read in full: the entry may be the calcium."""
    for key, maker in (("statements", statement), ("requests", request)):
        entry = {name: value for name, value in (maker() | POINTS | more).items() if value is not None}
        found = client.post(REVIEW, json=call(**{"statements": searchset(), key: searchset(entry)})).json()
        told = found["extension"][EXTENSION].get("notSent", [])
        assert (told, bool(found["cards"])) == (([], False) if read else ([key], True))


def test_p_a_medicine_with_nothing_but_a_name_that_the_rules_do_not_know_was_read_and_is_said(
    client: TestClient,
) -> None:
    named = {"medicationReference": {"reference": "Medication/not-sent", "display": "Kalziumbrause"}}
    for key, maker in (("statements", statement), ("requests", request)):
        entry = {name: value for name, value in (maker() | POINTS | named).items() if value is not None}
        found = client.post(REVIEW, json=call(**{"statements": searchset(), key: searchset(entry)})).json()
        (card,) = found["cards"]
        assert not_sent(found["cards"]) == set()
        assert card["extension"][EXTENSION]["notUnderstood"] == ["1 of 1 medicines was not understood: Kalziumbrause."]


def test_p_without_the_medicines_nobody_is_said_to_take_none(client: TestClient) -> None:
    assert client.post(REVIEW, json=call(statements=searchset())).json()["cards"] == []
    for key in ("statements", "requests"):
        found = client.post(REVIEW, json=call(**{"statements": searchset(), key: "left out"})).json()["cards"]
        assert "SCOPE-03" not in rules_in(found)
        assert not_sent(found) == {key}


def test_p_a_dose_that_is_too_high_already_stays_so_when_a_list_of_medicines_is_missing(client: TestClient) -> None:
    many = statement("RxNorm 282465", dosage(2, frequency=3))
    for key in ("requests", "goals", "conditions"):
        found = client.post(REVIEW, json=call(statements=searchset(many), **{key: "left out"}))
        assert "DOSE-02" in rules_in(found.json()["cards"])


# Q: requests


def test_q1_the_envelope_that_the_standard_requires_is_accepted(client: TestClient) -> None:
    body = call()
    assert (
        client.post(REVIEW, json={k: body[k] for k in ("hook", "hookInstance", "context", "prefetch")}).status_code
        == 200
    )


def test_q2_q3_q4_access_over_fhir_is_accepted_and_its_token_is_nowhere_in_the_answer(client: TestClient) -> None:
    access = {
        "access_token": "CANARY",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "x",
    }
    body = call() | {"fhirServer": "https://fhir.example.org/r4", "fhirAuthorization": access}
    found = client.post(REVIEW, json=body)
    assert found.status_code == 200
    assert "CANARY" not in found.text


@pytest.mark.parametrize(
    "extension", [{}, {"com.epic.cdshooks.request.bpa-trigger-action": 60}, [], None, "x", {"a": {"b": [1]}}]
)
def test_q5_an_extension_is_never_an_error(client: TestClient, extension: Any) -> None:
    assert client.post(REVIEW, json=call() | {"extension": extension}).status_code == 200


def test_q6_unknown_members_are_ignored(client: TestClient) -> None:
    body = call(context={"novelty": 1, "encounterId": "e"}, novelty={"resourceType": "Basic"}) | {"novelty": [1]}
    found, usual = (client.post(REVIEW, json=each).json() for each in (body, call()))
    assert found["cards"] == usual["cards"]
    assert found["extension"][EXTENSION]["account"]["aboutSomethingElse"] == 1, "a resource of another type was sent"


def test_q6_a_missing_user_or_encounter_loses_no_card(client: TestClient) -> None:
    body = call()
    del body["context"]["userId"]
    assert client.post(REVIEW, json=body).json() == client.post(REVIEW, json=call()).json()


# C: responses


def test_c1_an_answer_is_200_with_a_list_of_cards_and_nothing_to_say_is_an_empty_one(client: TestClient) -> None:
    found = client.post(REVIEW, json=call(statements=searchset()))
    assert (found.status_code, found.json()["cards"]) == (200, [])
    assert found.json()["extension"][EXTENSION].keys() == {"account"}


def test_c2_to_c15_every_body_is_valid(bodies: list[Json]) -> None:
    assert [Response.model_validate(body) for body in bodies]
    assert len(list(cards_of(bodies))) > 200


def test_c2_summaries_are_short_sentences(bodies: list[Json]) -> None:
    assert max(len(card["summary"]) for card in cards_of(bodies)) <= 139
    assert all(card["summary"].strip() and "\n" not in card["summary"] for card in cards_of(bodies))


def test_c3_indicators_are_those_of_the_standard_and_all_occur(bodies: list[Json]) -> None:
    assert {card["indicator"] for card in cards_of(bodies)} == {"info", "warning", "critical"}


def test_c4_c5_c6_sources_have_a_label_absolute_urls_and_a_static_topic(bodies: list[Json]) -> None:
    for card in cards_of(bodies):
        source = card["source"]
        assert source["label"]
        assert urlsplit(source.get("url", "https://x")).scheme == "https"
        assert re.fullmatch(r"[A-Za-z0-9]{1,100}", source["topic"]["code"])
        assert source["topic"]["system"].startswith("https://")


def test_c6_topics_are_one_for_each_rule(bodies: list[Json]) -> None:
    pairs = {(c["extension"][EXTENSION].get("rule"), c["source"]["topic"]["code"]) for c in cards_of(bodies)}
    assert len(pairs) == len({rule for rule, _ in pairs}) + len({t for r, t in pairs if r is None}) - 1


def test_c7_cards_and_suggestions_have_uuids_and_none_twice_in_an_answer(bodies: list[Json]) -> None:
    for body in bodies:
        found = [card["uuid"] for card in body["cards"]]
        found += [s["uuid"] for card in body["cards"] for s in card.get("suggestions", ())]
        assert len(found) == len({str(UUID(one)) for one in found})


def test_c7_the_same_call_has_the_same_uuids_whatever_its_instance(client: TestClient) -> None:
    again = call() | {"hookInstance": "another"}
    assert client.post(REVIEW, json=again).content == client.post(REVIEW, json=call()).content


def test_c8_details_hold_no_html(bodies: list[Json]) -> None:
    assert [card["detail"] for card in cards_of(bodies) if re.search(r"<[a-zA-Z/!]", card["detail"])] == []


def test_c10_c11_suggestions_come_with_a_selection_behavior(bodies: list[Json]) -> None:
    found = [card for card in cards_of(bodies) if "suggestions" in card]
    assert found
    assert {card["selectionBehavior"] for card in found} <= {"any", "at-most-one"}
    assert not any(s.get("isRecommended") for card in found for s in card["suggestions"])


def test_c12_c13_actions_carry_valid_r4_or_the_reference_of_what_is_removed(bodies: list[Json]) -> None:
    found = list(actions_of(bodies))
    assert {action["type"] for action in found} >= {"create", "update"}
    for action in found:
        assert action["description"]
        if action["type"] == "delete":
            assert re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}", action["resourceId"])
            assert "resource" not in action
        else:
            assert r4_problem(action["resource"]) is None


def test_c14_override_reasons_have_code_system_and_display(bodies: list[Json]) -> None:
    reasons = [reason for card in cards_of(bodies) for reason in card["overrideReasons"]]
    assert all({"code", "system", "display"} == set(reason) and all(reason.values()) for reason in reasons)


def test_c14_override_reasons_are_those_of_hl7(bodies: list[Json], shared: Path) -> None:
    text = (shared / "cdshooks" / "override-reasons.json").read_text(encoding="utf-8")
    reasons = [reason for card in cards_of(bodies) for reason in card["overrideReasons"]]
    assert {reason["code"] for reason in reasons} <= set(re.findall(r'"code": *"([^"]+)"', text))


def test_c15_links_are_absolute_https_without_app_context(bodies: list[Json]) -> None:
    links = [link for card in cards_of(bodies) for link in card.get("links", ())]
    assert links
    assert all(link["type"] == "absolute" and link["url"].startswith("https://") for link in links)
    assert not any("appContext" in link or "autolaunchable" in link for link in links)


def test_c16_c17_no_action_selection_behavior_and_no_system_actions(bodies: list[Json]) -> None:
    text = json.dumps(bodies)
    assert "actionSelectionBehavior" not in text
    assert "systemActions" not in text


def test_c18_an_answer_that_is_not_2xx_has_an_operation_outcome(client: TestClient) -> None:
    for found in (client.post(REVIEW, json={}), client.get(REVIEW), client.get("/x"), client.post(REVIEW)):
        assert found.json()["resourceType"] == "OperationOutcome"


def test_c19_extensions_are_objects(bodies: list[Json]) -> None:
    assert all(isinstance(card["extension"], dict) for card in cards_of(bodies))


# F: feedback

ENTRY = {
    "card": "11111111-1111-4111-8111-111111111111",
    "outcome": "overridden",
    "outcomeTimestamp": "2026-01-15T08:09:27.944Z",
}


class Kept:
    """A store of feedback for tests."""

    def __init__(self) -> None:
        self.entries: list[Any] = []

    async def keep(self, service: str, entries: Any, caller: Any) -> None:
        self.entries.extend((service, entry, caller.issuer) for entry in entries)


def test_f_feedback_of_every_form_is_accepted_and_kept_with_its_service(book: RuleBook) -> None:
    service, kept = service_for(book), Kept()
    service.feedback = kept
    reason = {"code": "patient-preference", "system": "https://example.org/override"}
    forms = [
        {**ENTRY, "outcome": "accepted", "acceptedSuggestions": [{"id": "22222222-2222-4222-8222-222222222222"}]},
        {**ENTRY, "overrideReason": {"reason": reason}}, {**ENTRY, "overrideReason": {"userComment": "no"}},
        ENTRY, ENTRY,
        {**ENTRY, "card": ENTRY["card"].upper(), "outcomeTimestamp": "2026-01-15T09:09:27+01:00", "more": 1},
    ]  # fmt: skip
    found = client_of(service).post(f"{REVIEW}/feedback", json={"feedback": forms, "more": 1})
    assert (found.status_code, found.content) == (200, b"")
    entries = [entry for _, entry, _ in kept.entries]
    assert [entry.outcome for entry in entries] == ["accepted"] + ["overridden"] * 5
    assert {entry.card for entry in entries} == {ENTRY["card"]}
    assert (entries[1].reason, entries[1].reason_system, entries[2].comment) == (*reason.values(), "no")
    assert [entry.at.isoformat() for entry in entries[4:]] == [
        "2026-01-15T08:09:27.944000+00:00",
        "2026-01-15T08:09:27+00:00",
    ]
    assert {name for name, _, _ in kept.entries} == {"calcium-review"}


def test_f_one_wrong_entry_keeps_none(book: RuleBook) -> None:
    service, kept = service_for(book), Kept()
    service.feedback = kept
    found = client_of(service).post(f"{REVIEW}/feedback", json={"feedback": [ENTRY, {}, ENTRY, {**ENTRY, "card": 1}]})
    text = found.json()["issue"][0]["diagnostics"]
    assert (found.status_code, "entry 2" in text, "entry 4" in text, kept.entries) == (400, True, True, [])


# A: authentication (the table of tokens stands in test_tokens.py)


def test_a1_without_authentication_the_service_listens_on_the_loopback_address_only() -> None:
    for host in ("0.0.0.0", "10.1.2.3", "example.org", "::"):  # noqa: S104 - refused
        with pytest.raises(CdsError, match="loopback"):
            check_address(Settings(listen=Listen(host=host)))
    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        check_address(Settings(listen=Listen(host=host)))


# H: hooks


def test_h_each_hook_is_answered_where_the_configuration_names_it(book: RuleBook) -> None:
    client = client_of(service_for(book, hooks=ALL_HOOKS))
    assert {service["hook"] for service in services(client)} == set(ALL_HOOKS)
    for service in cds_services().values():
        found = client.post(f"/cds-services/{service.id}", json=call(service.hook))
        assert found.json() == client.post(REVIEW, json=call()).json()


def test_h_other_hooks_are_not_there_unless_named(client: TestClient) -> None:
    assert client.post("/cds-services/calcium-refill", json=call("medication-refill")).status_code == 404


def test_h_a_refill_counts_as_what_is_taken_also_without_a_user(book: RuleBook) -> None:
    client = client_of(service_for(book, hooks=ALL_HOOKS))
    body = call("medication-refill", {"medications": orders(draft(status="active"))}, statements=searchset())
    del body["context"]["userId"]
    assert rules_in(client.post("/cds-services/calcium-refill", json=body).json()["cards"])


def selecting(client: TestClient, drafts: list[Json], selections: list[str] | None, **prefetch: Any) -> list[Json]:
    context: Json = {"draftOrders": orders(*drafts)}
    context |= {} if selections is None else {"selections": selections}
    prefetch = {"statements": searchset(), **prefetch}
    found = client.post(SELECT, json=call("order-select", context, **prefetch))
    assert found.status_code == 200, found.text
    cards: list[Json] = found.json()["cards"]
    return cards


def test_h_order_select_speaks_when_a_selected_order_matters(client: TestClient) -> None:
    calcium, other = draft(), draft("313782", "a")
    assert selecting(client, [calcium, other], ["MedicationRequest/r"])
    assert selecting(client, [calcium, other], ["MedicationRequest/a"]) == []
    assert selecting(client, [other], ["MedicationRequest/a"], statements=searchset(statement())) == []


@pytest.mark.parametrize(
    "selections", [None, [], ["MedicationRequest/unknown"], ["https://fhir.example.org/r4/MedicationRequest/r"]]
)
def test_h_order_select_without_a_usable_selection_speaks_of_every_draft(client: TestClient, selections: Any) -> None:
    assert selecting(client, [draft(), draft("313782", "a")], selections)


def test_h_every_draft_of_the_session_counts_in_the_dose(client: TestClient, book: RuleBook) -> None:
    """The standard lets draftOrders hold all unsigned orders, so an earlier draft is being ordered too."""
    codes = ("282465", "198538", "308889")
    many = [draft(code, f"r{n}", dosageInstruction=[dosage(2, frequency=2)]) for n, code in enumerate(codes)]
    assert "DOSE-02" in rules_in(selecting(client, many, ["MedicationRequest/r0"]))
    assert "DOSE-02" not in rules_in(selecting(client, many[:1], ["MedicationRequest/r0"]))


def test_h_an_order_counts_with_what_is_on_record(client: TestClient) -> None:
    levothyroxine = searchset(statement("RxNorm 10582"))
    body = call("order-sign", {"draftOrders": orders(draft())}, statements=levothyroxine)
    assert "INT-01" in rules_in(client.post(SIGN, json=body).json()["cards"])


def test_h_an_order_that_is_on_record_too_counts_once_and_as_it_is_ordered(client: TestClient, book: RuleBook) -> None:
    old = request("RxNorm 282465", dosage(2, frequency=3), identity="r")
    new = draft("282465", dosageInstruction=[dosage(1)])
    body = call("order-sign", {"draftOrders": orders(new)}, statements=searchset(), requests=searchset(old))
    found = answer(body, cds_services()["order-sign"], book, TODAY)
    assert [product.amounts["calcium"][0].high for product in found.record.products] == [500.0]
    assert "same-id-twice" not in {issue.code for issue in found.record.issues}


@pytest.mark.parametrize("status", ["cancelled", "stopped", "entered-in-error", "on-hold", "completed"])
def test_h_an_order_that_is_no_longer_placed_does_not_count(client: TestClient, status: str) -> None:
    body = call("order-sign", {"draftOrders": orders(draft(status=status))}, statements=searchset())
    assert client.post(SIGN, json=body).json()["cards"] == []


@pytest.mark.parametrize(
    "more", [{"status": "active"}, {"status": None}, {"intent": "proposal"}, {"authoredOn": "2026-02-01"}]
)
def test_h_an_order_counts_whatever_its_status_intent_and_date_as_long_as_it_is_placed(
    client: TestClient, more: Json
) -> None:
    body = call("order-sign", {"draftOrders": orders(draft(**more))}, statements=searchset())
    assert client.post(SIGN, json=body).json()["cards"]


@pytest.mark.parametrize("order", [draft(category=None, intent="order"), draft()], ids=["valid R4", "as the sandbox"])
def test_h_what_would_be_held_is_removed_from_the_drafts_not_paused(client: TestClient, order: Json) -> None:
    body = call("order-sign", {"draftOrders": orders(order)}, statements=searchset(),
                observations=searchset(observation(CALCIUM, 13.0, "mg/dL")))  # fmt: skip
    found = client.post(SIGN, json=body).json()
    actions = [a for a in actions_of([found]) if a["type"] in ("update", "delete")]
    assert actions
    assert {(a["type"], a["resourceId"]) for a in actions} == {("delete", "MedicationRequest/r")}


def test_h_the_data_of_another_patient_are_refused_and_reported(book: RuleBook) -> None:
    foreign = observation(CALCIUM, 14, "mg/dL", identity="f", subject={"reference": "Patient/q"})
    other = draft(subject={"reference": "Patient/q"})
    body = call("order-sign", {"draftOrders": orders(other)}, observations=searchset(foreign, patient("q")))
    found = answer(body, cds_services()["order-sign"], book, TODAY)
    reported = [issue.source for issue in found.record.issues if issue.code == "other-patient"]
    assert sorted(reported) == ["MedicationRequest/r", "Observation/f", "Patient/q"]
    without = answer(call(observations="left out", requests="left out"), cds_services()["patient-view"], book, TODAY)
    assert rules_in(found.cards) == rules_in(without.cards)
    assert found.record.readings == {}
    (told,) = [
        card["extension"][EXTENSION]["notUsed"] for card in found.cards if "notUsed" in card["extension"][EXTENSION]
    ]
    assert told == [
        {"type": "Observation", "reason": "other-patient", "count": 1},
        {"type": "MedicationRequest", "reason": "other-patient", "count": 1},
    ]


def test_h_a_patient_without_an_id_is_the_patient_of_the_context(client: TestClient) -> None:
    nameless = {key: value for key, value in patient().items() if key != "id"}
    assert client.post(REVIEW, json=call(patient=nameless)).json() == client.post(REVIEW, json=call()).json()


def test_h_a_reference_as_patient_id_is_understood(client: TestClient) -> None:
    assert (
        client.post(REVIEW, json=call(context={"patientId": "Patient/p"})).json()
        == client.post(REVIEW, json=call()).json()
    )


# V: clients of vendors


def test_v_epic_gets_one_action_a_suggestion_any_of_them_and_its_kind_of_text(book: RuleBook) -> None:
    body = call(observations=searchset(observation(CALCIUM, 13.0, "mg/dL")))
    cards = client_of(service_for(book, profile="epic")).post(REVIEW, json=body).json()["cards"]
    assert Response.model_validate({"cards": cards})
    assert {card["extension"]["com.epic.cdshooks.card.detail.content-type"] for card in cards} == {"text/markdown"}
    suggesting = [card for card in cards if "suggestions" in card]
    assert {card["selectionBehavior"] for card in suggesting} == {"any"}
    assert all(len(s["actions"]) == 1 and s["actions"][0]["description"] for c in suggesting for s in c["suggestions"])


def test_v_epic_requests_with_contained_medicines_are_read(client: TestClient) -> None:
    code = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "282465"}]}
    order = draft(medicationCodeableConcept=None, medicationReference={"reference": "#m"},
                  contained=[{"resourceType": "Medication", "id": "m", "code": code}])  # fmt: skip
    body = call("order-sign", {"draftOrders": orders(order)}, statements=searchset())
    body["extension"] = {
        "com.epic.cdshooks.request.bpa-trigger-action": "23",
        "com.epic.cdshooks.request.criteria-id": "1",
    }
    assert client.post(SIGN, json=body).json()["cards"]


def test_v_cerner_gets_patient_view_only_and_short_texts_that_keep_what_matters(book: RuleBook) -> None:
    client = client_of(service_for(book, profile="cerner"))
    assert [service["hook"] for service in services(client)] == ["patient-view"]
    assert client.post(SIGN, json=call("order-sign")).status_code == 404
    body = call(observations=searchset(), conditions="left out")
    long = client_of(service_for(book)).post(REVIEW, json=body).json()["cards"]
    short = client.post(REVIEW, json=body).json()["cards"]
    assert sum(len(card["detail"]) for card in short) <= sum(len(card["detail"]) for card in long)
    assert [card["uuid"] for card in short] == [card["uuid"] for card in long]
    assert "**Not sent" in "".join(card["detail"] for card in short)
    assert all(", draft. " in card["detail"] for card in short if "rule" in card["extension"][EXTENSION])


def test_v_profiles_are_data_and_generic_changes_nothing(book: RuleBook) -> None:
    assert set(PROFILES) == {"generic", "epic", "cerner"}
    found = answer(call(), cds_services()["patient-view"], book, TODAY)
    plain = answer(call(), cds_services()["patient-view"], book, TODAY, PROFILES["generic"])
    assert found.cards == plain.cards
    assert evaluate(found.record, book, TODAY).outcome == found.evaluation.outcome


# S: the public sandbox

WIRE = (
    "patient-view", "order-select-before-picking", "order-select-after-picking-845523",
    "order-sign-after-picking-845523", "feedback-accepted", "feedback-overridden", "discovery-get", "preflight-service",
)  # fmt: skip


@pytest.mark.parametrize("name", WIRE)
def test_s_every_captured_request_gets_200_with_valid_cards(book: RuleBook, shared: Path, name: str) -> None:
    wire = json.loads((shared / "cdshooks" / "wire" / f"{name}.json").read_text(encoding="utf-8"))
    headers = {key: value for key, value in wire["headers"].items() if key != "content-length"}
    service = service_for(book)
    service.settings = service.settings.model_copy(update={"origins": (headers["origin"],)})
    found = client_of(service).request(wire["method"], wire["path"], json=wire["body"], headers=headers)
    assert found.status_code == 200, found.text
    assert found.headers["access-control-allow-origin"] == headers["origin"]
    if name[:2] in ("pa", "or"):
        assert Response.model_validate(found.json())
    if "845523" in name or name == "patient-view":
        assert found.json()["cards"]


def test_s_an_order_before_a_drug_is_picked_is_cheap_and_silent(client: TestClient) -> None:
    assert selecting(client, [draft(medicationCodeableConcept=None)], ["MedicationRequest/r"]) == []


def test_s_each_change_of_the_form_answers_alone(client: TestClient) -> None:
    first = selecting(client, [draft()], ["MedicationRequest/r"])
    assert selecting(client, [draft(medicationCodeableConcept=None)], ["MedicationRequest/r"]) == []
    assert selecting(client, [draft()], ["MedicationRequest/r"]) == first


# T: troubles that other services had


def test_t1_a_partial_prefetch_is_not_all_or_nothing(client: TestClient) -> None:
    for key in ("patient", "observations", "conditions", "statements", "requests", "goals"):
        assert client.post(REVIEW, json=call(**{key: "left out"})).status_code == 200


def test_t8_the_topic_is_static_and_the_uuid_follows_the_patient_and_the_rule(client: TestClient) -> None:
    theirs = searchset(statement(subject={"reference": "Patient/q"}))
    other = call(context={"patientId": "q"}, patient=patient("q"), observations=searchset(), statements=theirs)
    first, second = (client.post(REVIEW, json=b).json()["cards"] for b in (call(observations=searchset()), other))
    topics = [[card["source"]["topic"]["code"] for card in cards] for cards in (first, second)]
    assert topics[0] == topics[1]
    assert not {card["uuid"] for card in first} & {card["uuid"] for card in second}


def test_t13_a_service_is_found_by_its_path_not_by_the_hook_in_the_body(client: TestClient) -> None:
    assert client.post(SIGN, json=call("patient-view")).status_code == 400


# K: conformance kits


def test_k_cards_have_what_the_public_kit_asks(bodies: list[Json]) -> None:
    for card in cards_of(bodies):
        assert card["summary"].strip()
        assert {"code", "system"} <= set(card["source"]["topic"])
        assert all(urlsplit(link["url"]).netloc for link in card.get("links", ()))
        for suggestion in card.get("suggestions", ()):
            assert suggestion["label"]
            assert suggestion["actions"]


def test_k_the_prefetch_of_every_service_is_the_one_of_the_rulebook(client: TestClient, book: RuleBook) -> None:
    assert all(service["prefetch"] == prefetch_of(book) for service in services(client))
    assert application
    assert INSTANCE
