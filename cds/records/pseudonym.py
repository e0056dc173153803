"""Keyed hashes in place of the ids of patients and users: the same person is recognised, and nobody is named."""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from cds.errors import CdsError
from cds.records.card_ids import CardIds

SHORTEST_KEY = 32
"""Bytes of a key: as many as the hash gives (NIST SP 800-107)."""

FINGERPRINTED = b"calcium-cds: which key is this"
"""What the fingerprint is of: nothing that is a pseudonym too, which all have a zero byte."""


class Pseudonyms:
    """HMAC-SHA-256 with a key of the installation; tenants never share a pseudonym.

    ``fingerprint`` tells keys apart (16 hexadecimal digits), ``card_ids`` are the ids of cards by the same key.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < SHORTEST_KEY:
            raise CdsError(f"The key of the pseudonyms is too short. Use at least {SHORTEST_KEY} random bytes.")
        self._begun = hmac.new(key, digestmod="sha256")
        self.fingerprint = hmac.new(key, FINGERPRINTED, "sha256").hexdigest()[:16]
        self.card_ids = CardIds(key, self.fingerprint)

    def patient(self, identity: str, tenant: str = "") -> str:
        """32 hexadecimal digits for a patient id; empty for an empty one."""
        return self._of("Patient", identity.removeprefix("Patient/"), tenant)

    def user(self, identity: str, tenant: str = "") -> str:
        """32 hexadecimal digits for a user (``Practitioner/1``); empty for an empty one."""
        return self._of("user", identity, tenant)

    def _of(self, kind: str, identity: str, tenant: str) -> str:
        if not identity:
            return ""
        hashing = self._begun.copy()
        hashing.update("\0".join((kind, tenant, identity)).encode(errors="replace"))
        return hashing.hexdigest()[:32]


def load_key(path: Path) -> bytes:
    """The key in a file.

    Raises:
        CdsError: the file cannot be read.

    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CdsError(f"the key file '{path}' cannot be used: {error.strerror}.") from None


def load_or_create_key(path: Path) -> bytes:
    """The key in a file; a new random one, readable by its owner alone, where there is no such file.

    Raises:
        CdsError: the file cannot be read or written.

    """
    try:
        if not path.exists():
            _write_once(path, secrets.token_bytes(SHORTEST_KEY))
        return path.read_bytes()
    except OSError as error:
        raise CdsError(f"the key file '{path}' cannot be used: {error.strerror}.") from None


def _write_once(path: Path, key: bytes) -> None:
    """The file appears whole, and of two processes that start at once one wins."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(unfinished, path)
    unfinished.unlink()
