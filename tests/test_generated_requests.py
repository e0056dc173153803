"""Thousands of generated requests, in one process: none is answered 5xx, and every body is valid."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import pytest
import schemathesis
from calls import HOOK_OF, REVIEW, SELECT, SIGN, call, draft, orders, searchset, service_for
from generated import people, the_book
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import condition, observation, patient, request, statement
from profiles import DEVELOPMENT, examples
from schemathesis import GenerationMode

from cds.cards.models import Response
from cds.hooks.openapi import openapi_of
from cds.hooks.refusal import ISSUE_TYPES
from cds.service.app import application

Json = dict[str, Any]
FEEDBACK = f"{REVIEW}/feedback"
CARD = "11111111-1111-4111-8111-111111111111"
SENT: list[int] = []
"""The status of every answer of this module."""
QUIET = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example)


def many(number: int) -> Callable[[Any], Any]:
    return examples(number, suppress_health_check=QUIET, database=None)


class Answer(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes


@lru_cache
def app() -> Any:
    return application(service_for(the_book()))


def ask(method: str, path: str, body: bytes, kind: bytes = b"application/json") -> Answer:
    """The answer of the application, without a server and without a client library."""
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(errors="replace"),
        "query_string": b"", "headers": [(b"content-type", kind)], "scheme": "http", "server": ("127.0.0.1", 1),
        "client": ("127.0.0.1", 2), "root_path": "",
    }  # fmt: skip
    sent: list[Json] = []

    async def receive() -> Json:
        return {"type": "http.request", "body": body}

    async def send(message: Json) -> None:
        sent.append(message)

    asyncio.run(app()(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], dict(sent[0]["headers"]), content)


def check(answer: Answer, *, feedback: bool = False) -> None:
    """Never 5xx; 200 with valid cards, or nothing after feedback; else an OperationOutcome of the status."""
    SENT.append(answer.status)
    assert answer.status < 500, answer.body
    if answer.status == 200 and feedback:
        assert answer.body == b""
        return
    data = orjson.loads(answer.body)
    assert answer.headers[b"content-type"] == b"application/json"
    if answer.status == 200:
        assert "services" in data or Response.model_validate(data)
    else:
        assert (data["resourceType"], data["issue"][0]["code"]) == ("OperationOutcome", ISSUE_TYPES[answer.status])


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["", "Patient/p", "Patient/q", "#m", "2026-01-10", "9999-12-31", "mg/dL", "active", "http://x"]),
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
resources = st.sampled_from(
    [patient(), patient("q"), observation("LOINC 17861-6", 13, "mg/dL"), statement(), request(), draft(),
     condition("SNOMED 64859006"), {"resourceType": "OperationOutcome", "issue": []}, {"resourceType": "Bundle"},
     {"resourceType": "Goal", "target": [{}]}, {"resourceType": "Medication", "id": "m"}, {"resourceType": "Novelty"}]
)  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, part in inner for place in places(part, (*at, key)))]


def with_change(value: Any, place: tuple[Any, ...], change: Any) -> Any:
    """The value with something else at a place."""
    if not place:
        return change
    if isinstance(value, dict):
        return {**value, place[0]: with_change(value[place[0]], place[1:], change)}
    return [with_change(part, place[1:], change) if n == place[0] else part for n, part in enumerate(value)]


@st.composite
def mutants(draw_: st.DrawFn, whole: Json) -> Json:
    """A good body with one to four places changed, at any depth."""
    found: Any = whole
    for _ in range(draw_(st.integers(1, 4))):
        place = draw_(st.sampled_from(places(found)))
        found = with_change(found, place, draw_(values | resources))
    return found


def whole_call(path: str) -> Json:
    context = {"draftOrders": orders(draft(), draft("282465", "s")), "selections": ["MedicationRequest/r"]}
    return call(
        HOOK_OF[path], context, conditions=searchset(condition("SNOMED 64859006")), requests=searchset(request())
    )


@many(1400)
@given(mutants(whole_call(REVIEW)))
def test_changed_calls_of_patient_view(body: Json) -> None:
    check(ask("POST", REVIEW, orjson.dumps(body)))


@many(1000)
@given(mutants(whole_call(SELECT)))
def test_changed_calls_of_order_select(body: Json) -> None:
    check(ask("POST", SELECT, orjson.dumps(body)))


@many(1000)
@given(mutants(whole_call(SIGN)))
def test_changed_calls_of_order_sign(body: Json) -> None:
    check(ask("POST", SIGN, orjson.dumps(body)))


@many(150)
@given(people(), st.sets(st.sampled_from(["patient", "observations", "conditions", "statements", "requests", "goals"])))
def test_calls_about_any_patient_with_any_part_left_out(found: list[Json], left_out: set[str]) -> None:
    types = {"observations": "Observation", "conditions": "Condition", "statements": "MedicationStatement",
             "requests": "MedicationRequest", "goals": "Goal"}  # fmt: skip
    whole = {k: searchset(*(r for r in found if r["resourceType"] == kind)) for k, kind in types.items()}
    who = {**found[0], "id": "p"}
    body = call("patient-view", None, **{"patient": who, **whole, **dict.fromkeys(left_out, "left out")})
    answer = ask("POST", REVIEW, orjson.dumps(body))
    check(answer)
    assert answer.status in (200, 412)


@many(700)
@given(st.binary(max_size=60) | st.builds(orjson.dumps, values), st.sampled_from([REVIEW, SIGN, FEEDBACK]))
def test_any_bytes(body: bytes, path: str) -> None:
    check(ask("POST", path, body), feedback=path == FEEDBACK)


@many(900)
@given(
    mutants({"feedback": [
        {"card": CARD, "outcome": "accepted", "outcomeTimestamp": "2026-01-15T08:09:27Z",
         "acceptedSuggestions": [{"id": "a"}], "overrideReason": {"reason": {"code": "x"}, "userComment": "y"}}]})
)  # fmt: skip
def test_changed_feedback(body: Json) -> None:
    check(ask("POST", FEEDBACK, orjson.dumps(body)), feedback=True)


@many(500)
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]),
    st.lists(
        st.sampled_from(["cds-services", "calcium-review", "feedback", "..", "", "%00", "livez", "ä"]), max_size=4
    ),
    st.sampled_from([b"application/json", b"text/plain", b"", b"\xff", b"application/json;;=", b"application/json, x"]),
)
def test_any_path_and_type(method: str, parts: list[str], kind: bytes) -> None:
    path = "/".join(["", *parts]) if parts else FEEDBACK
    answer = ask(method, path, orjson.dumps(call()), kind)
    SENT.append(answer.status)
    assert answer.status < 500


def by_schema(mode: GenerationMode, number: int) -> None:
    """Requests that schemathesis makes from the OpenAPI document, for every operation in it."""
    schema = schemathesis.openapi.from_dict(openapi_of((the_book(),), ("patient-view", "order-select", "order-sign")))
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == 7

    for operation in operations:
        if mode is GenerationMode.NEGATIVE and operation.method.upper() == "GET":
            continue

        @many(number if operation.method.upper() == "POST" else 1)
        @given(operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            body = json.dumps(case.body).encode() if isinstance(case.body, (dict, list, str, float, bool)) else b""
            check(ask(case.method.upper(), case.path, body), feedback=case.path.endswith("feedback"))

        send()


def test_requests_that_follow_the_openapi_document() -> None:
    by_schema(GenerationMode.POSITIVE, 25)


def test_requests_that_break_the_openapi_document() -> None:
    by_schema(GenerationMode.NEGATIVE, 25)


def test_at_least_five_thousand_were_sent_and_many_of_them_were_answered_with_cards() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("the requests were sent from several processes")
    if settings.get_current_profile_name() == DEVELOPMENT:
        pytest.skip("few examples were tried")
    assert len(SENT) >= 5000
    assert SENT.count(200) > 1000
    assert {200, 400, 404, 405, 412, 415} <= set(SENT)
