"""``cds healthcheck``: exit status 0 or 1 for a container, from the address that the configuration listens on."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import served
from click.testing import CliRunner, Result
from serving import ROOT
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cds.cli import app

ANSWERS = {"/livez": (200, {"status": "ok"}), "/startupz": (200, {"status": "started"}),
           "/readyz": (503, {"status": "not ready", "problems": ["the records cannot be written."]})}  # fmt: skip


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    async def answer(request: Request) -> Response:
        status, body = ANSWERS[request.url.path]
        return JSONResponse(body, status)

    with served(Starlette(routes=[Route(path, answer) for path in ANSWERS])) as base:
        yield base


def healthcheck(*words: object) -> Result:
    return CliRunner().invoke(app, ["healthcheck", *map(str, words)])


@pytest.mark.parametrize(
    ("probe", "status", "said"),
    [((), 0, "ok\n"), (("--live",), 0, "ok\n"), (("--startup",), 0, "started\n"),
     (("--ready",), 1, "not ready: the records cannot be written.\n")],
)  # fmt: skip
def test_the_exit_status_is_that_of_the_probe(url: str, probe: tuple[str, ...], status: int, said: str) -> None:
    found = healthcheck("--url", url, *probe)
    assert (found.exit_code, found.output) == (status, said)


@pytest.mark.parametrize(
    "listen", ["  port: {port}", "  host: 0.0.0.0\n  port: {port}", "  host: localhost\n  port: {port}"]
)
def test_the_configuration_says_where_to_ask_and_nothing_else_of_it_matters(
    url: str, tmp_path: Path, listen: str
) -> None:
    config = tmp_path / "service.yaml"
    config.write_text(f"listen:\n{listen.format(port=url.rpartition(':')[2])}\nno such key: 1\n", encoding="utf-8")
    assert healthcheck("--config", config).exit_code == 0


@pytest.mark.parametrize("text", ["listen:\n  port: none\n", "listen: 3\n\tx", "listen:\n  port: 1\n", None])
def test_a_service_that_cannot_be_found_is_not_well(tmp_path: Path, text: str | None) -> None:
    config = tmp_path / "service.yaml"
    if text is not None:
        config.write_text(text, encoding="utf-8")
    found = healthcheck("--config", config, "--ready")
    assert (found.exit_code, found.stdout) == (1, "")


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "https://127.0.0.1:1", "http://127.0.0.1:99999"])
def test_an_address_where_nothing_answers_is_not_well(url: str) -> None:
    found = healthcheck("--url", url)
    assert (found.exit_code, "Traceback" in found.output) == (1, False)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"])
def test_what_answers_and_is_no_service_is_not_well(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        found = healthcheck("--url", f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(10)
    assert (found.exit_code, found.stdout) == (1, "")


def test_it_loads_next_to_nothing(tmp_path: Path) -> None:
    config = tmp_path / "service.yaml"
    config.write_text("listen:\n  port: 1\n", encoding="utf-8")
    command = [sys.executable, "-X", "importtime", "-m", "cds", "healthcheck", "--config", str(config)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "cds.rulebook.yaml_text" in loaded
    slow = {"pydantic", "starlette", "uvicorn", "sqlalchemy", "cds.evaluation", "cds.service", "orjson", "httpx2"}
    assert slow & loaded == set()
