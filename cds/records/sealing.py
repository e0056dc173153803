"""Salted digests: what the chain holds of a content proves it, and once the salt is gone says nothing about it.

A bare SHA-256 of an erased record could be confirmed by guessing: somebody who knows most of a request tries what he
does not know. A random salt that is erased together with what it is of leaves nothing to try.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import NamedTuple

from cds.records.entry import LogEntry, content_of

SALT_BYTES = 32
"""As many as the hash gives, so that the salt is no easier to guess than the digest."""


class Sealed(NamedTuple):
    """A decision as it is kept: its content, the digest of it, and the salts of the content and of the request.

    A request that is not kept is hashed with the salt of the content: as long as the decision is on record, whoever
    brings the request can show that it was this one.
    """

    content: bytes
    digest: str
    salt: bytes
    request_salt: bytes


def salted(salt: bytes, content: bytes) -> str:
    """The SHA-256 of a salt and a content, 64 hexadecimal digits; records of version 0.1 have an empty salt."""
    hashing = sha256(salt)
    hashing.update(content)
    return hashing.hexdigest()


def sealed(entry: LogEntry) -> Sealed:
    """A decision with fresh salts."""
    random = os.urandom(2 * SALT_BYTES)
    salt, request_salt = random[:SALT_BYTES], random[SALT_BYTES:]
    body = salted(request_salt if entry.request_kept else salt, entry.body)
    content = content_of(entry, body, salted(salt, entry.cards))
    return Sealed(content, salted(salt, content), salt, request_salt)
