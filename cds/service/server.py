"""Runs the application: the only door to uvicorn. Without authentication it listens on the loopback address alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn

from cds.errors import CdsError
from cds.service.access.certificate import tls_context
from cds.service.app import application
from cds.service.bounds.connections import BoundedConnection
from cds.service.configuration.reading import is_loopback
from cds.service.configuration.settings import OPEN_TO_ALL, Settings
from cds.service.interpreter import prepare_to_serve
from cds.service.page.handlers import has_page
from cds.service.state import Service

WARNING = "Warning: this service has no authentication. Whoever reaches it can call it."
OPEN = (
    "Without a token answer: /livez, /startupz, /readyz, /version, /openapi.json{metrics}; they hold no patient data."
)
OPEN_PAGE = "Warning: the page at {base}/ evaluates what is sent to it without a token, as 'page: yes' says."
NO_PAGE = "There is no page: it is for this machine only, and this service can be reached from elsewhere."
NOT_KEPT = "Neither decisions nor feedback are kept: the configuration names no 'records'."
GRACE_SECONDS = 10


def check_address(settings: Settings) -> None:
    """Refuse to listen beyond the loopback address without authentication, unless the words were written that allow it.

    Raises:
        CdsError: with what to do instead.

    """
    if settings.issuers or is_loopback(settings.listen.host) or settings.authentication == OPEN_TO_ALL:
        return
    raise CdsError(
        f"'{settings.listen.host}' is not the loopback address, and this service has no authentication. Name issuers "
        f"in the configuration, listen on 127.0.0.1 behind a proxy that authenticates, or write in the configuration "
        f"'authentication: {OPEN_TO_ALL}'."
    )


def check_workers(settings: Settings) -> None:
    """Refuse several workers that could not tell each other which tokens were used.

    Raises:
        CdsError: with what to do instead.

    """
    if settings.workers > 1 and settings.issuers and not settings.records:
        raise CdsError(
            f"{settings.workers} workers and 'issuers', but no 'records': a token that one worker has seen would be "
            "good for another one. Name 'records' in the configuration, where they tell each other, or use one worker."
        )


def check_port(settings: Settings) -> None:
    """Refuse to start where something else listens, or where no program may, before anything says that it serves.

    Raises:
        CdsError: with what to do instead.

    """
    host, port = settings.listen.host, settings.listen.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            todo = "Choose another port with --port, or end what listens there."
            raise CdsError(f"'{host}' port {port} cannot be listened on: {error.strerror}. {todo}") from None


def startup_lines(settings: Settings) -> Iterator[str]:
    """Who may reach what without a token, and what is not kept: each in a line for the operator."""
    if not settings.issuers:
        yield WARNING
    else:
        yield OPEN.format(metrics=", /metrics" if settings.metrics else "")
        if has_page(settings):
            yield OPEN_PAGE.format(base=settings.base_url)
    if settings.page and not has_page(settings):
        yield NO_PAGE
    if not settings.records:
        yield NOT_KEPT


def serve(service: Service) -> None:
    """Serve until interrupted, then let the calls under way end; no request, body or header is logged."""
    app = application(service)
    prepare_to_serve()
    uvicorn.run(app, **options(service.settings))


def options(settings: Settings) -> dict[str, Any]:
    """How uvicorn serves; a worker of several and a process that is alone, alike."""
    return {
        "host": settings.listen.host,
        "port": settings.listen.port,
        "http": BoundedConnection,
        "loop": "uvloop",
        "lifespan": "on",
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # who is believed about the client is `trusted proxies`, and no variable of uvicorn
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "ssl_context_factory": _tls(settings),
    }


def _tls(settings: Settings) -> Any:
    """What gives uvicorn the context of the service's own certificate; None where a proxy ends TLS."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return partial(tls_context, settings.tls_certificate, settings.tls_key)
