"""The configuration of the service: read whole, or refused with every problem; and what it turns on."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from calls import REVIEW, call, client_of
from test_fetching import Listener, ok
from tokens import EHR, bearer, key_set, keys, token

from cds.errors import CdsError
from cds.rulebook.model import RuleBook
from cds.service.configuration.reading import ConfigurationError, read_settings
from cds.service.configuration.settings import OPEN_TO_ALL, Settings
from cds.service.server import check_address
from cds.service.wiring import build_service

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "SERVICE.md").read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    path = folder / "service.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(written(folder, text))
    return str(caught.value).splitlines()


def test_the_example_of_the_guide_is_read(tmp_path: Path) -> None:
    (example,) = (text for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.S) if text.startswith("listen:"))
    settings = read_settings(written(tmp_path, example))
    (issuer,) = settings.issuers
    assert (issuer.profile, issuer.longest_token_seconds, settings.limits.calls_per_second) == ("epic", 900, 50)
    assert (settings.base_url, settings.records) == ("https://cds.hospital.example", str(tmp_path / "records.sqlite"))
    check_address(settings)


def test_the_guide_names_every_key() -> None:
    named = set(re.findall(r"`([a-z0-9 ]+)`", GUIDE))
    fields = {str(field.alias) for field in Settings.model_fields.values()}
    assert fields - named == {"fetch from loopback"}


def test_an_empty_file_is_the_service_of_the_loopback_address(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "# nothing\n")) == Settings()


def test_every_problem_is_said_at_once_with_its_line_and_the_nearest_word(tmp_path: Path) -> None:
    text = "lissten:\n  port: 1\nlimits:\n  body byte: 5\n  burst: many\nprofile: epik\nhooks:\n  - patient-vue\n"
    assert problems(tmp_path, text) == [
        "service.yaml:1: lissten: 'lissten' has no meaning here. Did you mean 'listen'? [unknown-key]",
        "service.yaml:4: limits.body byte: 'body byte' has no meaning here. Did you mean 'body bytes'? [unknown-key]",
        "service.yaml:5: limits.burst: 'many' is no whole number. Write it in digits: 5. [wrong-value]",
        "service.yaml:6: profile: 'epik' is none of: generic, epic, cerner. Did you mean 'epic'? [wrong-value]",
        "service.yaml:8: hooks[1]: 'patient-vue' is none of: patient-view, order-select, order-sign, "
        "medication-refill, encounter-discharge. Did you mean 'patient-view'? [wrong-value]",
    ]


ONE = "issuers:\n  - issuer: a\n    keys url: https://x.example/k\n"
WRONG = {
    "issuers:\n  - keys url: https://x.example/k\n": "'issuer' is missing",
    "issuers:\n  - issuer: a\npublic url: https://x.example\n": "it needs 'keys file' or 'keys url'",
    "issuers:\n  - issuer: a\n    keys url: http://x.example/k\npublic url: https://x.example\n": "not https",
    "issuers:\n  - issuer: a\n    keys file: none.json\npublic url: https://x.example\n": "the file cannot be opened",
    f"{ONE}    algorithms:\n      - HS256\n": "'HS256' is none of",
    f"{ONE}    longest token seconds: 7200\n": "it has to be 3600 at most",
    "issuers:\n  - issuer: a\n    key url: https://x.example/k\n": "Did you mean 'keys url'?",
    f"{ONE}    fhir servers:\n      - http://10.0.0.1/r4\n": "not https",
    f"listen:\n  host: 0.0.0.0\n{ONE}": "'public url' is missing",
    "public url: http://cds.example.org\n": "not https",
    "public url: https://user@cds.example.org\n": "https://HOST/PATH",
    "authentication: off\n": "'off' is none of: required, off, and I know",
    "authentication: required\n": "nobody may call",
    f"authentication: {OPEN_TO_ALL}\n{ONE}": "it is off, and issuers",
    "origins:\n  - '*'\n": "https://HOST, without path",
    "origins:\n  - https://*.example.org\n": "https://HOST, without path",
    "origins:\n  - https://x.example/path\n": "https://HOST, without path",
    "origins: https://x.example\n": "after '- '",
    "hooks:\n": "after '- '",
    "leeway seconds: 61\n": "it has to be 60 at most",
    "fhir servers:\n  - ftp://x.example\n": "https://HOST/PATH",
    "listen:\n  port: 70000\n": "it has to be 65535 at most",
    "rules sha256: abc\n": "64 hexadecimal digits",
    "a: 1\na: 2\n": "stands twice",
    "x: &y 1\n": "gives a part of the file a name",
    "x: !!python/object:os.system 1\n": "begins with '!'",
    "x: [1]\n": "between brackets",
    "x: '\n": "has no ' at its end",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_configuration_is_refused_with_what_is_wrong(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, text)
    assert any(WRONG[text] in line for line in found), found
    assert all(re.fullmatch(r"service\.yaml:\d+: .+ \[[a-z-]+\]", line) for line in found)


def test_a_key_file_with_a_private_key_is_refused(tmp_path: Path) -> None:
    secret = {"keys": [keys()["ES384"].as_dict(private=True)]}
    (tmp_path / "keys.json").write_text(json.dumps(secret), encoding="utf-8")
    found = problems(tmp_path, "issuers:\n  - issuer: a\n    keys file: keys.json\npublic url: https://x.example\n")
    assert "private" in found[0]
    assert secret["keys"][0]["d"] not in found[0]


def test_two_issuers_of_one_name_are_refused(tmp_path: Path) -> None:
    one = "  - issuer: a\n    keys url: https://x.example/k\n"
    assert "stands twice" in problems(tmp_path, f"public url: https://x.example\nissuers:\n{one}{one}")[0]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CdsError, match="cannot be opened"):
        read_settings(tmp_path / "none.yaml")


def test_with_issuers_calls_need_a_token_signed_by_a_key_of_the_file(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(key_set()), encoding="utf-8")
    text = f"public url: https://cds.example.org\nissuers:\n  - issuer: {EHR}\n    keys file: keys.json\n"
    client = client_of(build_service(read_settings(written(tmp_path, text)), book))
    now = time.time()
    fresh = {"iat": now, "exp": now + 200, "header": {"jku": None}}
    assert client.post(REVIEW, json=call(), headers=bearer(token(**fresh))).status_code == 200
    assert client.post(REVIEW, json=call(), headers=bearer(token(key="other", **fresh))).status_code == 401
    assert client.post(REVIEW, json=call()).status_code == 401


def test_keys_are_fetched_from_the_url_of_the_configuration_and_from_nowhere_else(
    tmp_path: Path, book: RuleBook
) -> None:
    own, foreign = Listener(lambda _: ok(key_set())), Listener(lambda _: ok(key_set("ES384")))
    try:
        url = f"http://127.0.0.1:{own.port}/jwks"
        text = f"public url: https://cds.example.org\nissuers:\n  - issuer: {EHR}\n    keys url: {url}\n"
        text += "fetch from loopback: yes\n"
        client = client_of(build_service(read_settings(written(tmp_path, text)), book))
        now = time.time()
        for jku, status in ((url, 200), (f"http://127.0.0.1:{foreign.port}/jwks", 401), (None, 200)):
            text = token(iat=now, exp=now + 200, header={"jku": jku})
            assert client.post(REVIEW, json=call(), headers=bearer(text)).status_code == status
        assert (len(own.seen), foreign.seen) == (1, [])
    finally:
        own.close()
        foreign.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "cds", "serve", *words]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [(("--host", "0.0.0.0"), "loopback"), (("--origin", "*"), "is not an origin"),  # noqa: S104 - refused
     (("--origin", "https://x.example/path"), "without path"), (("--config", "none.yaml"), "cannot be opened"),
     (("--port", "99999"), "99999"), (("--rules", "nowhere"), "no folder of rule files")],
)  # fmt: skip
def test_a_service_that_may_not_start_says_why(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


@pytest.mark.slow
def test_a_switches_file_that_is_not_there_stops_the_start_until_an_empty_one_is_made(tmp_path: Path) -> None:
    config = written(tmp_path, "switches: swiches.yaml\nlisten:\n  port: 0\n")
    done = subprocess.run(command("--config", str(config)), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr, "CDS Hooks services" in done.stderr) == (2, False, False)
    assert f"'{tmp_path / 'swiches.yaml'}' is not there" in done.stderr
    assert "make an empty file there" in done.stderr
    (tmp_path / "swiches.yaml").touch()
    with running("--config", str(config)) as (base, _):
        assert httpx2.get(f"{base}/readyz", trust_env=False).json() == {"status": "ready"}


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_before_anything_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(command("--port", port), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, f"port {port} cannot be listened on" in done.stderr) == (2, True), done.stderr
    assert "CDS Hooks services" not in done.stderr


@contextmanager
def running(*words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A service on a free port of this machine."""
    port = free_port()
    with subprocess.Popen(command("--port", str(port), *words), cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(600):
                try:
                    if httpx2.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                        break
                except httpx2.TransportError:
                    pass
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


@pytest.mark.slow
def test_the_steps_of_the_guide_to_a_signed_call_work_as_they_are_written(tmp_path: Path) -> None:
    (make_keys,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    (attempt,) = [text for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.S) if "client-public.json" in text]
    (invoke,) = re.findall(r"^cds (invoke .+)$", GUIDE, re.M)
    subprocess.run([sys.executable, "-c", make_keys], cwd=tmp_path, check=True, timeout=60)
    with running("--config", str(written(tmp_path, attempt))) as (base, _):
        words = invoke.replace("http://127.0.0.1:8080", base).replace("client-private", f"{tmp_path}/client-private")
        client = [sys.executable, "-m", "cds", *words.split()]
        done = subprocess.run(client, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert (done.returncode, "consider pausing" in done.stdout) == (0, True), done.stderr
        assert httpx2.get(f"{base}/cds-services", trust_env=False).status_code == 401
        assert httpx2.get(base, trust_env=False).status_code == 404
        sample = (ROOT / "fhir_samples/high-calcium/bundle.json").read_bytes()
        kind: Any = {"content-type": "application/json"}
        found = httpx2.post(f"{base}/evaluate", content=sample, headers=kind, trust_env=False)
        assert (found.status_code, "hold" in found.text) == (404, False)


@pytest.mark.slow
def test_a_running_service_answers_warns_keeps_records_and_ends_in_good_order(tmp_path: Path) -> None:
    config = written(tmp_path, "records: records.sqlite\npseudonym key: key\n")
    with running("--config", str(config), "--origin", "https://sandbox.cds-hooks.org") as (base, process):
        sandbox = {"origin": "https://sandbox.cds-hooks.org"}
        found = httpx2.post(f"{base}{REVIEW}", json=call(), headers=sandbox, trust_env=False)
        assert (found.status_code, found.headers["access-control-allow-origin"]) == (200, sandbox["origin"])
        assert found.json()["cards"]
        giant: Any = {"authorization": "Bearer " + "x" * 5_000_000}
        with suppress(httpx2.TransportError):
            refused = httpx2.post(f"{base}{REVIEW}", json=call(), headers=giant, trust_env=False)
            assert refused.status_code in (400, 431)
        assert httpx2.get(f"{base}/livez", trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert "Warning: this service has no authentication" in said
    assert all(f'"event":"{event}"' in said for event in ("records-begun", "pseudonym-key-made"))
    assert "Traceback" not in said
    assert "Practitioner/1" not in said
    verify = [sys.executable, "-m", "cds", "log", "verify", "--database", str(tmp_path / "records.sqlite")]
    done = subprocess.run(verify, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.startswith("1 records")) == (0, True), done.stdout + done.stderr
