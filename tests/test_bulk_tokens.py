"""``cds population export``: tokens by SMART Backend Services, which stay with the server that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from bulk_server import BulkData, Reply, export, outcome, registered, serving, who
from click.testing import CliRunner
from joserfc.jwk import ECKey, RSAKey

from cds.bulk.access import scope_of
from cds.bulk.addresses import Reach
from cds.bulk.problems import ExportError
from cds.cli import app as cli

PUBLIC = "https://bulk.example.org/fhir"


@pytest.fixture
def server() -> Iterator[BulkData]:
    with serving(BulkData()) as found:
        yield found


@pytest.fixture
def other() -> Iterator[BulkData]:
    """A server with another origin."""
    with serving(BulkData()) as found:
        yield found


@pytest.fixture
def key(server: BulkData, tmp_path: Path) -> Path:
    """The file of a registered key; the server asks for a token from now on."""
    return registered(server, ECKey.generate_key("P-384", parameters={"kid": "mine"}), tmp_path)


@pytest.mark.parametrize(
    "url", ["http://bulk.example.org/fhir", "ftp://bulk.example.org", "https://a@b.example.org/fhir"]
)
def test_a_url_of_plain_http_or_with_a_user_is_not_called(url: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["population", "export", url, "--out", str(tmp_path / "x")])
    assert done.exit_code == 2
    assert "[address-refused]" in done.stderr


def test_no_token_goes_over_plain_http_whatever_is_allowed(tmp_path: Path, key: Path) -> None:
    place = ["http://bulk.example.org/fhir", "--out", str(tmp_path / "x"), "--insecure-http", *who(key)]
    done = CliRunner().invoke(cli, ["population", "export", *place])
    assert done.exit_code == 2
    assert "no token is sent by http" in done.stderr


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_token_is_asked_for_as_smart_has_it(server: BulkData, tmp_path: Path, kind: str) -> None:
    more: Any = {"kid": f"mine-{kind}"}
    pair = ECKey.generate_key("P-384", more) if kind == "EC" else RSAKey.generate_key(2048, more)
    mine = registered(server, pair, tmp_path)
    server.requires_token = True
    done = export(server, tmp_path / "x", "--type", "Patient", "--type", "Observation", *who(mine))
    assert done.exit_code == 0, done.output
    assert server.scopes == ["system/Patient.read system/Observation.read"]
    assert {one.token for one in server.asked if one.path.startswith(("/fhir/Patient", "/jobs", "/files"))} == {
        "Bearer SECRET-TOKEN-0"
    }
    assert all("SECRET" not in path.read_text() for path in (tmp_path / "x").iterdir())


def test_the_token_url_and_the_scope_may_be_named(server: BulkData, tmp_path: Path, key: Path) -> None:
    named = ("--token-url", f"{server.base}/token", "--scope", "system/*.rs")
    assert export(server, tmp_path / "x", *named, *who(key)).exit_code == 0
    assert server.scopes == ["system/*.rs"]
    assert not server.of("GET", "/fhir/.well-known")


@pytest.mark.parametrize(
    ("types", "capabilities", "scope"),
    [
        ((), None, "system/*.read"),
        (("Patient",), ["permission-v1", "permission-v2"], "system/Patient.read"),
        (("Patient", "Condition"), ["permission-v2"], "system/Patient.rs system/Condition.rs"),
    ],
)
def test_scopes_are_as_narrow_as_the_export(types: tuple[str, ...], capabilities: Any, scope: str) -> None:
    assert scope_of(types, capabilities) == scope


def test_a_client_that_is_not_registered_is_told_so(server: BulkData, tmp_path: Path, key: Path) -> None:
    done = export(server, tmp_path / "x", "--client-id", "nobody", "--key", key)
    assert done.exit_code == 1
    assert "gives no token (status 400: invalid_client)" in done.stderr
    assert "[no-token]" in done.stderr
    assert not server.begun()


def test_an_authorization_server_that_is_down_for_a_moment_is_asked_again_with_a_new_assertion(
    server: BulkData, tmp_path: Path, key: Path
) -> None:
    server.token_replies.extend([Reply(503), Reply(429)])
    assert export(server, tmp_path / "x", *who(key)).exit_code == 0
    assertions = [one.body for one in server.of("POST", "/token")]
    assert len(set(assertions)) == len(assertions) == 3


def test_a_token_is_renewed_before_it_expires_and_when_it_is_refused(
    server: BulkData, tmp_path: Path, key: Path
) -> None:
    server.lifetime, server.polls, server.requires_token = 0.04, 4, True
    assert export(server, tmp_path / "x", *who(key)).exit_code == 0
    assert len(server.given) > 3
    server.lifetime, server.polls, server.ended = 300, 1, False
    given = len(server.given)
    server.statuses.append(Reply(401))
    assert export(server, tmp_path / "y", *who(key)).exit_code == 0
    assert len(server.given) == given + 2


def test_a_token_that_is_refused_again_is_not_asked_for_for_ever(server: BulkData, tmp_path: Path, key: Path) -> None:
    server.statuses.extend([Reply(401)] * 3)
    done = export(server, tmp_path / "x", *who(key))
    assert done.exit_code == 1
    assert "[no-token]" in done.stderr
    assert len(server.given) == 2


def test_files_that_need_no_token_get_none(server: BulkData, tmp_path: Path, key: Path) -> None:
    assert export(server, tmp_path / "x", *who(key)).exit_code == 0
    assert {one.token for one in server.of("GET", "/files")} == {""}


def test_files_of_another_origin_get_the_token_only_where_the_user_trusts_it(
    server: BulkData, other: BulkData, tmp_path: Path, key: Path
) -> None:
    server.requires_token, server.elsewhere = True, other.base
    done = export(server, tmp_path / "x", *who(key))
    assert done.exit_code == 1
    assert f"add --trust-origin {other.base} [address-refused]" in done.stderr
    assert other.asked == []
    other.protected, other.requires_token, other.tokens = True, True, server.tokens
    assert export(server, tmp_path / "x", "--trust-origin", other.base, *who(key)).exit_code == 0
    assert all(one.token for one in other.asked)
    assert len(server.begun()) == 1


def test_a_status_url_of_another_origin_does_not_get_the_token(
    server: BulkData, other: BulkData, tmp_path: Path, key: Path
) -> None:
    server.status_elsewhere = other.base
    assert "[address-refused]" in export(server, tmp_path / "x", *who(key)).stderr
    assert other.asked == []


def test_a_redirect_to_another_origin_is_followed_without_the_token_and_stays_without_it(
    server: BulkData, other: BulkData, tmp_path: Path, key: Path
) -> None:
    server.requires_token = True
    server.redirects["1.Patient.ndjson"] = f"{other.base}/files/1.Patient.ndjson?signature=SECRET"
    assert export(server, tmp_path / "x", *who(key)).exit_code == 0
    assert [(one.path, one.token) for one in other.asked] == [("/files/1.Patient.ndjson", "")]
    other.redirects["1.Patient.ndjson"] = f"{server.base}/files/1.Observation.ndjson"
    server.counts["1.Patient.ndjson"], server.ended = None, False
    server.asked.clear()
    assert export(server, tmp_path / "y", *who(key)).exit_code == 1
    assert {one.token == "" for one in server.of("GET", "/files/1.Observation")} == {True, False}


def test_redirects_end(server: BulkData, tmp_path: Path) -> None:
    server.redirects["1.Patient.ndjson"] = "/files/1.Patient.ndjson"
    assert "redirects more than 5 times. [address-refused]" in export(server, tmp_path / "x").stderr
    assert len(server.of("GET", "/files/1.Patient")) == 6


@pytest.mark.parametrize(
    ("server_url", "url", "called"),
    [
        (PUBLIC, "https://files.example.org/1", True),
        (PUBLIC, "https://10.1.2.3/1", True),
        (PUBLIC, "http://bulk.example.org/1", False),
        (PUBLIC, "https://127.0.0.1/1", False),
        (PUBLIC, "https://[::1]/1", False),
        (PUBLIC, "https://[::ffff:127.0.0.1]/1", False),
        (PUBLIC, "https://localhost/1", False),
        (PUBLIC, "https://localhost./1", False),
        (PUBLIC, "https://127.1/1", False),
        (PUBLIC, "https://2130706433/1", False),
        (PUBLIC, "http://169.254.169.254/latest/meta-data", False),
        (PUBLIC, "https://169.254.169.254/latest/meta-data", False),
        (PUBLIC, "file:///etc/passwd", False),
        (PUBLIC, "https://user@files.example.org/1", False),
        ("http://127.0.0.1:8000/fhir", "http://127.0.0.1:9000/1", True),
    ],
)
def test_no_server_leads_a_request_to_this_machine_or_to_plain_http(server_url: str, url: str, called: bool) -> None:
    with nullcontext() if called else pytest.raises(ExportError):
        Reach(server_url).check(url)


@pytest.mark.parametrize(
    ("url", "called"), [("http://bulk.example.org:81/1", True), ("http://files.example.org/1", False)]
)
def test_insecure_http_is_for_the_host_of_the_server_alone(url: str, called: bool) -> None:
    with nullcontext() if called else pytest.raises(ExportError):
        Reach("http://bulk.example.org/fhir", plain=True).check(url)


@pytest.mark.parametrize(
    ("url", "gets"),
    [
        ("https://bulk.example.org:443/x", True), ("https://BULK.example.org/x", True),
        ("https://bulk.example.org:8443/x", False), ("https://bulk.example.org.evil.example/x", False),
        ("https://trusted.example.org/x", True), ("https://sub.trusted.example.org/x", False),
    ],
)  # fmt: skip
def test_the_token_is_for_an_origin_and_no_more(url: str, gets: bool) -> None:
    assert Reach(PUBLIC, frozenset({"https://trusted.example.org:443"})).gets_token(url) == gets


def test_a_proxy_of_the_environment_sees_nothing_of_plain_http(
    server: BulkData, other: BulkData, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, other.base)
    assert export(server, tmp_path / "x", *who(key)).exit_code == 0
    assert other.asked == []


def test_a_server_that_repeats_the_token_does_not_bring_it_to_the_screen(
    server: BulkData, tmp_path: Path, key: Path
) -> None:
    server.statuses.append(Reply(400, body=outcome("I do not like SECRET-TOKEN-0 at all")))
    assert "I do not like … at all" in export(server, tmp_path / "x", *who(key)).stderr
