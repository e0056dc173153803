"""Findings: a sentence, or a join of other findings."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from cds.rulebook.model.frozen import Spot
from cds.rulebook.model.sense import Sense
from cds.rulebook.sentences import Sentence


class Part(NamedTuple):
    """A finding in a list, in the sense in which it stands there."""

    finding: str
    sense: Sense = Sense.IS

    def __str__(self) -> str:
        """As the rule file says it."""
        return self.sense.of(self.finding)


class Joined(NamedTuple):
    """Findings joined by *all* or *any* (Kleene's three-valued logic)."""

    how: Literal["all", "any"]
    parts: tuple[Part, ...]


Definition: TypeAlias = "Sentence | Joined"


class Finding(NamedTuple):
    """A named statement about the patient; ``text`` is its sentence as the rule file has it, empty if joined."""

    name: str
    definition: Definition
    says: str
    evidence: tuple[str, ...]
    chapter: str
    spot: Spot
    text: str = ""
