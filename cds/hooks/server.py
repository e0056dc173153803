"""Runs the application: the only door to uvicorn. Without authentication it listens on the loopback address alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import uvicorn

from cds.errors import CdsError
from cds.hooks.app import application
from cds.hooks.feedback import keeper
from cds.rulebook.model import RuleBook

WARNING = "Warning: this service has no authentication. Whoever reaches it can call it."


def check_address(host: str, *, open_to_all: bool) -> None:
    """Refuse to listen beyond the loopback address, unless it was said in plain words that this is meant.

    Raises:
        CdsError: with what to do instead.

    """
    if not (_is_loopback(host) or open_to_all):
        raise CdsError(
            f"'{host}' is not the loopback address, and this service has no authentication. Put it behind a proxy that "
            "authenticates and listen on 127.0.0.1, or say --without-authentication."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(book: RuleBook, host: str, port: int, origins: Sequence[str], feedback: Path | None) -> None:
    """Serve until interrupted; no request, body or header is logged."""
    app = application(book, origins, keeper(feedback), date.today)
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)
