"""Bad requests: each has its status and an OperationOutcome, and nothing of what was sent comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from calls import ORIGIN, OUTCOME, REVIEW, SELECT, SIGN, body_of, call, client_of, draft, orders, searchset, service_for
from people import observation, patient, statement
from starlette.testclient import TestClient

from cds.cards.models import Response, checked
from cds.hooks.refusal import ISSUE_TYPES
from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.bounds.limits import RateLimiter

Json = dict[str, Any]
FEEDBACK = f"{REVIEW}/feedback"
CARD = "11111111-1111-4111-8111-111111111111"
CANARY = "CANARY-Mrs-Sample"
AT = "2026-01-15T08:09:27.944Z"


@pytest.fixture(scope="module")
def client(book: RuleBook) -> TestClient:
    return client_of(service_for(book))


PATHS: list[tuple[str, str, int]] = [
    ("GET", "/cds-services/", 404), ("GET", "/CDS-SERVICES", 404), ("GET", "/cds-service", 404),
    ("GET", "/cds-services/calcium-review/x", 404), ("GET", "/elsewhere", 404), ("POST", "/cds-services/unknown", 404),
    ("POST", "/cds-services/calcium-refill", 404), ("POST", "/cds-services/unknown/feedback", 404),
    ("POST", "/cds-services/Calcium-Review", 404), ("POST", f"{REVIEW}/", 404), ("POST", f"{FEEDBACK}/", 404),
    ("POST", f"{REVIEW}/analytics", 404), ("POST", "/cds-services/%2e%2e/feedback", 404),
    ("POST", f"/cds-services/{CANARY}", 404), ("GET", f"/{CANARY}", 404), ("POST", "/x", 404),
    ("GET", "/cds-services/x/y/z", 404),
    ("GET", REVIEW, 405), ("PUT", REVIEW, 405), ("DELETE", REVIEW, 405), ("PATCH", REVIEW, 405), ("HEAD", REVIEW, 405),
    ("POST", "/cds-services", 405), ("DELETE", "/cds-services", 405), ("PUT", "/cds-services", 405),
    ("GET", FEEDBACK, 405), ("PUT", FEEDBACK, 405), ("DELETE", FEEDBACK, 405), ("OPTIONS", REVIEW, 405),
    ("GET", "/cds-services/unknown", 405), ("TRACE", REVIEW, 405), ("PROPFIND", REVIEW, 405),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
def test_a_wrong_path_or_method(client: TestClient, method: str, path: str, status: int) -> None:
    headers = {"content-type": "application/json"}
    check(client.request(method, path, content=body_of(call()), headers=headers), status, method)


TYPES: list[tuple[dict[str, str], int]] = [
    ({}, 415), ({"content-type": ""}, 415), ({"content-type": "text/plain"}, 415),
    ({"content-type": "application/xml"}, 415), ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ({"content-type": "multipart/form-data; boundary=x"}, 415), ({"content-type": "application/jsonx"}, 415),
    ({"content-type": "application"}, 415), ({"content-type": "text/json"}, 415), ({"content-type": "*/*"}, 415),
    ({"content-type": "application/fhir+xml"}, 415), ({"content-type": f"{CANARY}/x"}, 415),
    ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
    ({"content-type": "application/json", "content-encoding": "br"}, 415),
    ({"content-type": "application/json", "content-encoding": "deflate, gzip"}, 415),
    ({"content-type": "application/json", "content-encoding": "identity, gzip"}, 415),
]  # fmt: skip


@pytest.mark.parametrize("path", [REVIEW, FEEDBACK])
@pytest.mark.parametrize(("headers", "status"), TYPES)
def test_a_wrong_type_or_encoding(client: TestClient, path: str, headers: dict[str, str], status: int) -> None:
    check(client.post(path, content=body_of(call()), headers=headers), status)


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "application/json; charset=utf-8"}, {"content-type": "APPLICATION/JSON"},
     {"content-type": "application/fhir+json"}, {"content-type": "application/json", "content-encoding": "identity"}],
)  # fmt: skip
def test_a_right_type(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post(REVIEW, content=body_of(call()), headers=headers).status_code == 200


def text_with(value: str) -> bytes:
    """A call in which the birth date is this JSON text."""
    return body_of(call()).replace(b'"1950-07-01"', value.encode())


TEXTS: dict[str, bytes] = {
    "nothing": b"", "a space": b" ", "cut off": body_of(call())[:-1], "a brace": b"{", "two values": b"{}{}",
    "a list": b"[]", "null": b"null", "true": b"true", "a number": b"12", "text": b'"x"', "an empty object": b"{}",
    "a trailing comma": b'{"a":1,}', "a comment": b"{/*x*/}", "single quotes": b"{'a':1}", "no quotes": b"{a:1}",
    "NaN": text_with("NaN"), "Infinity": text_with("Infinity"), "-Infinity": text_with("-Infinity"),
    "1e400": text_with("1e400"), "a leading zero": text_with("01"), "hexadecimal": text_with("0x1"),
    "a plus": text_with("+1"), "half a surrogate": text_with('"\\ud800"'), "a raw control character": text_with('"\n"'),
    "latin-1": b'{"a":"\xe9"}', "overlong UTF-8": b'{"a":"\xc0\xaf"}', "UTF-16": json.dumps(call()).encode("utf-16"),
    "64 levels and one": b'{"a":' * 65 + b"1" + b"}" * 65, "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 open brackets": b"[" * 100_000, "a zip bomb's text": b"PK\x03\x04", "XML": b"<Bundle/>",
    "the patient twice": body_of(call()).replace(b'"patientId":"p"', b'"patientId":"p","patientId":"q"'),
    "the same member twice": body_of(call()).replace(b'"gender":"female"', b'"gender":"female","gender":"male"'),
    "the hook twice, with spaces": body_of(call()).replace(b'"hook":', b'"hook" : "x", "hook" :'),
    "a key twice, once escaped": body_of(call()).replace(b'"gender":', b'"gend\\u0065r":"male","gender":'),
    "a key twice, hidden by an escaped quote": b'{"x":"\\u0022:","hook":1,"hook":2}',
}  # fmt: skip


@pytest.mark.parametrize("path", [REVIEW, FEEDBACK])
@pytest.mark.parametrize("name", TEXTS)
def test_a_body_that_is_no_clear_json_object(client: TestClient, path: str, name: str) -> None:
    check(client.post(path, content=TEXTS[name], headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize(
    "text",
    [b"\xef\xbb\xbf" + body_of(call()), json.dumps(call(), indent=4).encode(), json.dumps(call()).encode(),
     body_of(call()).replace(b":", b" :"), body_of({**call(), "note": 'a "quoted": word', "other": "\\"}),
     body_of(call()).replace(b"Practitioner/1", b"\\u0022:\\u0022")],
)  # fmt: skip
def test_unusual_but_clear_json_is_read(client: TestClient, text: bytes) -> None:
    assert client.post(REVIEW, content=text, headers={"content-type": "application/json"}).status_code == 200


def without(name: str) -> Json:
    return {key: value for key, value in call().items() if key != name}


def context(**more: Any) -> Json:
    found = {**call()["context"], **more}
    return {"context": {key: value for key, value in found.items() if value != "left out"}}


def stu3() -> Json:
    listed = [{"resourceType": "Condition", "id": name, "clinicalStatus": "active", "assertedDate": "2020"}
              for name in ("c", "d")]  # fmt: skip
    return call(conditions=searchset(*listed), observations=searchset(), statements=searchset())


ENVELOPES: list[tuple[str, Json, int]] = [
    *((REVIEW, call() | {"hook": value}, 400) for value in (
        "order-sign", "", None, 5, [], {}, "Patient-View", "patient-view ", CANARY)),
    (REVIEW, without("hook"), 400),
    *((REVIEW, call() | {"hookInstance": value}, 400) for value in ("", " ", None, 5, True, [], {}, "i" * 300)),
    (REVIEW, without("hookInstance"), 400),
    *((REVIEW, call() | {"context": value}, 400) for value in (None, [], "p", 5, {}, [{"patientId": "p"}])),
    (REVIEW, without("context"), 400),
    *((REVIEW, call() | context(patientId=value), 400) for value in (
        "left out", None, "", " ", 7, True, [], {}, ["p"], "p" * 300, "Patient/")),
    *((REVIEW, call() | {"prefetch": value}, 400) for value in ([], "x", 5, True, [patient()])),
    *((REVIEW, call() | {"fhirAuthorization": value}, 400) for value in ([], "x", 5, True)),
    *((REVIEW, call() | {"fhirServer": value}, 400) for value in ([], {}, 5, True)),
    *((path, call(hook, {"draftOrders": value}), 400)
      for path, hook in ((SELECT, "order-select"), (SIGN, "order-sign"))
      for value in ([], "x", 5, True, {"resourceType": "MedicationRequest"}, {"entry": []}, [draft()])),
    *((SELECT, call("order-select", {"draftOrders": orders(draft()), "selections": value}), 400)
      for value in ("MedicationRequest/r", 5, {}, True, [5], [None], [["MedicationRequest/r"]])),
    (REVIEW, call() | context(patientId="somebody-else"), 400),
    (REVIEW, call(patient=patient("q")), 400),
    (REVIEW, stu3(), 400),
    (REVIEW, call(statements=searchset(*({"resourceType": "MedicationStatement", "id": name, "status": "recorded",
                                          "medication": {"concept": {"text": "calcium"}}} for name in "mno")),
                  conditions=searchset(), observations=searchset()), 400),
    *((REVIEW, call() | {"prefetch": value}, 412) for value in (
        None, {}, {"patient": None}, {"patient": OUTCOME}, {"patient": "x"}, {"patient": 5}, {"patient": []},
        {"patient": {}}, {"observations": searchset()}, {"statements": OUTCOME, "requests": searchset(OUTCOME)},
        {"conditions": None, "statements": None, "requests": None}, {"unknown": {"a": 1}}, {"patient": {"id": "p"}})),
    (REVIEW, without("prefetch"), 412),
    (SIGN, call("order-sign") | {"prefetch": {}}, 412),
    (SIGN, call("order-sign", {"draftOrders": orders()}) | {"prefetch": {}}, 412),
    (REVIEW, call(observations=searchset(*({"resourceType": "Observation"} for _ in range(5001)))), 413),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "status"), ENVELOPES)
def test_a_wrong_call(client: TestClient, path: str, body: Json, status: int) -> None:
    check(client.post(path, json=body), status)


def test_everything_that_is_wrong_with_an_envelope_is_said_at_once(client: TestClient) -> None:
    answer = client.post(REVIEW, json={"hook": 1, "context": {}, "prefetch": []}).json()["issue"][0]["diagnostics"]
    assert [word in answer for word in ("'hook'", "'hookInstance'", "'context.patientId'", "'prefetch'")] == [True] * 4


def entry(**more: Any) -> Json:
    found = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": AT, **more}
    return {"feedback": [{key: value for key, value in found.items() if value != "left out"}]}


FEEDBACKS: list[Json] = [
    {}, {"feedback": None}, {"feedback": []}, {"feedback": {}}, {"feedback": "x"}, {"feedback": [None]},
    {"feedback": [5]}, {"feedback": [[]]}, {"feedback": [{}]}, {"feedbacks": []},
    {"feedback": [entry()["feedback"][0]] * 1001}, {"feedback": [entry()["feedback"][0], {}]},
    *(entry(card=value) for value in (
        "left out", None, "", CANARY, 5, [], {}, CARD[:-1], f"{CARD}0", f"urn:uuid:{CARD}")),
    *(entry(outcome=value) for value in ("left out", None, "", "ignored", "Accepted", 5, [], True)),
    *(entry(outcomeTimestamp=value) for value in (
        "left out", None, "", "yesterday", 5, "2026-01-15", "2026-01-15T08:09:27", "2026-13-15T08:09:27Z",
        "2026-01-15T25:09:27Z", "2026-01-15 08:09:27Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", [AT])),
    *(entry(outcome="accepted", acceptedSuggestions=value) for value in (
        "left out", None, [], {}, "x", [None], [{}], [{"id": None}], [{"id": ""}], [{"id": 5}], [{"id": "a"}, 5])),
    *(entry(overrideReason=value) for value in (
        "x", 5, [], {}, {"reason": None}, {"reason": "x"}, {"reason": {}}, {"reason": {"code": ""}}, {"userComment": 5},
        {"reason": {"code": 5}}, {"other": 1})),
]  # fmt: skip


@pytest.mark.parametrize("body", FEEDBACKS)
def test_wrong_feedback(client: TestClient, body: Json) -> None:
    check(client.post(FEEDBACK, json=body), 400)


def test_the_tables_hold_more_than_120_bad_requests() -> None:
    assert len(PATHS) + 2 * len(TYPES) + 2 * len(TEXTS) + len(ENVELOPES) + len(FEEDBACKS) > 250


def chunks(size: int) -> Iterator[bytes]:
    yield from (b" " * 65536 for _ in range(size // 65536 + 1))


@pytest.mark.parametrize("path", [REVIEW, FEEDBACK])
def test_a_body_above_two_megabytes_is_refused_while_it_arrives(client: TestClient, path: str) -> None:
    headers = {"content-type": "application/json"}
    check(client.post(path, content=chunks(3_000_000), headers=headers), 413)
    check(client.post(path, content=b" " * 2_100_000, headers=headers), 413)
    check(client.post(path, content=b"{}", headers={**headers, "content-length": "9" * 40}), 413)


def spoken_to(app: Any, messages: list[Json]) -> tuple[int, Json]:
    """The answer of the application to a client that sends these messages and then waits."""

    async def receive() -> Json:
        if not messages:
            await asyncio.sleep(30)
        return messages.pop(0)

    sent: list[Json] = []

    async def send(message: Json) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": REVIEW, "raw_path": REVIEW.encode(),
        "query_string": b"", "headers": [(b"content-type", b"application/json")], "scheme": "http",
        "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2), "root_path": "",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_slow_sender_is_cut_off(book: RuleBook) -> None:
    app = application(service_for(book, limits={"body seconds": 0.05}))
    status, body = spoken_to(app, [{"type": "http.request", "body": b"{", "more_body": True}])
    assert (status, body["resourceType"]) == (408, "OperationOutcome")


def test_a_client_that_leaves_early_is_no_error_of_ours(book: RuleBook) -> None:
    app = application(service_for(book))
    status, _ = spoken_to(app, [{"type": "http.disconnect"}])
    assert status == 400


def test_more_calls_than_a_caller_may_make_get_429_with_a_time(book: RuleBook) -> None:
    service, now = service_for(book), [0.0]
    service.rate_limiter = RateLimiter(2, 3, lambda: now[0])
    client = client_of(service)
    statuses = [client.post(REVIEW, json=call()).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = client.post(REVIEW, json=call())
    check(refused, 429)
    assert refused.headers["retry-after"] == "1"
    now[0] += 0.5
    assert client.post(REVIEW, json=call()).status_code == 200


def test_more_calls_at_once_than_there_are_seats_get_503_with_a_time(book: RuleBook) -> None:
    service = service_for(book, limits={"calls at once": 2})
    client = client_of(service)
    with service.concurrency.slot(), service.concurrency.slot():
        refused = client.post(REVIEW, json=call())
    check(refused, 503)
    assert refused.headers["retry-after"] == "1"
    assert [client.post(REVIEW, json=call()).status_code for _ in range(3)] == [200] * 3


def test_a_failure_is_500_with_a_body_and_never_an_empty_list_of_cards(
    book: RuleBook, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def write(self, _: Any) -> None:
            raise ValueError(CANARY)

    class Journal:
        def __init__(self) -> None:
            self.events: list[Json] = []

        def write(self, event: str, **fields: Any) -> None:
            self.events.append({"event": event, **fields})

    service, journal = service_for(book), Journal()
    service.decisions, service.journal = Broken(), journal
    check(client_of(service).post(REVIEW, json=call()), 500)
    assert CANARY not in caplog.text
    assert CANARY not in str(journal.events)
    assert [event["kind"] for event in journal.events if event["event"] == "error"] == ["ValueError"]


def check(answer: Any, status: int, method: str = "POST") -> None:
    """The status, an OperationOutcome that has the code of the status, and no word of the request."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert CANARY not in answer.text + str(dict(answer.headers))
    if method == "HEAD":
        return
    outcome = answer.json()
    (issue,) = outcome["issue"]
    assert (outcome["resourceType"], issue["severity"], issue["code"]) == (
        "OperationOutcome", "error", ISSUE_TYPES[status],
    )  # fmt: skip
    assert issue["diagnostics"]


def test_the_operation_outcome_is_valid_fhir(client: TestClient) -> None:
    from fhir.resources.R4B.operationoutcome import OperationOutcome

    for status in ISSUE_TYPES:
        body = client.post(REVIEW, json=[]).json()
        body["issue"][0]["code"] = ISSUE_TYPES[status]
        assert OperationOutcome.model_validate(body)


def test_a_method_that_is_not_answered_names_those_that_are(client: TestClient) -> None:
    assert client.put(REVIEW, json={}).headers["allow"] == "POST"
    assert set(client.post("/cds-services", json={}).headers["allow"].split(", ")) == {"GET", "HEAD"}


ODDITIES: dict[str, Callable[[], Json]] = {
    "a number as text": lambda: call(observations=searchset(with_value("9.4"))),
    "a number as words": lambda: call(observations=searchset(with_value("nine"))),
    "a number as text that is infinite": lambda: call(observations=searchset(with_value("1e400"))),
    "a number as text that is NaN": lambda: call(observations=searchset(with_value("NaN"))),
    "a very large number": lambda: call(observations=searchset(with_value(1e308))),
    "a very large whole number": lambda: call(observations=searchset(with_value(2**63))),
    "a negative number": lambda: call(observations=searchset(with_value(-9.4))),
    "minus zero": lambda: call(observations=searchset(with_value(-0.0))),
    "a tiny number": lambda: call(observations=searchset(with_value(5e-324))),
    "many digits": lambda: call(observations=searchset(with_value(9.400000000000000001))),
    "true as a number": lambda: call(observations=searchset(with_value(True))),
    "null as a number": lambda: call(observations=searchset(with_value(None))),
    "a list as a number": lambda: call(observations=searchset(with_value([9.4]))),
    "an object as a number": lambda: call(observations=searchset(with_value({"value": 9.4}))),
    "a unit as a number": lambda: call(observations=searchset(observed(unit=5))),
    "a unit as a list": lambda: call(observations=searchset(observed(code=["mg/dL"]))),
    "a quantity as text": lambda: call(observations=searchset(changed(valueQuantity="9.4 mg/dL"))),
    "a quantity as a list": lambda: call(observations=searchset(changed(valueQuantity=[{"value": 9.4}]))),
    "a code as text": lambda: call(observations=searchset(changed(code="17861-6"))),
    "a coding as an object": lambda: call(observations=searchset(changed(code={"coding": {"code": "17861-6"}}))),
    "a coding of numbers": lambda: call(observations=searchset(changed(code={"coding": [1, 2]}))),
    "a subject as text": lambda: call(observations=searchset(changed(subject="Patient/p"))),
    "a subject as a list": lambda: call(observations=searchset(changed(subject=[{"reference": "Patient/p"}]))),
    "a date as a number": lambda: call(observations=searchset(changed(effectiveDateTime=20260110))),
    "a date that is none": lambda: call(observations=searchset(changed(effectiveDateTime="2026-02-31"))),
    "a date of year 0": lambda: call(observations=searchset(changed(effectiveDateTime="0000-01-01"))),
    "a date of year 9999": lambda: call(observations=searchset(changed(effectiveDateTime="9999-12-31T23:59:59+14:00"))),
    "a status as a list": lambda: call(observations=searchset(changed(status=["final"]))),
    "an id as a number": lambda: call(observations=searchset(changed(id=7))),
    "a resource type as a number": lambda: call(observations=searchset(changed(resourceType=7))),
    "a birth date as a number": lambda: call(patient=patient() | {"birthDate": 1950}),
    "a birth date that is none": lambda: call(patient=patient() | {"birthDate": "1950-13-40"}),
    "a gender as a number": lambda: call(patient=patient() | {"gender": 2}),
    "a dosage as text": lambda: call(statements=searchset(statement() | {"dosage": "one a day"})),
    "a dosage of nulls": lambda: call(statements=searchset(statement() | {"dosage": [None, None]})),
    "a frequency as text": lambda: call(statements=searchset(statement() | {"dosage": [repeated("three")]})),
    "a frequency without end": lambda: call(statements=searchset(statement() | {"dosage": [repeated(1e308)]})),
    "a period of zero": lambda: call(statements=searchset(statement() | {"dosage": [repeated(1, 0)]})),
    "entries that are none": lambda: call(observations={"resourceType": "Bundle", "entry": [None, 5, "x", [], {}]}),
    "entries as an object": lambda: call(observations={"resourceType": "Bundle", "entry": {"resource": {}}}),
    "links as text": lambda: call(observations=searchset(link="next")),
    "a link of numbers": lambda: call(observations=searchset(link=[5, {"relation": 5}])),
    "a Bundle in a Bundle": lambda: call(observations=searchset(searchset(searchset(changed())))),
    "a key without a name": lambda: call() | {"": "", "prefetch": {**call()["prefetch"], "": patient()}},
    "names that Python knows": lambda: call() | {"__class__": {"__init__": 1}, "constructor": {"prototype": 1}},
    "an extension as a list": lambda: call() | {"extension": [1]},
    "an extension as null": lambda: call() | {"extension": None},
    "a user as a number": lambda: call(context={"userId": 5}),
}  # fmt: skip


def with_value(value: Any) -> Json:
    return changed(valueQuantity={"value": value, "unit": "mg/dL", "code": "mg/dL"})


def observed(**more: Any) -> Json:
    return changed(valueQuantity={"value": 9.4, "unit": "mg/dL", "code": "mg/dL", **more})


def changed(**more: Any) -> Json:
    return {**observation("LOINC 17861-6", 9.4, "mg/dL"), **more}


def repeated(frequency: Any, period: Any = 1) -> Json:
    return {"timing": {"repeat": {"frequency": frequency, "period": period, "periodUnit": "d"}}}


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_value_in_the_data_never_loses_the_answer(client: TestClient, name: str) -> None:
    answer = client.post(REVIEW, json=ODDITIES[name]())
    assert answer.status_code == 200, answer.text
    assert checked(answer.json()["cards"])


def test_the_table_of_oddities_holds_forty() -> None:
    assert len(ODDITIES) + len([name for name in TEXTS if name in ("NaN", "1e400", "Infinity")]) >= 40


def test_cors_is_for_named_origins_only(client: TestClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    good = client.options(REVIEW, headers={"origin": ORIGIN, **asked})
    assert (good.status_code, good.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "authorization" in good.headers["access-control-allow-headers"].lower()
    for origin in ("https://evil.example", f"{ORIGIN}.evil.example", "null", ORIGIN.upper(), f"{ORIGIN}:444"):
        bad = client.options(REVIEW, headers={"origin": origin, **asked})
        assert "access-control-allow-origin" not in bad.headers
        assert "access-control-allow-origin" not in client.get("/cds-services", headers={"origin": origin}).headers


def test_errors_can_be_read_by_a_named_origin_too(client: TestClient) -> None:
    origin = {"origin": ORIGIN}
    for answer in (client.post(REVIEW, json=[], headers=origin), client.get("/x", headers=origin)):
        assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_a_page_of_a_public_site_may_ask_for_the_private_network(client: TestClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-private-network": "true"}
    assert client.options(REVIEW, headers={"origin": ORIGIN, **asked}).headers[
        "access-control-allow-private-network"
    ] == "true"  # fmt: skip
    bad = client.options(REVIEW, headers={"origin": "https://evil.example", **asked})
    assert (bad.status_code, "access-control-allow-origin" in bad.headers) == (400, False)


@pytest.mark.slow
def test_no_patient_data_stand_in_any_log_or_error(book: RuleBook, caplog: pytest.LogCaptureFixture) -> None:
    """An invented name as patient id, in every field that holds one, through every error path."""

    class Journal:
        def __init__(self) -> None:
            self.events: list[str] = []

        def write(self, event: str, **fields: Any) -> None:
            self.events.append(str((event, fields)))

    caplog.set_level("DEBUG")
    service, journal = service_for(book), Journal()
    service.journal = journal
    client = client_of(service)
    bodies = [body_of(body) for _, body, _ in ENVELOPES[:-1]] + [*TEXTS.values()] + [*map(body_of, FEEDBACKS)]
    bodies += [body_of(make()) for make in ODDITIES.values()] + [body_of(call(patient=patient("q")))]
    for path in (REVIEW, SELECT, SIGN, FEEDBACK):
        for body in bodies:
            sent = body.replace(b'"p"', f'"{CANARY}"'.encode()).replace(b"Patient/p", f"Patient/{CANARY}".encode())
            found = client.post(path, content=sent, headers={"content-type": "application/json"})
            assert found.status_code < 500
            assert found.status_code == 200 or CANARY not in found.text
    client.get(f"/{CANARY}?name={CANARY}", headers={"x-name": CANARY})
    logged = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert [record for record in logged if CANARY in record.getMessage()] == []
    assert [event for event in journal.events if CANARY in event] == []
    assert len(journal.events) > 500


def many_results(number: int) -> Json:
    results = (observation("LOINC 17861-6", 9.4, "mg/dL", f"20{10 + n % 16}-01-10", f"o{n}") for n in range(number))
    return call(observations=searchset(*results))


def test_a_large_call_is_answered_like_a_small_one(client: TestClient) -> None:
    body = many_results(1200)
    assert len(body_of(body)) > 256 * 1024
    assert Response.model_validate(client.post(REVIEW, json=body).json()).cards


@pytest.mark.slow
def test_an_answer_that_takes_too_long_is_503(book: RuleBook) -> None:
    client = client_of(service_for(book, limits={"answer seconds": 0.001}))
    check(client.post(REVIEW, json=many_results(1200)), 503)
    assert client.post(REVIEW, json=call()).status_code == 200
