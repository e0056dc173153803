"""What of an export has to be read at all, compiled from a rulebook: types, and never codes.

A type that nothing reads says nothing about the question, unless it holds other resources. Codes cannot be passed over
before a resource was read: a name may say what its code does not, and what was not understood is never absent.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cds.intake.bundles.bundle import READ
from cds.intake.bundles.people import SHARED
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.elsewhere import LOOKED_AT
from cds.intake.passed_over import TYPES_NOT_READ

REPORTS = frozenset({"DiagnosticReport", "OperationOutcome"})
REFERRED_TO = SHARED | {"Substance"}
"""The types that belong to no patient and say what a medicine is."""


class Projection(NamedTuple):
    """The types that are read for a patient, and those of what patients' records refer to."""

    read: frozenset[str]
    referred_to: frozenset[str]

    def passes_over(self, kind: str, line: bytes) -> bool:
        """Whether a line of this type says nothing about the question, whatever else it holds."""
        return kind not in self.read and kind in R4_TYPES and b'"contained"' not in line


@lru_cache(maxsize=1)
def projection() -> Projection:
    """What has to be read. It is the same for every rulebook so far: which types intake knows is no matter of rules."""
    read = frozenset(READ) | LOOKED_AT.keys() | TYPES_NOT_READ | REPORTS | REFERRED_TO
    return Projection(read, REFERRED_TO)
