"""The SDK of OpenTelemetry in this process: begun as the environment says, and ended in time."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from uuid import uuid4

from opentelemetry import metrics, trace
from opentelemetry.sdk._configuration import _OTelSDKConfigurator
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from cds.service.observability.journal import Journal
from cds.service.observability.telemetry.telemetry import TelemetryError

NOT_STARTED = "OTEL_ variables ask for telemetry that cannot be had: none is sent. OpenTelemetry says: {problem}"
CLOSE_SECONDS = 3.0
"""How long the end of the service waits for a collector."""


def start_sdk(version: str, journal: Journal) -> None:
    """Configure the SDK of this process by the variables; what it complains about goes to the journal.

    Raises:
        TelemetryError: the variables name what is not there.

    """
    logger = logging.getLogger("opentelemetry")
    logger.addHandler(_ToJournal(journal))
    logger.propagate = False
    about = {"service.version": version, "process.pid": os.getpid()}
    if "service.instance.id=" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        about["service.instance.id"] = str(uuid4())
    try:
        configurator: Any = _Configurator
        configurator().configure(resource_attributes=about)
    except Exception as error:
        raise TelemetryError(NOT_STARTED.format(problem=str(error) or type(error).__name__)) from None


class _Configurator(_OTelSDKConfigurator):
    """What reads the variables and makes what they ask for; the SDK wants to be configured by a class of one's own."""


async def end_sdk() -> None:
    """Send what is not sent yet, for a few seconds; the SDK itself would wait much longer for a collector."""
    ending = [Thread(target=end, daemon=True) for end in _shutdowns()]
    until = time.monotonic() + CLOSE_SECONDS
    for thread in ending:
        thread.start()
    for thread in ending:
        await asyncio.to_thread(thread.join, max(0.0, until - time.monotonic()))


def _shutdowns() -> Iterator[Callable[[], None]]:
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
        if isinstance(provider, (TracerProvider, MeterProvider)):
            yield provider.shutdown


class _ToJournal(logging.Handler):
    """What the SDK complains about, by the part that does; its texts may hold addresses and passwords."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line into the journal."""
        self._journal.write("telemetry-failed", kind=record.name)
