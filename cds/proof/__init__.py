"""Proofs about the whole rulebook, for every possible patient, by a solver (the extra ``prove``).

This package itself needs no solver: ``Proof`` and ``cached_proofs`` serve those who show what was proved.
"""

from cds.proof.report import Proof, cached_proofs

__all__ = ["Proof", "cached_proofs"]
