"""The service speaks TLS with its own certificate, takes a renewed one without a restart, and refuses a wrong one."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from certificates import write_certificate
from test_operation import Lines

from cds.service.access.certificate import Certificate, CertificateError
from cds.service.configuration.reading import ConfigurationError, read_settings
from cds.service.observability.journal import Journal

TLS = "tls certificate: tls.crt\ntls key: tls.key\n"


def ends_of(certificate: Certificate) -> int:
    """When the certificate that new connections get ends, in seconds."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    client = client_context.wrap_bio(into, out)
    server = certificate.context.wrap_bio(out, into, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    raw = client.getpeercert(binary_form=True)
    assert raw is not None
    from cryptography import x509

    return int(x509.load_der_x509_certificate(raw).not_valid_after_utc.timestamp())


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def certificate(tmp_path: Path, lines: Lines) -> Certificate:
    write_certificate(tmp_path)
    return Certificate(tmp_path / "tls.crt", tmp_path / "tls.key", Journal(lines))


def test_a_renewed_certificate_is_that_of_the_next_connection(
    tmp_path: Path, certificate: Certificate, lines: Lines
) -> None:
    before = ends_of(certificate)
    certificate.poll()
    write_certificate(tmp_path, days=200)
    assert ends_of(certificate) == before
    certificate.poll()
    assert ends_of(certificate) > before
    (line,) = lines.events("certificate-renewed")
    assert line["until"] == (datetime.now(timezone.utc) + timedelta(days=200)).date().isoformat()
    assert certificate.report() == ((), ())


def _other_key(folder: Path) -> None:
    kept = (folder / "tls.crt").read_bytes()
    write_certificate(folder)
    (folder / "tls.crt").write_bytes(kept)


BROKEN: dict[str, Callable[[Path], object]] = {
    "half written": lambda folder: (folder / "tls.crt").write_bytes((folder / "tls.crt").read_bytes()[:200]),
    "gone": lambda folder: (folder / "tls.key").unlink(),
    "no text": lambda folder: (folder / "tls.crt").write_bytes(b"\xff\x00"),
    "with a pass phrase": lambda folder: write_certificate(folder, phrase=b"secret"),
    "a key of another": _other_key,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_wrong_one_changes_nothing_and_is_said_until_it_is_right(
    tmp_path: Path, certificate: Certificate, lines: Lines, how: str
) -> None:
    before = ends_of(certificate)
    BROKEN[how](tmp_path)
    certificate.poll()
    assert ends_of(certificate) == before
    (warning,) = certificate.report().warnings
    assert warning.startswith("the new TLS certificate was refused: ")
    assert len(lines.events("certificate-refused")) == 1
    write_certificate(tmp_path, days=300)
    certificate.poll()
    assert (certificate.report().warnings, ends_of(certificate) > before) == ((), True)


@pytest.mark.parametrize("how", BROKEN)
def test_a_wrong_one_stops_the_start_with_the_line_of_the_configuration(tmp_path: Path, how: str) -> None:
    write_certificate(tmp_path)
    BROKEN[how](tmp_path)
    config = tmp_path / "service.yaml"
    config.write_text(TLS, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"service.yaml:1: tls certificate: "):
        read_settings(config)
    with pytest.raises(CertificateError):
        Certificate(tmp_path / "tls.crt", tmp_path / "tls.key", Journal(Lines()))


@pytest.mark.parametrize("line", TLS.splitlines())
def test_a_certificate_needs_its_key(tmp_path: Path, line: str) -> None:
    config = tmp_path / "service.yaml"
    config.write_text(line, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is missing"):
        read_settings(config)


@pytest.mark.parametrize(("days", "warned"), [(14.1, False), (13.9, True), (-1, True)])
def test_its_end_is_told_two_weeks_before(tmp_path: Path, *, days: float, warned: bool) -> None:
    write_certificate(tmp_path, days=days)
    report = Certificate(tmp_path / "tls.crt", tmp_path / "tls.key", Journal(Lines())).report()
    assert (report.problems, bool(report.warnings)) == ((), warned)
