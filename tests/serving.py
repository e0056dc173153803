"""``cds serve`` as a process of its own, as an operator starts it: its address, and what it wrote."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from browser import free_port

ROOT = Path(__file__).resolve().parent.parent
OTEL = "OTEL_"
START_SECONDS = 120.0
"""A machine that is busy with other tests starts a service slowly."""


class Serving(NamedTuple):
    """A running service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def events(self, name: str) -> list[dict[str, Any]]:
        """The journal's lines of one kind."""
        lines = [line for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        return [line for line in map(json.loads, lines) if line["event"] == name]


@contextmanager
def serving(
    folder: Path,
    *words: str,
    environment: Mapping[str, str] | None = None,
    python: tuple[str, ...] = (),
    tls: ssl.SSLContext | None = None,
) -> Iterator[Serving]:
    """A service that is ready; at the end it is asked to end, and waited for."""
    port, log = free_port(), folder / "journal"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OTEL)}
    command = [sys.executable, *python, "-m", "cds", "serve", "--port", str(port), *words]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, stderr=stream, env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})}
        )
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < end and not _ready(url, tls):
            time.sleep(0.1)
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield Serving(url, process, log)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _ready(url: str, tls: ssl.SSLContext | None) -> bool:
    try:
        return httpx2.get(f"{url}/readyz", trust_env=False, verify=tls or True).status_code == 200
    except httpx2.TransportError:
        return False
