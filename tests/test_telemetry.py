"""Traces and metrics reach a collector by the standard variables, hold nothing of a patient, and are off by default."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from browser import until
from calls import REVIEW, call
from people import observation, patient
from serving import ROOT, Serving, serving
from tokens import BASE, EHR, bearer, key_set, token

from cds.service.observability.telemetry.asked import wanted

pytest.importorskip("opentelemetry.proto", reason="the extra opentelemetry is not installed")
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

CANARY = "Canary7Whistler"
TRACE, ABOVE = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
IDENTITY = "0b7c6f0e5d4c4b3a-from-the-caller"
OFF: list[dict[str, str]] = [
    {}, {"OTEL_SERVICE_NAME": "cds"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": " "},
    {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "TRUE"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none",
     "OTEL_METRICS_EXPORTER": "none"}, {"OTEL_TRACES_EXPORTER": "none"},
]  # fmt: skip
ON: list[dict[str, str]] = [
    {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, {"OTEL_TRACES_EXPORTER": "console"},
    {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
    {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "false"},
]  # fmt: skip


class Collector(ThreadingHTTPServer):
    """An OTLP/HTTP receiver on the loopback address: the bodies by path, and what they say."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        super().__init__(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for path, body in self.received if path == "/v1/traces"]
        return [
            span for one in requests for res in one.resource_spans for part in res.scope_spans for span in part.spans
        ]

    def metrics(self) -> dict[str, Any]:
        """The last state of each metric."""
        told = [ExportMetricsServiceRequest.FromString(body) for path, body in self.received if path == "/v1/metrics"]
        every = [m for one in told for res in one.resource_metrics for part in res.scope_metrics for m in part.metrics]
        return {metric.name: metric for metric in every}

    def resources(self) -> list[dict[str, Any]]:
        requests = [ExportTraceServiceRequest.FromString(body) for path, body in self.received if path == "/v1/traces"]
        return [about(res.resource) for one in requests for res in one.resource_spans]


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def collecting() -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, daemon=True)
        thread.start()
        yield collector
        collector.shutdown()


def about(thing: Any) -> dict[str, Any]:
    """The attributes of a span, of a point or of a resource."""
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in thing.attributes}


def sent(served: Serving, path: str, jti: str, **headers: str) -> httpx2.Response:
    now = int(time.time())
    signed = token(aud=f"{BASE}{REVIEW}", iat=now - 1, exp=now + 200, jti=jti)
    body = call(patient=patient(name=[{"family": CANARY}]), observations={
        "resourceType": "Bundle", "type": "searchset",
        "entry": [{"resource": observation("LOINC 17861-6", 9.4, "mg/dL", note=[{"text": CANARY}])}],
    }, context={"patientId": "p", "userId": f"Practitioner/{CANARY}"})  # fmt: skip
    return httpx2.post(f"{served.url}{path}", json=body, headers={**bearer(signed), **headers}, trust_env=False)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collector, Serving]]:
    """A collector, and the service that was called and has ended."""
    folder = tmp_path_factory.mktemp("telemetry")
    (folder / "keys.json").write_text(json.dumps(key_set()), encoding="utf-8")
    config = folder / "service.yaml"
    config.write_text(
        f"public url: {BASE}\nrecords: records.sqlite\npseudonym key: key\nissuers:\n  - issuer: {EHR}\n"
        f"    keys file: keys.json\n    jku:\n      - {EHR}/jwks.json\n    fhir servers:\n      - {EHR}/fhir\n",
        encoding="utf-8",
    )
    with collecting() as collector:
        asked = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
        }
        with serving(folder, "--config", str(config), environment=asked) as served:
            above = {"traceparent": f"00-{TRACE}-{ABOVE}-01", "x-request-id": IDENTITY}
            assert (
                sent(served, f"{REVIEW}?patient={CANARY}", "1", **above, **{f"x-{CANARY}": CANARY}).status_code == 200
            )
            assert httpx2.get(f"{served.url}/Patient/{CANARY}", trust_env=False).status_code == 404
            assert httpx2.post(f"{served.url}{REVIEW}", json={"a": CANARY}, trust_env=False).status_code == 401
            assert httpx2.request("PURGE", f"{served.url}/version", trust_env=False).status_code == 405
        yield collector, served


def test_a_call_is_a_trace_below_that_of_its_caller(told: tuple[Collector, Serving]) -> None:
    collector, _ = told
    mine = {span.name: span for span in collector.spans() if span.trace_id.hex() == TRACE}
    root = mine.pop("POST /cds-services/{service}")
    assert root.parent_span_id.hex() == ABOVE
    assert root.kind == Span.SPAN_KIND_SERVER
    assert about(root) == {
        "http.request.method": "POST", "http.route": "/cds-services/{service}", "http.response.status_code": 200,
        "url.scheme": "https", "server.address": "cds.example.org", "calcium-cds.request_id": IDENTITY,
    }  # fmt: skip
    assert list(mine) == ["authenticate", "fetch", "evaluate", "record"]
    assert {span.parent_span_id for span in mine.values()} == {root.span_id}
    assert [(span.kind, about(span)) for span in mine.values()] == [(Span.SPAN_KIND_INTERNAL, {})] * 4


def test_a_refused_caller_and_a_path_that_is_not_there_are_spans_without_what_they_said(
    told: tuple[Collector, Serving],
) -> None:
    collector, _ = told
    spans = {span.name: span for span in collector.spans() if span.trace_id.hex() != TRACE}
    assert spans.keys() == {"GET", "POST /cds-services/{service}", "authenticate", "HTTP /version"}
    assert about(spans["GET"])["http.response.status_code"] == 404
    assert spans["POST /cds-services/{service}"].status.code == Status.STATUS_CODE_UNSET
    assert about(spans["authenticate"]) == {"error.type": "UntrustedError"}
    assert about(spans["HTTP /version"])["http.request.method"] == "_OTHER"


def test_nothing_of_a_patient_and_no_token_is_in_what_a_collector_gets(told: tuple[Collector, Serving]) -> None:
    collector, _ = told
    everything = b"".join(body for _, body in collector.received)
    assert b"/cds-services/{service}" in everything
    assert [word for word in (CANARY.encode(), b"Bearer", b"eyJ", b"records.sqlite") if word in everything] == []


def test_metrics_tell_durations_decisions_and_the_time_from_call_to_advice(told: tuple[Collector, Serving]) -> None:
    metrics = told[0].metrics()
    points = {
        (found["http.request.method"], found.get("http.route", ""), found["http.response.status_code"]): point.count
        for point in metrics["http.server.request.duration"].histogram.data_points
        for found in [about(point)]
    }
    assert points == {
        ("POST", "/cds-services/{service}", 200): 1, ("POST", "/cds-services/{service}", 401): 1, ("GET", "", 404): 1,
        ("_OTHER", "/version", 405): 1,
    }  # fmt: skip
    (decisions,) = metrics["calcium_cds.decisions"].sum.data_points
    (advice,) = metrics["calcium_cds.advice.duration"].histogram.data_points
    assert about(decisions) == about(advice)
    assert (decisions.as_int, advice.count, list(about(advice))) == (1, 1, ["outcome"])
    assert metrics["calcium_cds.advice.duration"].unit == "s"


def test_the_resource_says_which_service_and_process_it_is_and_what_the_variables_add(
    told: tuple[Collector, Serving],
) -> None:
    collector, served = told
    (found, *_) = collector.resources()
    assert (found["service.name"], found["process.pid"]) == ("calcium-cds", served.process.pid)
    assert found["deployment.environment"] == "test"
    assert {"service.version", "service.instance.id", "telemetry.sdk.name"} <= found.keys()


def test_the_id_of_the_caller_is_in_the_journal_too(told: tuple[Collector, Serving]) -> None:
    _, served = told
    (decision,) = served.events("decision")
    assert decision["request_id"] == IDENTITY
    assert [line["status"] for line in served.events("request") if line["request_id"] == IDENTITY] == [200]


@pytest.mark.parametrize("variables", OFF)
def test_without_the_variables_telemetry_is_off(variables: dict[str, str]) -> None:
    assert not wanted(variables)


@pytest.mark.parametrize("variables", ON)
def test_each_variable_that_asks_for_traces_or_metrics_turns_it_on(variables: dict[str, str]) -> None:
    assert wanted(variables)


def test_nothing_of_opentelemetry_is_imported_while_it_is_off(tmp_path: Path) -> None:
    with serving(tmp_path, python=("-X", "importtime")) as served:
        assert httpx2.post(f"{served.url}{REVIEW}", json=call(), trust_env=False).status_code == 200
    imported = served.log.read_text(encoding="utf-8")
    assert "cds.service.observability.telemetry.asked" in imported
    assert "opentelemetry" not in imported.replace("open_telemetry", "")


def test_without_the_extra_one_line_says_what_to_install_and_the_service_answers(tmp_path: Path) -> None:
    # A module of this name that is no package stands for the extra that is not installed.
    (tmp_path / "opentelemetry.py").touch()
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    with serving(tmp_path, environment=asked) as served:
        assert httpx2.post(f"{served.url}{REVIEW}", json=call(), trust_env=False).status_code == 200
    (line,) = served.events("telemetry-not-started")
    assert "Install 'calcium-cds[opentelemetry]'" in line["problem"]
    assert "Traceback" not in served.log.read_text(encoding="utf-8")


CANNOT = {
    "a protocol that is not installed": ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "'otlp_proto_grpc' not found"),
    "an exporter that is not there": ({"OTEL_TRACES_EXPORTER": "jaeger"}, "'jaeger' not found"),
    "a file of another package": ({"OTEL_CONFIG_FILE": "otel.yaml"}, "pip install opentelemetry-configuration"),
}
START = """
from cds.service.observability.journal import Journal
from cds.service.observability.telemetry.asked import telemetry_of
from cds.service.observability.telemetry.telemetry import TelemetryError
try:
    telemetry_of("http://127.0.0.1", "1", Journal())
except TelemetryError as error:
    print(error)
"""


@pytest.mark.parametrize("case", CANNOT)
def test_telemetry_that_cannot_be_had_is_one_line_that_says_why(case: str) -> None:
    variables, said = CANNOT[case]
    around = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", **variables}
    done = subprocess.run([sys.executable, "-c", START], cwd=ROOT, env=around, capture_output=True, text=True)
    assert (done.returncode, said in done.stdout, done.stdout.count("\n")) == (0, True, 1), done.stdout + done.stderr


def test_a_collector_that_cannot_be_reached_is_told_by_the_journal_without_its_address(tmp_path: Path) -> None:
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://user:{CANARY}@127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with serving(tmp_path, environment=asked) as served:
        assert httpx2.post(f"{served.url}{REVIEW}", json=call(), trust_env=False).status_code == 200
        until(lambda: served.events("telemetry-failed"))
    assert CANARY not in served.log.read_text(encoding="utf-8")
