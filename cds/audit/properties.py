"""The properties that can be proved of a rulebook, each with what became of it in this build: perhaps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cds.proof.report import Proof


class PropertyState(NamedTuple):
    """A property in words (empty where only its proof is known), and its proofs; none where it was not run."""

    name: str
    says: str
    proofs: tuple[Proof, ...]

    @property
    def command(self) -> str:
        """What proves it alone."""
        return f"cds prove --only {self.name}"


def states_of(known: Mapping[str, str], proofs: Iterable[Proof] | None) -> tuple[PropertyState, ...]:
    """The properties by their order, with the proofs that were made for exactly this content of the rules.

    A property that was proved counts as known; so none is empty unless nothing is known and nothing was proved.
    """
    made = tuple(proofs or ())
    names = dict.fromkeys((*known, *(proof.name for proof in made)))
    return tuple(PropertyState(name, known.get(name, ""), tuple(p for p in made if p.name == name)) for name in names)
