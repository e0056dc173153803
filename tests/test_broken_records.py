"""A record that is broken anywhere is read, validated, evaluated and shown, or refused with a reason; nothing else.

The property looks below the error boundary: what the boundary would turn into an error line fails here.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from calls import TODAY, searchset
from generated import the_book
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, SOME, Json, bundle, cds_services
from test_intake_bundle import VALID

from cds.cards.models import checked
from cds.client.calling import CallError
from cds.client.ehr import ehr_record
from cds.client.request import ehr_request
from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.explanation import explanation_of
from cds.hooks.answering import answer
from cds.hooks.refusal import RefusedError
from cds.hooks.services import discovery
from cds.intake.reading import parse_json, read_record
from cds.intake.validation import report_invalid
from cds.result import result_of
from cds.screen.patients import evaluation_text
from cds.service.page.evaluated import evaluated

SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
DRAFTED = [{**item, "status": "draft"} if item["resourceType"] == "MedicationRequest" else item for item in VALID]
RECORDS = [json.loads(path.read_bytes()) for path in sorted(SAMPLES.glob("*/bundle.json"))]
RECORDS += [bundle(*VALID), bundle(*DRAFTED)]
TEXTS = ["", " ", "x", "2026", "0000-00-00", "9999-12-31", "2026-02-30", "2026-01-01T25:61:00Z", "Patient/p", "#x", "#",
         "<", "active", "\u0000", "\u202e", "\u001b[2J", "a" * 5000, "mg/dL", "http://loinc.org", "1e400", "NaN", "-0",
         "9.4 mg/dL", "\u0663", "\u00bd", "http://unitsofmeasure.org"]  # fmt: skip
NUMBERS = [0, -1, 1, 0.1, 1e308, -1e308, 5e-324, 10**18, 2**63, 10**30]
SHAPES = [None, True, False, [], {}, [None], [[]], [{}], {"a": 1}, [1, 2], {"coding": 5}, {"coding": [5]},
          {"coding": [{"code": [], "system": {}}]}, {"coding": [{"code": {"a": 1}, "system": "http://loinc.org"}]},
          {"text": []}, {"value": 1e308, "code": "mg/dL"}, {"reference": "#x"}, {"reference": []},
          {"resourceType": "Observation"}, {"resourceType": "MadeUp", "id": "x"}, {"resourceType": []},
          {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation"}}]}]  # fmt: skip
CONTAINED = [{"resourceType": "MadeUpThing", "id": "x"}, {"resourceType": "Medication", "id": "x"}, {"id": "x"}, "x",
             {"resourceType": ["x"]}, {"resourceType": ""}, {"resourceType": "Element"}, None]  # fmt: skip
KEYS = ["valueString", "valueQuantity", "valueInteger", "component", "status", "code", "id", "_id", "extension", "",
        "medicationReference", "medicationCodeableConcept", "dosage", "_status", "ingredient", "\u0000"]  # fmt: skip
ODD = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.sampled_from(SHAPES))


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in inner for place in ((*at, key), *places(item, (*at, key)))]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def broken_once(draw: st.DrawFn, data: Json) -> None:
    """Something in the data is replaced, lost, added, wrapped or put deeper."""
    *path, last = draw(st.sampled_from(places(data)))
    holder, how = at(data, tuple(path)), draw(st.integers(0, 7))
    if how <= 2:
        holder[last] = copy.deepcopy(draw(ODD))
    elif how == 3:
        del holder[last]
    elif how == 4:
        holder[last] = [holder[last]]
    elif how == 5:
        for _ in range(draw(st.sampled_from([1, 10, 50]))):
            holder[last] = {"extension": [holder[last]]}
    elif how == 6 and isinstance(holder, dict):
        holder[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(ODD))
    else:
        resource = at(data, draw(st.sampled_from([p for p in places(data) if p[-1] == "resource"] or [()])))
        if isinstance(resource, dict):
            resource["contained"] = [copy.deepcopy(draw(st.sampled_from(CONTAINED)))]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """The text of a sample with one to five things wrong."""
    data = copy.deepcopy(draw(st.sampled_from(RECORDS)))
    for _ in range(draw(st.integers(1, 5))):
        if places(data):
            broken_once(draw, data)
    return json.dumps(data).encode()


@given(broken())
@SOME
def test_a_broken_record_is_read_and_shown_or_refused_with_a_reason(raw: bytes) -> None:
    try:
        data = parse_json(raw)
        record = read_record(data, the_book(), AS_OF)
    except RecordError:
        return
    report_invalid(record)
    evaluation = evaluate(record, the_book(), AS_OF)
    result = result_of(evaluation)
    checked(result["cards"])
    assert orjson.loads(orjson.dumps(result))["outcome"] in the_book().outcomes
    assert orjson.dumps(explanation_of(evaluation))
    assert orjson.dumps(evaluated(data, the_book(), AS_OF))
    assert "Outcome: " in evaluation_text(evaluation, "file.json")


def by_type(data: Any, kind: str) -> list[Any]:
    entries = data.get("entry") if isinstance(data, dict) else None
    found = [entry["resource"] for entry in entries if isinstance(entry, dict) and "resource" in entry] if isinstance(
        entries, list) else []  # fmt: skip
    return [item for item in found if isinstance(item, dict) and item.get("resourceType") == kind]


@given(broken(), st.deferred(lambda: st.sampled_from(list(cds_services().values()))))
@SOME
def test_a_call_with_a_broken_record_is_answered_or_refused_with_a_reason(raw: bytes, offer: Any) -> None:
    try:
        data = parse_json(raw)
    except RecordError:
        return
    lists = {"observations": "Observation", "conditions": "Condition", "statements": "MedicationStatement",
             "requests": "MedicationRequest", "goals": "Goal"}  # fmt: skip
    prefetch: Json = {key: searchset(*by_type(data, kind)) for key, kind in lists.items()}
    who = next(iter(by_type(data, "Patient")), None)
    identity = who.get("id") if who is not None and isinstance(who.get("id"), str) else "p"
    context: Json = {"userId": "Practitioner/1", "patientId": identity or "p", "encounterId": "e"}
    if offer.orders:
        context[offer.orders] = searchset(*by_type(data, "MedicationRequest"))
    if offer.hook == "order-select":
        context["selections"] = ["MedicationRequest/r"]
    body = {"hook": offer.hook, "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context,
            "prefetch": prefetch | ({"patient": who} if who is not None else {})}  # fmt: skip
    try:
        found = answer(body, offer, the_book(), TODAY)
    except RefusedError:
        return
    assert orjson.loads(orjson.dumps(found.response()))["cards"] == found.cards


@given(broken(), st.deferred(lambda: st.sampled_from(list(cds_services().values()))))
@SOME
def test_a_call_is_made_from_a_broken_record_or_refused_with_a_reason(raw: bytes, offer: Any) -> None:
    (service,) = [item for item in discovery(the_book(), tuple(cds_services()))["services"] if item["id"] == offer.id]
    try:
        assert orjson.dumps(ehr_request(service, ehr_record(parse_json(raw)), ()).body)
    except (RecordError, CallError):
        return


SEARCHES = {
    "hook": "order-sign",
    "prefetch": {
        "results": "Observation?patient={{context.patientId}}&code=http://loinc.org|17861-6&category=laboratory",
        "conditions": "Condition?patient={{context.patientId}}&clinical-status=active",
        "orders": "MedicationRequest?patient={{context.patientId}}&status=active&intent=order&code=282465",
    },
}


@pytest.mark.parametrize("odd", [5, "x", [], {"coding": 5}, {"coding": {}}, {"reference": []}, None])
@pytest.mark.parametrize("key", ["medicationReference", "medicationCodeableConcept", "code", "category", "subject"])
def test_a_call_is_made_from_resources_with_odd_elements(key: str, odd: Any) -> None:
    others = [item for item in VALID if item["resourceType"] != "Patient"]
    data = bundle(*({**item, key: odd} for item in (*DRAFTED, *others)))
    assert orjson.dumps(ehr_request(SEARCHES, ehr_record(data), ()).body)


@pytest.mark.parametrize("contained", CONTAINED)
def test_every_resource_type_that_is_read_may_contain_anything(contained: Any) -> None:
    resources = [{**resource, "contained": [contained]} for resource in VALID]
    record = read_record(bundle(*resources), the_book(), AS_OF)
    report_invalid(record)
    assert evaluate(record, the_book(), AS_OF).outcome
