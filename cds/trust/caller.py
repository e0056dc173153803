"""Who calls: what a verified token says, and nothing that a caller could make up; else 401."""

from __future__ import annotations

import re
from typing import NamedTuple

from cds.hooks.profiles import GENERIC, Profile
from cds.hooks.refusal import RefusedError

UNTRUSTED_REASONS = (
    "header",
    "algorithm",
    "issuer",
    "jku",
    "key",
    "signature",
    "claims",
    "audience",
    "time",
    "tenant",
    "replay",
)
"""What the journal may say about a refused token; of its values only the issuer, in the form of ``claimed_issuer``."""
_ISSUER = re.compile(r"(?:https?://)?[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}", re.ASCII)


class UsedToken(NamedTuple):
    """A token that a caller used: a digest of its issuer and id, and its end in whole seconds since 1970."""

    digest: bytes
    ends: int


class Caller(NamedTuple):
    """The caller of a request; the issuer is empty, and there is no token, while authentication is off.

    The tenant comes from the verified token only.
    """

    issuer: str = ""
    tenant: str = ""
    profile: Profile = GENERIC
    token: UsedToken | None = None


NOBODY = Caller()


def claimed_issuer(value: object) -> str:
    """What a token that nobody verified names as its issuer; empty of what has not the form of a URL or a word."""
    return value if isinstance(value, str) and _ISSUER.fullmatch(value) else ""


class UntrustedError(RefusedError):
    """A caller who could not be verified; ``reason`` is one of UNTRUSTED_REASONS and stays inside.

    ``claimed`` is the issuer that the caller named, where that could be read and has the form of one (else empty).
    """

    def __init__(self, reason: str, claimed: str = "") -> None:
        self.reason, self.claimed = reason, claimed
        super().__init__(401, "Not authorized.", {"WWW-Authenticate": "Bearer"})
