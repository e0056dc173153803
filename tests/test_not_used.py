"""What was sent and could not be used is a card; an empty list of cards means that there is nothing to say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calls import HOOK_OF, OUTCOME, REVIEW, SELECT, SIGN, TODAY, call, draft, orders, rules_in, searchset, service_for
from calls import client_of as client_for
from click.testing import CliRunner
from generated import people, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import (
    CALCIUM,
    CARBONATE_500,
    EXTENSION,
    bundle,
    cds_services,
    condition,
    dosage,
    observation,
    patient,
    request,
    statement,
)
from profiles import examples
from starlette.testclient import TestClient
from test_prefetch import prefetch_from

from cds.commands.evaluate import evaluate_command as evaluate
from cds.hooks.answering import answer
from cds.hooks.refusal import RefusedError
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
OLD: Json = {"reference": "Patient/merged-old-id"}
URN = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
SERVER = "https://ehr.example.org/fhir"
SCOPE = "No active calcium supplement"


@pytest.fixture
def client(book: RuleBook) -> TestClient:
    return client_for(service_for(book))


def asked(client: TestClient, body: Json, path: str = REVIEW) -> Json:
    found = client.post(path, json=body)
    assert found.status_code == 200, found.text
    answered: Json = found.json()
    return answered


def told(found: Json) -> Json:
    """What the extension of an answer says."""
    extension: Json = found.get("extension", {}).get(EXTENSION, {})
    return extension


def texts(found: Json) -> str:
    return "\n".join(f"{card['summary']}\n{card['detail']}" for card in found["cards"])


def results(count: int, subject: Json, value: float = 13) -> Json:
    return searchset(
        *(observation(CALCIUM, value, "mg/dL", identity=f"o{n}", subject=subject) for n in range(count))
    )  # fmt: skip


def test_results_that_name_another_patient_are_counted_on_a_card_and_not_shown(client: TestClient) -> None:
    found = asked(client, call(observations=results(12, OLD)))
    assert told(found)["notUsed"] == [{"type": "Observation", "reason": "other-patient", "count": 12}]
    assert "**Not used:** 12 test results, because they name another patient." in texts(found)
    assert not rules_in(found["cards"]) & {"CA-02", "DATA-02"}
    assert not any(text in json.dumps(found) for text in ("merged-old-id", "13 mg/dL", "Observation/o"))


def test_medicines_that_name_another_patient_are_not_taken_for_none(client: TestClient) -> None:
    found = asked(client, call(statements=searchset(statement(subject=OLD))))
    assert "**Not used:** 1 medication statement, because it names another patient." in texts(found)
    assert SCOPE not in texts(found)
    assert found["cards"][0]["indicator"] == "warning"


@pytest.mark.parametrize("reference", ["Patient/merged-old-id", URN, "https://other.example.org/fhir/Patient/q"])
def test_a_patient_with_critical_cards_who_is_named_otherwise_everywhere_is_not_answered_with_silence(
    client: TestClient, reference: str
) -> None:
    def named(subject: Json) -> Json:
        digoxin = statement("RxNorm 3407", identity="d", subject=subject)
        return call(observations=results(2, subject), statements=searchset(statement(subject=subject), digoxin))

    own = asked(client, named({"reference": "Patient/p"}))
    assert [card["indicator"] for card in own["cards"]].count("critical") == 2
    other = asked(client, named({"reference": reference}))
    assert [card["indicator"] for card in other["cards"]] == ["warning"]
    assert told(other)["notUsed"] == [
        {"type": "Observation", "reason": "other-patient", "count": 2},
        {"type": "MedicationStatement", "reason": "other-patient", "count": 2},
    ]


def test_a_urn_that_is_the_full_url_of_the_patient_is_the_patient(client: TestClient) -> None:
    subject = {"reference": URN}
    entry = [{"fullUrl": URN, "resource": patient()}, {"fullUrl": "urn:uuid:1", "resource": statement(subject=subject)}]
    for prefetch in (
        {"statements": {"resourceType": "Bundle", "entry": entry}},
        {
            "patient": {"resourceType": "Bundle", "entry": entry[:1]},
            "statements": searchset(statement(subject=subject)),
        },
    ):
        assert asked(client, call(**prefetch)) == asked(client, call())


@pytest.mark.parametrize(
    ("server", "reference", "own"),
    [(SERVER, f"{SERVER}/Patient/p", True), (f"{SERVER}/", f"{SERVER}/Patient/p/_history/3", True),
     (SERVER, "http://ehr.example.org/fhir/Patient/p", True), (None, f"{SERVER}/Patient/p", True),
     (SERVER, "https://other.example.org/fhir/Patient/p", False), (SERVER, f"{SERVER}2/Patient/p", False),
     (SERVER, f"{SERVER}/Patient/pp", False), (None, f"{SERVER}/Patient/q", False)],
)  # fmt: skip
def test_an_absolute_reference_must_be_that_of_the_patient_on_the_server_of_the_call(
    client: TestClient, server: str | None, reference: str, *, own: bool
) -> None:
    body = call(statements=searchset(statement(subject={"reference": reference}))) | {"fhirServer": server}
    found = asked(client, body)
    assert (found == asked(client, call()), "notUsed" in told(found)) == (own, not own)


def test_a_prefetched_patient_who_is_somebody_else_refuses_the_call_also_inside_a_bundle(client: TestClient) -> None:
    for sent in (patient("q"), searchset(patient("q"))):
        found = client.post(REVIEW, json=call(patient=sent))
        assert (found.status_code, found.json()["resourceType"]) == (400, "OperationOutcome")


def test_another_patient_in_a_list_stands_for_nobody_and_is_said_where_the_own_one_is_missing(
    client: TestClient,
) -> None:
    with_other = searchset(statement(), patient("q", birth="2020-01-01"))
    assert asked(client, call(statements=with_other)) == asked(client, call())
    found = asked(client, call(patient="left out", statements=with_other))
    assert told(found) == {
        "notSent": ["patient"], "notUsed": [{"type": "Patient", "reason": "other-patient", "count": 1}],
        "account": {"used": 3, "aboutSomethingElse": 0, "notUnderstood": 0, "refused": 0},
    }  # fmt: skip


NO_MEDICINE: Json = {"medicationCodeableConcept": None}
POINTING: Json = {**NO_MEDICINE, "medicationReference": {"reference": "Medication/not-sent"}}
BROKEN = {**statement(), "status": [{}]}
WHY: dict[str, tuple[Json, str]] = {
    "nothing that names the medicine": (statement(**NO_MEDICINE), "its medicine is named nowhere"),
    "a Medication that was not sent": (statement(**POINTING), "its medicine is named nowhere"),
    "a form that cannot be read": (BROKEN, "it cannot be read"),
    "a misspelt type": ({**statement(), "resourceType": "MedicationStatment"}, "its type is not known"),
    "no type": ({"id": "x"}, "its type is not known"),
}


@pytest.mark.parametrize("name", WHY)
def test_the_card_says_why_a_medicine_was_not_used(client: TestClient, name: str) -> None:
    resource, why = WHY[name]
    found = asked(client, call(statements=searchset(resource)))
    assert f"because {why}" in texts(found)
    assert (SCOPE in texts(found), told(found)["notSent"]) == (False, ["statements"])


def test_of_two_resources_with_one_id_the_lost_one_is_said(client: TestClient) -> None:
    found = asked(client, call(statements=searchset(statement(), statement("RxNorm 10582"))))
    assert "1 medication statement, because another one has the same id" in texts(found)


SILENT: dict[str, tuple[str, Json]] = {
    "no calcium product, and all of it was sent": (REVIEW, call(statements=searchset())),
    "no calcium product, and no goal could add a card": (REVIEW, call(statements=searchset(), goals="left out")),
    "nothing was picked yet": (
        SELECT, call("order-select", {"draftOrders": orders(draft(**NO_MEDICINE)),
                                      "selections": ["MedicationRequest/r"]})),
    "the selected order is none that a rule can read": (
        SELECT, call("order-select", {"draftOrders": orders(draft("313782")), "selections": ["MedicationRequest/r"]})),
    "the selected order is none, whatever else was not used": (
        SELECT, call("order-select", {"draftOrders": orders(draft("313782")), "selections": ["MedicationRequest/r"]},
                     observations=results(3, OLD))),
    "an order that is no longer placed": (
        SIGN, call("order-sign", {"draftOrders": orders(draft(status="cancelled"))}, statements=searchset())),
}  # fmt: skip
"""Where an empty list is right, and why: there is nothing to say."""


@pytest.mark.parametrize("why", SILENT)
def test_silence_means_that_there_is_nothing_to_say(client: TestClient, why: str) -> None:
    path, body = SILENT[why]
    assert asked(client, body, path)["cards"] == []


def _ordering(*drafts: Json, **prefetch: Any) -> Json:
    context = {"draftOrders": orders(*drafts), "selections": [f"{d['resourceType']}/{d['id']}" for d in drafts]}
    return call("order-select", context, **{"statements": searchset(), **prefetch})


NOTHING: Json = {"statements": searchset()}
ODD: tuple[Any, ...] = (
    None, "left out", OUTCOME, searchset(OUTCOME), [statement()], 5, {}, statement(),
    searchset(link=[{"relation": "next", "url": "x"}]), searchset(total=3),
    {"resourceType": "Bundle", "entry": {"resource": statement(subject=OLD)}}, {"resourceType": "Bundle", "entry": "x"},
    {"resourceType": "Bundle", "entry": [None]}, {"resourceType": "Bundle", "entry": [{"fullUrl": URN}]},
    searchset(searchset(OUTCOME)), searchset(searchset(total=2)), searchset({"resourceType": "Novelty"}),
)  # fmt: skip
"""What may stand in place of the answer to a key and is not the whole answer."""
SPOKEN: dict[str, tuple[str, Json]] = {
    **{f"{key} is {value}"[:60] + f" {n}": (REVIEW, call(**(NOTHING | {key: value})))
       for key in ("patient", "observations", "conditions", "statements", "requests") for n, value in enumerate(ODD)
       if key != "patient" or n in (0, 1, 2, 3, 4, 5, 6)},
    "the selected order names another patient": (SELECT, _ordering(draft(subject=OLD))),
    "the selected order points to what was not sent": (SELECT, _ordering(draft(**POINTING))),
    "the selected order cannot be read": (
        SELECT, _ordering(draft(medicationCodeableConcept={"coding": [{"system": [], "code": "1"}]}))),
    "the selected order is of another version of FHIR": (
        SELECT, _ordering({"resourceType": "MedicationOrder", "id": "r"})),
    "an order of another version of FHIR": (
        SIGN, call("order-sign", {"draftOrders": orders({"resourceType": "MedicationOrder", "id": "r"})}, **NOTHING)),
    "an order without a type": (SIGN, call("order-sign", {"draftOrders": orders({"id": "r"})}, **NOTHING)),
    "orders that are no list": (
        SIGN, call("order-sign", {"draftOrders": {**orders(), "entry": {"resource": draft()}}}, **NOTHING)),
    "an order that names another patient": (
        SIGN, call("order-sign", {"draftOrders": orders(draft(subject=OLD))}, **NOTHING)),
    "a list under a key of its own": (REVIEW, call(statements=searchset(), labs=results(2, OLD))),
    "a goal of another patient": (
        REVIEW, call(statements=searchset(), goals=searchset({"resourceType": "Goal", "id": "g", "subject": OLD}))),
}  # fmt: skip
"""Where something was not sent or not used that could have added a card."""


@pytest.mark.parametrize("what", SPOKEN)
@pytest.mark.parametrize("profile", ["generic", "epic", "cerner"])
def test_what_was_not_sent_or_not_used_is_never_answered_with_silence(book: RuleBook, what: str, profile: str) -> None:
    path, body = SPOKEN[what]
    if profile == "cerner" and path != REVIEW:
        return  # it has no such service
    found = client_for(service_for(book, profile=profile)).post(path, json=body)
    if found.status_code == 412:
        assert found.json()["issue"][0]["code"] == "required"
        return
    assert found.json()["cards"], what
    said = texts(found.json())
    assert "**Not sent, or not in full:**" in said or "**Not used:**" in said
    assert ("notUsed" in told(found.json())) is ("**Not used:**" in said)


def test_a_client_that_shows_short_texts_shows_every_paragraph_with_a_heading(book: RuleBook) -> None:
    other = observation(CALCIUM, 13, "mg/dL", identity="f", subject=OLD)
    body = call(observations=searchset(observation(CALCIUM, 11.1, "mg/dL"), other), goals="left out")
    long, short = (
        asked(client_for(service_for(book, profile=profile)), body)["cards"][0]["detail"].split("\n\n")
        for profile in ("generic", "cerner")
    )
    headed = [text for text in long if text.startswith("**")]
    assert {"**Not known, so not judged", "**Not used"} <= {text.split(":")[0] for text in headed}
    assert any(text.startswith("**Based on**") for text in headed)
    assert set(headed) <= set(short) <= set(long)


CHANGES: tuple[Callable[[Json], Any], ...] = (
    lambda resource: {**resource, "subject": OLD}, lambda resource: {**resource, "resourceType": "Novelty"},
    lambda resource: {"id": "x"}, lambda resource: {**resource, "status": [{}]}, lambda resource: "x",
    lambda resource: {key: value for key, value in resource.items() if not key.startswith("medication")},
)  # fmt: skip


@examples(150)
@given(people(), st.data())
def test_no_change_that_makes_a_resource_unusable_is_answered_with_silence(
    found: list[Json], data: st.DataObject
) -> None:
    resources = [statement(), *found]
    number = data.draw(st.integers(0, len(resources) - 1))
    victim = resources[number]
    if victim["resourceType"] not in ("Observation", "Condition", "MedicationStatement", "MedicationRequest"):
        return
    key = {"Observation": "observations", "Condition": "conditions", "MedicationStatement": "statements",
           "MedicationRequest": "requests"}[victim["resourceType"]]  # fmt: skip
    prefetch = prefetch_from([r for n, r in enumerate(resources) if n != number])
    changed = data.draw(st.sampled_from(CHANGES))(victim)
    prefetch[key]["entry"].append({"resource": changed})
    body = {"hook": "patient-view", "hookInstance": "i", "context": {"patientId": "p"}, "prefetch": prefetch}
    try:
        answered = answer(body, cds_services()["patient-view"], the_book(), TODAY)
    except RefusedError:
        return
    if not answered.cards:
        assert answered.evaluation.decision.decided_by == "SCOPE-03"
        assert not answered.record.unread
        assert answered.response()["extension"][EXTENSION].keys() == {"account"}


def test_cards_that_all_rest_are_named_in_the_answer_and_one_about_unused_data_never_rests(book: RuleBook) -> None:
    whole = answer(call(), cds_services()["patient-view"], book, TODAY)
    topics = [card["source"]["topic"]["code"] for card in whole.cards]
    told = whole.response(topics)["extension"][EXTENSION]
    assert (whole.response(topics)["cards"], told) == ([], {"resting": topics, "account": whole.account})


# On the command line


def evaluated(folder: Path, *resources: Json, **more: Any) -> Json:
    file = folder / "bundle.json"
    file.write_text(json.dumps({**bundle(patient(), *resources), **more}), encoding="utf-8")
    done = CliRunner().invoke(evaluate, [str(file), "--as-of", str(TODAY), "--json"])
    assert done.exit_code == 0, done.output
    found: Json = json.loads(done.stdout)
    return found


OWN = (statement(CARBONATE_500, dosage(1)), observation(CALCIUM, 9.4, "mg/dL"), condition("ICD-10-CM M81.0"))


@pytest.mark.slow
def test_the_deciding_card_of_a_file_says_what_names_another_patient(tmp_path: Path) -> None:
    child = observation(CALCIUM, 13, "mg/dL", identity="child", subject={"reference": "Patient/child"})
    found, without = evaluated(tmp_path, *OWN, child), evaluated(tmp_path, *OWN)
    assert (found["outcome"], found["decidedBy"]) == (without["outcome"], without["decidedBy"])
    assert "**Not used:** 1 test result, because it names another patient." in found["cards"][0]["detail"]
    assert found["cards"][0]["extension"][EXTENSION]["notUsed"][0]["count"] == 1
    assert {"code": "other-patient", "source": "Observation/child", "notUsed": "Observation",
            "text": "A resource is about somebody else and was not used."} in found["issues"]  # fmt: skip


def test_a_file_whose_medicines_all_name_another_patient_is_not_one_without_calcium(tmp_path: Path) -> None:
    found = evaluated(tmp_path, statement(CARBONATE_500, dosage(1), subject=OLD))
    assert (found["outcome"], found["findings"]["calcium products"]) == ("insufficient-data", "unknown")
    assert "1 medication statement, because it names another patient" in found["cards"][0]["detail"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "words"),
    [(BROKEN, "1 medication statement, because it cannot be read"),
     (request(**POINTING), "1 medication order, because its medicine is named nowhere in the data"),
     ({"id": "x"}, "1 entry, because its type is not known"),
     (searchset(link=[{"relation": "next", "url": "x"}]), "1 part of the data, because it was not sent"),
     (searchset(total=1), "1 part of the data, because it was not sent"),
     ({"resourceType": "Bundle", "entry": [{"response": {"status": "404"}}, {"response": {"status": "204"}}]},
      "1 part of the data, because it was not sent"),
     (OUTCOME, "1 part of the data, because it was not sent")],
)  # fmt: skip
def test_what_could_not_be_read_of_a_file_is_said_and_never_taken_as_absent(
    tmp_path: Path, what: Json, words: str
) -> None:
    found = evaluated(tmp_path, what)
    assert (found["outcome"], found["findings"]["calcium products"]) == ("insufficient-data", "unknown")
    assert words in found["cards"][0]["detail"]
    assert evaluated(tmp_path)["outcome"] == "not-applicable"


def test_an_unused_resource_does_not_hide_what_is_there(tmp_path: Path) -> None:
    high = observation(CALCIUM, 13, "mg/dL")
    assert evaluated(tmp_path, *OWN[:1], high, BROKEN | {"id": "b"})["outcome"] == "stop"


def test_every_hook_has_a_path_here() -> None:
    assert {HOOK_OF[path] for path, _ in (*SILENT.values(), *SPOKEN.values())} == set(HOOK_OF.values())
