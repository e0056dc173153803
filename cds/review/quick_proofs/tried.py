"""All that is tried of the promises in a fraction of a second; ``cds prove`` asks a solver for the rest."""

from __future__ import annotations

from typing import NamedTuple

from cds.errors import Problem
from cds.review.known_cases import KnownCases
from cds.review.quick_proofs.contradictions import contradiction_problems
from cds.review.quick_proofs.ladder import ladders_of
from cds.review.quick_proofs.ladder_problems import ladder_problems
from cds.review.quick_proofs.looser import looser_with_less


class Tried(NamedTuple):
    """What was found, and on how much it was tried.

    ``ladders`` were looked at exactly, for every value; ``patients`` are the telling cases whose answer could become
    more permissive, ``losses`` the results that were taken from them, one at a time.
    """

    problems: tuple[Problem, ...] = ()
    ladders: int = 0
    patients: int = 0
    losses: int = 0


def quick_proofs(known: KnownCases) -> Tried:
    """Gaps and overlaps of ladders, contradictions in cases, and answers that become more permissive with less."""
    looser = looser_with_less(known)
    problems = (*ladder_problems(known.book), *contradiction_problems(known), *looser.problems)
    return Tried(problems, len(list(ladders_of(known.book))), looser.patients, looser.losses)
