"""The certificate with which the service speaks TLS itself, taken anew when its file changes."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

from cryptography import x509

from cds.errors import CdsError, Problem
from cds.rulebook.yaml_text import Page
from cds.service.configuration.settings import Settings
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal

CERTIFICATE_SECONDS = 30.0
"""Seconds from one look at the files to the next."""
RENEW_BEFORE = timedelta(days=14)


class CertificateError(CdsError):
    """A certificate and a key that cannot be used, and why."""

    code = "certificate"


def read_certificate(context: ssl.SSLContext, certificate: Path, key: Path) -> datetime:
    """Take a certificate and its key into a context; the time at which the certificate ends.

    Raises:
        CertificateError: a file cannot be opened or read, or they do not belong together; the context is as before.

    """
    try:
        # A key with a pass phrase would ask for it on the terminal; there is none. Both are tried apart first: what was
        # loaded halfway would be in force.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: "")
        ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
        context.load_cert_chain(certificate, key, lambda: "")
    except ssl.SSLError as error:
        what = error.reason or "no PEM, or a key with a pass phrase"
        raise CertificateError(f"certificate and key cannot be used together: {what}.") from None
    except OSError as error:
        raise CertificateError(f"a file cannot be opened: {error.strerror}.") from None
    except ValueError:
        raise CertificateError("the certificate is no X.509 certificate in PEM.") from None
    return ends


def tls_problems(settings: Settings, page: Page) -> Iterator[Problem]:
    """What is wrong with the certificate that the configuration names."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is not None and key is not None:
        try:
            read_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate, key)
        except CertificateError as error:
            todo = "Name a certificate in PEM, with those between it and the root, and its key."
            yield page.problem(("tls certificate",), str(error), todo, "wrong-value")
    elif certificate is not None:
        yield page.problem(("tls certificate",), "'tls key' is missing.", "Name the key's file.", "missing-key")
    elif key is not None:
        todo = "Name the certificate's file."
        yield page.problem(("tls key",), "'tls certificate' is missing.", todo, "missing-key")


@lru_cache
def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The one context of this process for these files: a renewed certificate acts on the server that has it."""
    return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)


def tls_context(certificate: Path, key: Path, *_: object) -> ssl.SSLContext:
    """The context with the certificate in it, as uvicorn asks for it in each process.

    Raises:
        CertificateError: it cannot be used.

    """
    context = _context(certificate, key)
    read_certificate(context, certificate, key)
    return context


class Certificate:
    """The certificate in force; ``poll`` is called every half minute, so that a renewed one needs no restart.

    New connections get the new one, those that are open go on. A wrong one changes nothing; journal and ``/readyz`` say
    so, and ``/readyz`` warns two weeks before the end.

    Raises:
        CertificateError: it cannot be used at the start.

    """

    def __init__(
        self,
        certificate: Path,
        key: Path,
        journal: Journal,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._certificate, self._key, self._journal, self._now = certificate, key, journal, now
        self.context = _context(certificate, key)
        self._problem = ""
        self._seen = self._content()
        self._ends = read_certificate(self.context, certificate, key)

    def poll(self) -> None:
        """Look at the files once; what changed acts from the next connection on."""
        found = self._content()
        if found == self._seen:
            return
        self._seen = found
        try:
            self._ends, self._problem = read_certificate(self.context, self._certificate, self._key), ""
        except CertificateError as error:
            self._problem = str(error)
            self._journal.write("certificate-refused", problem=self._problem)
        else:
            self._journal.write("certificate-renewed", until=self._ends.date().isoformat())

    def report(self) -> HealthReport:
        """That the certificate ends soon or has ended, or that a new one was refused; the service goes on."""
        warnings = [f"the new TLS certificate was refused: {self._problem}"] if self._problem else []
        if self._ends - self._now() < RENEW_BEFORE:
            warnings.append(f"the TLS certificate ends on {self._ends.date()}.")
        return HealthReport((), tuple(warnings))

    def _content(self) -> tuple[bytes, bytes]:
        try:
            return self._certificate.read_bytes(), self._key.read_bytes()
        except OSError:
            return b"", b""
