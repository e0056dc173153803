"""Whether the environment asks for telemetry, and the telemetry that it asks for; what is off is not even imported.

The variables are those of the OpenTelemetry specification:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from importlib import import_module
from importlib.util import find_spec

from cds.about import PROGRAM
from cds.service.observability.journal import Journal
from cds.service.observability.telemetry.telemetry import Telemetry, TelemetryError

TURN_ON = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_CONFIG_FILE",
)
DEFAULTS = {
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
}
"""What the specification takes where a variable is absent; the SDK for Python takes no exporter, and gRPC."""
NOT_INSTALLED = (
    "OTEL_ variables ask for telemetry, and OpenTelemetry is not installed: none is sent. Install "
    f"'{PROGRAM}[opentelemetry]', or set OTEL_SDK_DISABLED=true."
)


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables ask for traces or metrics."""
    said = {name: environment.get(name, "").strip().lower() for name in (*TURN_ON, "OTEL_SDK_DISABLED")}
    if said.pop("OTEL_SDK_DISABLED") == "true":
        return False
    if said["OTEL_TRACES_EXPORTER"] == said["OTEL_METRICS_EXPORTER"] == "none":
        return False
    return any(value not in ("", "none") for value in said.values())


def telemetry_of(
    base_url: str, version: str, journal: Journal, environment: MutableMapping[str, str] = os.environ
) -> Telemetry | None:
    """The telemetry that the variables ask for, started; None where they ask for none.

    Args:
        base_url: what clients know the service by.
        version: that of the program.
        journal: learns when something could not be sent.
        environment: read by the SDK; what the specification has defaults for is filled in.

    Raises:
        TelemetryError: it is asked for and not installed, or not as it is asked for.

    """
    if not wanted(environment):
        return None
    if not _installed():
        raise TelemetryError(NOT_INSTALLED)
    _fill_in(environment)
    telemetry = import_module("cds.service.observability.telemetry.open_telemetry")
    started: Telemetry = telemetry.started(base_url, version, journal)
    return started


def _installed() -> bool:
    """Whether the SDK is there; parts of ``opentelemetry`` may be without it."""
    try:
        return find_spec("opentelemetry.sdk") is not None
    except ModuleNotFoundError:
        return False


def _fill_in(environment: MutableMapping[str, str]) -> None:
    defaults = dict(DEFAULTS)
    if "service.name=" not in environment.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        defaults["OTEL_SERVICE_NAME"] = PROGRAM
    for name, value in defaults.items():
        if not environment.get(name, "").strip():
            environment[name] = value
