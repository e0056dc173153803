"""``cds invoke``: the request that an EHR would send, against our own service and against ones that misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
from browser import free_port, served
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from people import AS_OF, CALCIUM, CARBONATE_500, SOME, concept, condition, observation, patient, request, statement
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cds.cli import app as cli
from cds.client.ehr import ehr_record, prefetched
from cds.client.request import context_of
from cds.client.responses import feedback_entries
from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.settings import Settings
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service
from cds.service.wiring import build_service

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
CODES = "http://loinc.org|17861-6,http://loinc.org|1751-7"


@pytest.fixture(scope="module")
def url(book: RuleBook) -> Iterator[str]:
    with served(application(Service(CurrentRulebook(book), today=lambda: AS_OF))) as base:
        yield base


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["invoke", *map(str, arguments)])


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Path]:
    def write(*resources: Json) -> Path:
        data = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in resources]}
        path = tmp_path / "bundle.json"
        path.write_bytes(orjson.dumps(data))
        return path

    return write


@pytest.fixture
def person(bundle: Callable[..., Path]) -> Path:
    return bundle(
        patient(), observation(CALCIUM, 11.2, "mg/dL"), statement(CARBONATE_500), condition("ICD-10-CM M81.0")
    )


class Foreign:
    """A service of somebody else that answers as it is told, and remembers what it was asked."""

    def __init__(self, answer: object = None, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.answer, self.status, self.headers = answer, status, headers
        self.asked: list[tuple[str, Json, str]] = []
        self.services: Any = [
            {"id": "theirs", "hook": "patient-view", "prefetch": {"patient": "Patient/{{context.patientId}}"}}
        ]

    def app(self) -> Starlette:
        async def discover(request: Request) -> Response:
            self.asked.append((str(request.url), {}, request.headers.get("authorization", "")))
            return Response(orjson.dumps({"services": self.services}), media_type="application/json")

        async def call(request: Request) -> Response:
            self.asked.append((str(request.url), await request.json(), request.headers.get("authorization", "")))
            content = self.answer if isinstance(self.answer, bytes) else orjson.dumps(self.answer)
            return Response(content, self.status, self.headers, "application/json")

        return Starlette(
            routes=[
                Route("/cds-services", discover),
                Route("/cds-services/theirs", call, methods=["POST"]),
                Route("/cds-services/theirs/feedback", call, methods=["POST"]),
            ]
        )


def card(**parts: Any) -> Json:
    return {"summary": "Theirs", "indicator": "info", "source": {"label": "them"}, **parts}


def test_the_cards_for_a_bundle_are_printed(url: str, person: Path) -> None:
    found = invoke(url, person)
    assert found.exit_code == 0, found.output
    assert "[warning]" in found.stdout
    assert "consider pausing calcium" in found.stdout.replace("\n", " ")
    assert f"POST {url}/cds-services/calcium-review: patient-view; prefetch: patient" in found.stderr


@pytest.mark.parametrize("sample", sorted(path.parent.name for path in ROOT.glob("fhir_samples/*/bundle.json")))
def test_every_sample_gets_through_the_protocol_what_it_gets_on_the_command_line(
    url: str, book: RuleBook, sample: str
) -> None:
    path = ROOT / "fhir_samples" / sample / "bundle.json"
    expected = json.loads(path.with_name("expected.json").read_text(encoding="utf-8"))
    with served(
        application(Service(CurrentRulebook(book), today=lambda: date.fromisoformat(expected["asOf"])))
    ) as base:
        found = invoke(base, path, "--json")
    (extension,) = {tuple(item["extension"]) for item in json.loads(found.stdout)["cards"]}
    own = [item["extension"][extension[0]] for item in json.loads(found.stdout)["cards"]]
    rules = {part["rule"] for item in own for part in item.get("folded", [item])}
    assert rules == set(expected["fired"])
    assert found.exit_code == 0


def test_a_key_that_is_dropped_is_said_to_be_missing_and_an_unknown_one_is_refused(url: str, person: Path) -> None:
    whole, partial = invoke(url, person, "--json"), invoke(url, person, "--json", "--drop-prefetch", "observations")
    assert "Left out of the prefetch: observations, as you asked." in partial.stderr
    assert json.loads(partial.stdout)["cards"] != json.loads(whole.stdout)["cards"]
    wrong = invoke(url, person, "--drop-prefetch", "observation")
    assert (wrong.exit_code, "Did you mean 'observations'?" in wrong.stderr) == (2, True)


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_draft_orders_of_the_bundle_are_what_is_being_ordered(url: str, bundle: Callable[..., Path], hook: str) -> None:
    found = invoke(url, bundle(patient(), request(CARBONATE_500, status="draft")), "--hook", hook, "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["cards"]


def test_a_hook_about_orders_without_an_order_is_refused(url: str, person: Path) -> None:
    found = invoke(url, person, "--hook", "order-sign")
    assert found.exit_code == 1
    assert "no MedicationRequest with the status 'draft'" in found.stderr


def test_a_hook_that_nobody_offers_is_answered_with_the_nearest(url: str, person: Path) -> None:
    found = invoke(url, person, "--hook", "patient-vew")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "Did you mean 'patient-view'?" in found.stderr


@pytest.mark.parametrize("outcome", ["accepted", "overridden"])
def test_feedback_is_sent_and_taken(url: str, person: Path, outcome: str) -> None:
    found = invoke(url, person, "--feedback", outcome)
    assert found.exit_code == 0, found.output
    assert f"Feedback: {outcome} for " in found.stderr


def test_feedback_names_the_first_suggestion_or_the_first_reason() -> None:
    when = datetime(2026, 11, 22, 8, 30, tzinfo=timezone.utc)
    cards = [
        card(uuid="u1", suggestions=[{"uuid": "s1"}], overrideReasons=[{"code": "x", "system": "y"}]),
        card(uuid="u2"),
    ]
    assert feedback_entries(cards, "accepted", when) == [
        {
            "card": "u1",
            "outcome": "accepted",
            "acceptedSuggestions": [{"id": "s1"}],
            "outcomeTimestamp": "2026-11-22T08:30:00Z",
        }
    ]
    overridden = feedback_entries(cards, "overridden", when)
    assert [entry.get("overrideReason") for entry in overridden] == [{"reason": {"code": "x", "system": "y"}}, None]


@pytest.mark.parametrize(
    ("key", "algorithm"), [(ECKey.generate_key("P-384"), "ES384"), (RSAKey.generate_key(2048), "RS384")]
)
def test_each_call_has_a_token_of_its_own_for_its_address(
    tmp_path: Path, person: Path, key: Any, algorithm: str
) -> None:
    place, theirs = tmp_path / "key.jwk", Foreign({"cards": [card(uuid="11111111-1111-4111-8111-111111111111")]})
    place.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    with served(theirs.app()) as base:
        found = invoke(base, person, "--key", place, "--issuer", "https://ehr.example", "--feedback", "overridden")
    assert found.exit_code == 0, found.output
    tokens = [jwt.decode(sent.removeprefix("Bearer "), key, algorithms=[algorithm]) for _, _, sent in theirs.asked]
    paths = ["", "/theirs", "/theirs/feedback"]
    assert [token.claims["aud"] for token in tokens] == [f"{base}/cds-services{path}" for path in paths]
    assert {token.claims["iss"] for token in tokens} == {"https://ehr.example"}
    assert all(0 < token.claims["exp"] - token.claims["iat"] <= 300 for token in tokens)
    assert len({token.claims["jti"] for token in tokens}) == 3
    assert all(token.header["kid"] for token in tokens)


def test_our_own_service_lets_a_client_in_whose_key_it_knows_and_nobody_else(
    tmp_path: Path, book: RuleBook, person: Path
) -> None:
    known, stranger, port = (
        ECKey.generate_key("P-384", {"kid": "1"}),
        ECKey.generate_key("P-384", {"kid": "1"}),
        free_port(),
    )
    for name, key in (("known", known), ("stranger", stranger)):
        (tmp_path / name).write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    (tmp_path / "public").write_text(json.dumps({"keys": [known.as_dict(private=False)]}), encoding="utf-8")
    issuers = [{"issuer": "https://ehr.example", "keys file": tmp_path / "public"}]
    settings = Settings.model_validate({"issuers": issuers, "listen": {"port": port}})
    with served(application(build_service(settings, book)), port) as base:
        inside = invoke(
            base, person, "--key", tmp_path / "known", "--issuer", "https://ehr.example", "--feedback", "overridden"
        )
        assert inside.exit_code == 0, inside.output
        for options in ((), ("--key", tmp_path / "stranger", "--issuer", "https://ehr.example")):
            outside = invoke(base, person, *options)
            assert (outside.exit_code, outside.stdout) == (1, "")
            assert "answered 401" in outside.stderr


def test_a_key_needs_an_issuer_and_has_to_be_a_private_one(tmp_path: Path, person: Path) -> None:
    place = tmp_path / "key.jwk"
    url = f"http://127.0.0.1:{free_port()}"
    public, shared = ECKey.generate_key("P-384").as_dict(private=False), OctKey.generate_key(256).as_dict()
    for text in (json.dumps(public), json.dumps(shared), "[]", "{", '{"kty": "EC", "d": 1}', "7"):
        place.write_text(text, encoding="utf-8")
        found = invoke(url, person, "--key", place, "--issuer", "https://ehr.example")
        assert found.exit_code == 2, text
        assert "--key: The key is not a" in found.stderr
    assert "belong together" in invoke(url, person, "--key", place).stderr
    assert "cannot be read" in invoke(url, person, "--key", tmp_path / "none", "--issuer", "x").stderr


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (401, None, "sign a token with --key and --issuer"),
        (412, {"issue": [{"code": "required", "diagnostics": "Send the patient."}]}, "answered 412: Send the patient."),
        (500, b"<html>", "answered 500: and gave no reason."),
        (503, {"issue": [{"code": "transient"}]}, "answered 503: transient"),
        (200, b"<html>", "something that is not JSON"),
        (200, {"cards": 7}, "no list of 'cards'"),
        (200, {"cards": [{"detail": "x"}]}, "no 'summary'"),
        (200, None, "no list of 'cards'"),
    ],
)
def test_what_went_wrong_is_told_in_words(person: Path, status: int, answer: object, told: str) -> None:
    with served(Foreign(answer, status).app()) as base:
        found = invoke(base, person)
    assert (found.exit_code, found.stdout) == (1, "")
    assert told in found.stderr
    assert "Traceback" not in found.output


def test_an_address_that_has_moved_is_named_and_not_followed(person: Path) -> None:
    with served(Foreign(None, 308, {"location": "https://elsewhere.example/"}).app()) as base:
        found = invoke(base, person)
    assert "has moved to https://elsewhere.example/" in found.stderr


def test_cards_of_others_are_shown_and_what_the_standard_asks_of_them_is_told(person: Path) -> None:
    theirs = Foreign({"cards": [card(), {"summary": "\x1b[2Jx" * 40, "suggestions": [{"label": "s"}]}]})
    with served(theirs.app()) as base:
        found = invoke(base, person)
    assert found.exit_code == 1
    assert "\x1b" not in found.stdout
    assert found.stderr.count("Not as CDS Hooks asks: card 2") == 4
    body = theirs.asked[-1][1]
    assert (body["hook"], body["context"]["patientId"], body["prefetch"]["patient"]["id"]) == ("patient-view", "p", "p")


@pytest.mark.parametrize(
    "services", [7, [], [{"id": "a", "hook": "patient-view"}, {"id": "b", "hook": "patient-view"}]]
)
def test_a_discovery_answer_without_the_one_service_is_told(person: Path, services: object) -> None:
    theirs = Foreign({"cards": []})
    theirs.services = services
    with served(theirs.app()) as base:
        assert invoke(base, person).exit_code == 1
        if services and isinstance(services, list):
            assert f"{base}/cds-services/a" in invoke(base, person).stderr


def test_nobody_at_the_address_no_file_and_no_bundle_are_told(tmp_path: Path, person: Path) -> None:
    assert "Connection to" in invoke(f"http://127.0.0.1:{free_port()}", person).stderr
    assert "cannot be called" in invoke("ftp://x", person).stderr
    assert "[unreadable-file]" in invoke("http://127.0.0.1:1", tmp_path / "none").stderr
    person.write_text("[]", encoding="utf-8")
    assert "[no-patient]" in invoke("http://127.0.0.1:1", person).stderr


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("Observation?patient={{context.patientId}}", ["ca", "alb", "old"]),
        ("Observation?subject=Patient/{{context.patientId}}&code=17861-6", ["ca", "old"]),
        (f"Observation?patient={{{{ context.patientId }}}}&code={CODES}", ["ca", "alb", "old"]),
        ("Observation?patient={{context.patientId}}&code=http://example.org|17861-6", []),
        ("Observation?patient={{context.patientId}}&code=http://loinc.org|", ["ca", "alb", "old"]),
        ("Observation?patient={{context.patientId}}&status=amended&_sort=-date&_count=5", ["old"]),
        ("MedicationRequest?patient={{context.patientId}}", ["signed"]),
        ("MedicationRequest?patient={{context.patientId}}&status=active,on-hold&intent=order", ["signed"]),
        ("Condition?patient={{context.patientId}}&clinical-status=active", ["c"]),
        ("Goal?patient={{context.patientId}}", []),
    ],
)
def test_a_template_finds_what_a_server_would_find(template: str, found: list[str]) -> None:
    record = ehr_record(
        [
            patient(), observation(CALCIUM, 9.4, identity="ca"), observation("LOINC 1751-7", 4, identity="alb"),
            observation(CALCIUM, 9.1, identity="old", status="amended"), condition("ICD-10-CM M81.0"),
            request(identity="signed"), request(identity="draft", status="draft"),
            observation(CALCIUM, 9, identity="other", subject={"reference": "Patient/q"}),
        ]
    )  # fmt: skip
    answer = prefetched({"key": template}, context_of("patient-view", record), record)
    assert [item["resource"]["id"] for item in answer.values["key"]["entry"]] == found
    assert answer.values["key"]["total"] == len(found)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("Observation?patient={{context.patientId}}&date=ge{{today()}}", "{{today()}}"),
        ("Encounter/{{context.encounterId}}", "{{context.encounterId}}"),
        ("Observation?patient={{context.patientId}}&date=ge2026-01-01", "'date'"),
    ],
)
def test_a_template_that_cannot_be_answered_is_left_out_with_the_reason(template: str, why: str) -> None:
    record = ehr_record([patient()])
    answer = prefetched({"key": template}, context_of("patient-view", record), record)
    assert (answer.values, why in answer.left_out["key"]) == ({}, True)


def test_a_read_of_what_is_not_there_is_null() -> None:
    assert prefetched({"key": "Patient/nobody"}, {}, ehr_record([patient()])).values == {"key": None}


@pytest.mark.parametrize(
    ("hook", "members"),
    [
        ("patient-view", {"userId": "Practitioner/doc", "patientId": "p", "encounterId": "visit"}),
        ("encounter-discharge", {"encounterId": "visit"}),
        ("order-select", {"selections": ["MedicationRequest/r"]}),
    ],
)
def test_the_context_is_what_the_hook_asks_for(hook: str, members: Json) -> None:
    others = [{"resourceType": "Practitioner", "id": "doc"}, {"resourceType": "Encounter", "id": "visit"}]
    context = context_of(hook, ehr_record([patient(), request(status="draft"), *others]))
    assert {name: context[name] for name in members} == members


@pytest.mark.parametrize(("hook", "member"), [("order-sign", "draftOrders"), ("medication-refill", "medications")])
def test_draft_orders_bring_the_medications_that_they_refer_to(hook: str, member: str) -> None:
    medications = [{"resourceType": "Medication", "id": name, "code": concept(CARBONATE_500)} for name in "xy"]
    order = {**request(status="draft"), "medicationReference": {"reference": "Medication/x"}}
    bundle = context_of(hook, ehr_record([patient(), order, *medications]))[member]
    assert [item["resource"]["id"] for item in bundle["entry"]] == ["r", "x"]
    assert context_of("encounter-discharge", ehr_record([patient()]))["encounterId"] == "example"


def test_references_by_full_url_become_those_that_a_server_gives() -> None:
    url = "urn:uuid:4f288498-5d13-5edd-9473-bc8b17cb3e50"
    about = {**observation(CALCIUM, 9), "subject": {"reference": url}}
    record = ehr_record(
        {"resourceType": "Bundle", "entry": [{"fullUrl": url, "resource": patient()}, {"resource": about}]}
    )
    assert record.of("Observation")[0]["subject"] == {"reference": "Patient/p"}


KEYS = st.sampled_from(["subject", "coding", "code", "reference", "status", "system"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
)


@SOME
@given(ANY_JSON)
def test_whatever_a_resource_holds_a_search_goes_through_it(value: Any) -> None:
    parts = dict.fromkeys(
        ("subject", "code", "status", "category", "clinicalStatus", "medicationCodeableConcept"), value
    )
    record = ehr_record([patient(), {"resourceType": "Observation", **parts}])
    template = "Observation?patient=p&code=a|b,c&status=x&category=y|&clinical-status=z&intent=order&_id=1"
    assert prefetched({"key": template}, {}, record).values["key"]["total"] == 0
