"""What one question about the rulebook came to."""

from __future__ import annotations

from typing import NamedTuple

from cds.proof.report import Found


class Verdict(NamedTuple):
    """It holds for all, is broken (by the patients found, if it needs any), or is not settled (None).

    ``asked`` is how many questions a property came down to that holds: with none it does not.
    """

    holds: bool | None
    says: str
    rules: tuple[str, ...] = ()
    found: Found | None = None
    asked: int = 0
