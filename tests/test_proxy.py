"""The proxy of deploy/: nginx ends TLS before a service with the configuration of the compose file, on PostgreSQL."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from browser import free_port, until
from calls import REVIEW, call
from certificates import trusting, write_certificate
from serving import ROOT, Serving, serving
from sqlalchemy import make_url
from tokens import bearer, key_set, token

from cds.hooks.calls import read_json

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
HOSPITAL, EHR = "https://cds.hospital.example", "https://ehr.hospital.example"
IDENTITY = "0b7c6f0e-5d4c-4b3a-9a87-65f3ad1c9b10"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")


class Proxied(NamedTuple):
    """A proxy before a service."""

    url: str
    served: Serving
    folder: Path

    def call(self, jti: str, **more: str) -> httpx2.Response:
        """A signed call over the proxy."""
        now = int(time.time())
        signed = token(iss=EHR, aud=f"{HOSPITAL}{REVIEW}", iat=now - 1, exp=now + 200, jti=jti, header={"jku": None})
        return self.ask("POST", f"{REVIEW}?patient=Canary", json=call(), headers={**bearer(signed), **more})

    def ask(self, method: str, path: str, **more: object) -> httpx2.Response:
        """What the proxy answers."""
        with httpx2.Client(verify=trusting(self.folder), trust_env=False) as client:
            return client.request(method, f"{self.url}{path}", **more)  # type: ignore[arg-type]


@contextmanager
def nginx(folder: Path, port: int, upstream: str) -> Iterator[None]:
    """The proxy with the configuration of deploy/; names of containers become addresses of this machine."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    # `resolve` is newer than Debian's nginx, and nobody listens at the second address.
    changes = {
        r"resolver \S+ valid=5s;": "", r"cds-a:8080 resolve": upstream, r"cds-b:8080 resolve": "127.0.0.1:1",
        r"listen 8443 ssl": f"listen 127.0.0.1:{port} ssl", r"/run/secrets/|/tmp/": f"{folder}/",
        r"/dev/std(out|err)": f"{folder}/nginx-\\1", r"worker_processes auto;": "worker_processes 1; daemon off;",
    }  # fmt: skip
    for pattern, instead in changes.items():
        text, count = re.subn(pattern, instead, text)
        assert count, pattern
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    command = [str(NGINX), "-p", str(folder), "-e", f"{folder}/nginx-err", "-c", str(path)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def proxied(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """The proxy, and the service behind it."""
    folder = tmp_path_factory.mktemp("proxy")
    folder.chmod(0o755)
    write_certificate(folder)
    database = make_url(postgresql)
    about = f"[calcium-cds]\nhost={database.query['host']}\nuser={database.username}\ndbname={database.database}\n"
    (folder / "pg_service.conf").write_text(about, encoding="utf-8")
    (folder / "keys.json").write_text(json.dumps(key_set()), encoding="utf-8")
    text = (ROOT / "deploy" / "compose" / "service.yaml").read_text(encoding="utf-8")
    text = text.replace(f"keys url: {EHR}/jwks.json", "keys file: keys.json").replace("/run/secrets", str(folder))
    config = folder / "service.yaml"
    config.write_text(text, encoding="utf-8")
    asked = {"PGSERVICEFILE": str(folder / "pg_service.conf")}
    port = free_port()
    with (
        serving(folder, "--config", str(config), "--host", "127.0.0.1", environment=asked) as served,
        nginx(folder, port, served.url.removeprefix("http://")),
    ):
        found = Proxied(f"https://127.0.0.1:{port}", served, folder)
        until(lambda: _answers(found))
        yield found


def _answers(proxied: Proxied) -> bool:
    try:
        return proxied.ask("GET", "/livez").status_code == 200
    except httpx2.TransportError:
        return False


def test_a_signed_call_gets_its_cards_and_keeps_its_id_from_the_client_to_the_journal(proxied: Proxied) -> None:
    found = proxied.call("proxy-1", **{"X-Request-ID": IDENTITY})
    assert (found.status_code, found.headers["x-request-id"]) == (200, IDENTITY)
    assert read_json(found.content)["cards"]  # type: ignore[index,call-overload]
    until(lambda: [line for line in proxied.served.events("request") if line["request_id"] == IDENTITY])
    (decision,) = [line for line in proxied.served.events("decision") if line["request_id"] == IDENTITY]
    assert decision["service"] == "calcium-review"


def test_without_one_proxy_and_service_have_the_same(proxied: Proxied) -> None:
    found = proxied.call("proxy-2").headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", found)
    lines = until(lambda: [line for line in _log(proxied) if line["request_id"] == found])
    assert [(line["method"], line["status"]) for line in lines] == [("POST", 200)]
    assert [line for line in proxied.served.events("decision") if line["request_id"] == found]


def test_a_replica_that_is_away_is_not_seen_and_a_call_is_sent_once(proxied: Proxied) -> None:
    before = len(proxied.served.events("decision"))
    assert [proxied.call(f"proxy-a{number}").status_code for number in range(6)] == [200] * 6
    assert len(proxied.served.events("decision")) == before + 6
    assert proxied.call("proxy-a0").status_code == 401


def test_what_is_for_the_inside_is_not_answered_outside_nor_what_is_too_large(proxied: Proxied) -> None:
    inside = ("/metrics", "/version", "/readyz", "/startupz")
    assert [proxied.ask("GET", path).status_code for path in inside] == [404] * 4
    mine = until(lambda: [line for line in _log(proxied) if not line["upstream"]])
    assert all(re.fullmatch(r"[0-9a-f]{32}", str(line["request_id"])) for line in mine)
    assert proxied.ask("POST", REVIEW, content=b"x" * (2 * 1024 * 1024 + 1)).status_code == 413
    assert proxied.ask("GET", "/cds-services").status_code == 401


def test_the_log_of_the_proxy_holds_neither_paths_nor_what_callers_wrote(proxied: Proxied) -> None:
    assert proxied.ask("GET", "/Patient/Canary?name=Canary", headers={"x-name": "Canary"}).status_code == 404
    until(lambda: [line for line in _log(proxied) if line["status"] == 404])
    text = "".join(path.read_text(encoding="utf-8") for path in proxied.folder.glob("nginx-*"))
    assert ("Canary" in text, "eyJ" in text) == (False, False)


def _log(proxied: Proxied) -> list[dict[str, object]]:
    return [json.loads(line) for line in (proxied.folder / "nginx-out").read_text(encoding="utf-8").splitlines()]
