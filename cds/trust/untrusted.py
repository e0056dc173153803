"""The one answer to whatever is wrong with a token: 401, without a word about what it was."""

from __future__ import annotations

from cds.hooks.refusal import RefusedError

REASONS = ("header", "algorithm", "issuer", "jku", "key", "signature", "claims", "audience", "time", "tenant", "replay")
"""What the journal may say about a refused token; no value of the token is ever part of it."""


class UntrustedError(RefusedError):
    """A caller who could not be verified; ``reason`` is one of REASONS and stays inside."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(401, "Not authorized.", {"WWW-Authenticate": "Bearer"})
