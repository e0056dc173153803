"""Findings: a sentence, or a join of other findings."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from cds.rulebook.model.frozen import Spot
from cds.rulebook.sentences import Sentence

Sense = Literal["is", "not", "without", "unsure about", "possible", "proven", "in doubt if"]


class Part(NamedTuple):
    """A finding in a list: as it is, negated (``not``), or one of five questions about what is known.

    ``proven`` is present when the finding is, else absent; ``without`` is the opposite; ``possible`` is present
    unless the finding is absent, ``unsure about`` when it is unknown; these four are never unknown themselves.
    ``in doubt if`` is unknown when the finding is present, else present: it makes what stands beside it unknown.
    """

    finding: str
    sense: Sense = "is"

    def __str__(self) -> str:
        """As the rule file says it."""
        return self.finding if self.sense == "is" else f"{self.sense} {self.finding}"


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
