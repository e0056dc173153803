"""Who calls: what a verified token says, and nothing that a caller could make up; else 401."""

from __future__ import annotations

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
"""What the journal may say about a refused token; no value of the token is ever part of it."""


class Caller(NamedTuple):
    """The caller of a request; the issuer is empty while authentication is off.

    The tenant comes from the verified token only.
    """

    issuer: str = ""
    tenant: str = ""
    profile: Profile = GENERIC


NOBODY = Caller()


class UntrustedError(RefusedError):
    """A caller who could not be verified; ``reason`` is one of UNTRUSTED_REASONS and stays inside."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(401, "Not authorized.", {"WWW-Authenticate": "Bearer"})
