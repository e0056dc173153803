"""A hospital's private network for tests: two hosts in network namespaces of their own, and a certificate authority.

Host ``service`` is 10.20.0.2, host ``ehr`` is 10.20.0.5 and fd12:3456:789a::5; the names of the latter are known by
/etc/hosts of the former. Nothing of it reaches another network. It needs root, and the program ip.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = Path(__file__).resolve().parent
KEYS, FHIR = "keys.hospital.internal", "ehr.hospital.internal"
ADDRESS, ADDRESS6 = "10.20.0.5", "fd12:3456:789a::5"
CLONE_NEWNET = 0x40000000
Key = ec.EllipticCurvePrivateKey


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


class Network:
    """The two hosts; ``names`` are those of their namespaces, of this process alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = {host: f"cds{os.getpid()}{host}" for host in ("service", "ehr")}
        self.hosts = Path("/etc/netns") / self.names["service"]

    def begin(self) -> None:
        service, ehr = self.names["service"], self.names["ehr"]
        for name in (service, ehr):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", service, "link", "add", "to-ehr", "type", "veth", "peer", "name", "to-service", "netns", ehr)
        for name, link, addresses in (
            (service, "to-ehr", ("10.20.0.2/24", "fd12:3456:789a::2/64")),
            (ehr, "to-service", (f"{ADDRESS}/24", f"{ADDRESS6}/64")),
        ):
            for address in addresses:
                nodad = ("nodad",) if ":" in address else ()
                ip("-n", name, "address", "add", address, "dev", link, *nodad)
            ip("-n", name, "link", "set", link, "up")
        self.hosts.mkdir(parents=True)
        (self.hosts / "hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {KEYS} {FHIR}\n", encoding="utf-8")

    def end(self) -> None:
        for name in self.names.values():
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", name)
        shutil.rmtree(self.hosts, ignore_errors=True)
        with suppress(OSError):  # others may have theirs there
            self.hosts.parent.rmdir()

    def command(self, host: str, *words: str) -> list[str]:
        """A command as it is run on a host."""
        return ["ip", "netns", "exec", self.names[host], *words]

    def on(self, host: str, work: Callable[[], Any]) -> Any:
        """What a function gives in a process on a host, which names are not known to."""
        forked = multiprocessing.get_context("fork")
        here, there = forked.Pipe()
        process = forked.Process(target=_moved, args=(f"/run/netns/{self.names[host]}", work, there))
        process.start()
        there.close()
        try:
            found = here.recv()
        finally:
            process.join(60)
        if isinstance(found, BaseException):
            raise found
        return found

    @contextmanager
    def server(self, address: str = ADDRESS) -> Iterator[None]:
        """The key server and FHIR server, while it runs."""
        script = [sys.executable, str(HERE / "hospital_server.py"), str(self.folder), address]
        words = self.command("ehr", *script, str(self.folder / "ehr.pem"), str(self.folder / "ehr.key"))
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            try:
                yield
            finally:
                process.kill()


def _moved(place: str, work: Callable[[], Any], answer: Any) -> None:
    with Path(place).open("rb") as namespace:
        moved = ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET)
    try:
        answer.send(work() if moved == 0 else OSError(ctypes.get_errno(), "setns"))
    except BaseException as error:
        answer.send(error)


@contextmanager
def hospital_network(folder: Path) -> Iterator[Network]:
    """The network, with ``ca.pem`` and the certificate of the host ``ehr`` in the folder; else the test is skipped."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and the program ip")
    network = Network(folder)
    try:
        network.begin()
    except (subprocess.CalledProcessError, OSError) as error:
        network.end()
        pytest.skip(f"network namespaces cannot be made here ({type(error).__name__})")
    write_certificates(folder)
    try:
        yield network
    finally:
        network.end()


def write_certificates(folder: Path) -> None:
    """``ca.pem`` of an authority; ``ehr.pem`` and ``ehr.key`` of a server that it vouches for."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("Hospital CA", authority, "Hospital CA", authority, [])
    names = [x509.DNSName(KEYS), x509.DNSName(FHIR)]
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    own = _certificate("ehr", server, "Hospital CA", authority, names)
    (folder / "ehr.pem").write_bytes(own.public_bytes(pem))
    plain = server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ehr.key").write_bytes(plain)


def _certificate(subject: str, key: Key, issuer: str, signer: Key, names: list[x509.DNSName]) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    is_authority = not names
    others = "content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only"
    usage = dict.fromkeys(others.split(), False)
    usage |= {"digital_signature": not is_authority, "key_cert_sign": is_authority, "crl_sign": is_authority}
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names:
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return built.sign(signer, hashes.SHA256())
