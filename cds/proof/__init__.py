"""Proofs about the whole rulebook, for every possible patient, by a solver (the extra ``prove``)."""
