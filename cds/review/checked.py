"""The result of ``cds check``: what is wrong with rule files, and what was looked at."""

from __future__ import annotations

from typing import NamedTuple

from cds.errors import Problem


class Checked(NamedTuple):
    """The result: problems, the failing cases first, then in the order of files; and what was looked at.

    ``mutants`` is how many small changes were tried: none while a case fails, as it would notice every change.
    ``held_back`` is about how many changes nothing is said yet: those not tried, and those that no case can notice
    before a problem named above is solved. ``notes`` say what an overlay overrides; ``warnings`` what whoever signs
    has to know of the evidence. ``ladders``, ``patients`` and ``losses`` are what promises were tried on (see
    ``cds.review.quick_proofs.tried``).
    """

    problems: tuple[Problem, ...]
    rules: int
    cases: int
    mutants: int = 0
    survived: int = 0
    accepted: int = 0
    notes: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    held_back: int = 0
    ladders: int = 0
    patients: int = 0
    losses: int = 0

    @property
    def caught(self) -> float | None:
        """The share of the mutants tried (in percent) that a case notices; None when none was tried."""
        return 100 * (1 - self.survived / self.mutants) if self.mutants else None
